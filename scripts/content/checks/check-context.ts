/** What the checks of one run share: the content, the workspace that the binder sees, and each query analysed once. */
import type { Diagnostic, Place } from '../../diagnostics/diagnostic.ts';
import type { Catalog } from '../../kql/catalog.ts';
import { analyze } from '../../kql/language-service.ts';
import type { Analysis } from '../../kql/syntax.ts';
import { contentCatalog } from '../catalog.ts';
import type { Content, Source } from '../model.ts';
import { parsedSource } from '../read-content.ts';
import type { DocumentPath } from '../source-map.ts';

/** One rule about content: pure, told everything it needs. */
export type Check = (context: CheckContext) => Diagnostic[];

/** A KQL text of the package and where it stands. */
export interface QuerySite {
  kind: 'rule' | 'hunting' | 'function';
  source: Source;
  path: DocumentPath;
  query: string;
}

export class CheckContext {
  readonly content: Content;
  readonly catalog: Catalog;
  /** The same workspace without the package's functions, in which a deployed rule has to stand alone. */
  readonly bareCatalog: Catalog;
  #analyses = new Map<string, Analysis>();
  #bareAnalyses = new Map<string, Analysis>();

  constructor(content: Content) {
    this.content = content;
    this.catalog = contentCatalog(content);
    this.bareCatalog = { ...this.catalog, functions: [] };
  }

  /** Every query of rules, hunting queries and functions, in that order. */
  querySites(): QuerySite[] {
    const { rules, huntingQueries, functions } = this.content;
    return [
      ...rules.map(({ source, value }): QuerySite => ({ kind: 'rule', source, path: ['query'], query: value.query })),
      ...huntingQueries.map(
        ({ source, value }): QuerySite => ({ kind: 'hunting', source, path: ['query'], query: value.query }),
      ),
      ...functions.map(
        ({ source, value }): QuerySite => ({
          kind: 'function',
          source,
          path: ['FunctionQuery'],
          query: value.FunctionQuery,
        }),
      ),
    ];
  }

  /** A query bound in the workspace with the package's functions. */
  analyze(query: string): Analysis {
    return cached(this.#analyses, query, () => analyze(query, this.catalog));
  }

  /** A query bound in a workspace without them. */
  analyzeAlone(query: string): Analysis {
    return cached(this.#bareAnalyses, query, () => analyze(query, this.bareCatalog));
  }

  /** The place of the value (or key) at `path` of a file. */
  place(source: Source, path: DocumentPath, part: 'key' | 'value' = 'value'): Place {
    return parsedSource(source).place(path, part);
  }

  /** The place of a range of characters of the query at `path`. */
  placeInQuery(site: Pick<QuerySite, 'source' | 'path'>, start: number, length: number): Place {
    return parsedSource(site.source).placeInString(site.path, start, length);
  }
}

function cached<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  cache.set(key, made);
  return made;
}
