/** What the checks of one run share: the content, the workspace that the binder sees, and each query analysed once. */
import type { Diagnostic, Place } from '../../diagnostics/diagnostic.ts';
import type { Catalog } from '../../kql/catalog.ts';
import { bodyAsQuery } from '../../kql/function-body.ts';
import { analyze, builtIns } from '../../kql/language-service.ts';
import type { Analysis } from '../../kql/syntax.ts';
import { contentCatalog, kqlFunction } from '../catalog.ts';
import { calledFunctions } from '../deployable-query.ts';
import type { Content, Source, WorkspaceFunction } from '../model.ts';
import { mergeFacts, type QueryFacts, queryFacts } from '../query-facts.ts';
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
  #analyses = new Map<string, Analysis>();
  #builtIns: readonly string[] | undefined;
  #facts = new Map<string, QueryFacts>();

  constructor(content: Content) {
    this.content = content;
    this.catalog = contentCatalog(content);
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

  /** Names of the functions and aggregates that Kusto brings. */
  get builtInNames(): readonly string[] {
    this.#builtIns ??= Object.values(builtIns()).flat();
    return this.#builtIns;
  }

  /** A query bound in the workspace with the package's functions. */
  analyze(query: string): Analysis {
    return cached(this.#analyses, query, () => analyze(query, this.catalog));
  }

  /** The body of a function bound with its parameters in scope, and where the body begins in the text that was bound. */
  analyzeFunction(definition: WorkspaceFunction): { analysis: Analysis; offset: number } {
    const { text, offset } = bodyAsQuery(kqlFunction(definition));
    return { analysis: this.analyze(text), offset };
  }

  /** The package's functions that a query needs; undefined where they call each other in a circle. */
  functionsCalledBy(query: string): WorkspaceFunction[] | undefined {
    try {
      return calledFunctions(query, this.content);
    } catch {
      return undefined;
    }
  }

  /** What the query of a site reads and compares, through all the package's functions that it calls. */
  factsOf(query: string): QueryFacts {
    return cached(this.#facts, query, () => {
      const all = [queryFacts(this.analyze(query))];
      for (const definition of this.functionsCalledBy(query) ?? []) {
        all.push(
          cached(this.#facts, definition.FunctionQuery, () => queryFacts(this.analyzeFunction(definition).analysis)),
        );
      }
      return mergeFacts(all);
    });
  }

  /** The aliases that a text itself hands to `_GetWatchlist`, with their ranges in the text. */
  watchlistsOf(site: QuerySite): { alias: string; start: number; length: number }[] {
    const { analysis, offset } = this.analyzeSite(site);
    return [...queryFacts(analysis).watchlists].map(([alias, node]) => ({
      alias,
      start: node.start - offset,
      length: node.end - node.start,
    }));
  }

  /** The bound tree of a site, and where its text begins in the text that was bound. */
  analyzeSite(site: QuerySite): { analysis: Analysis; offset: number } {
    const definition = this.content.functions.find((item) => item.source === site.source)?.value;
    return definition === undefined
      ? { analysis: this.analyze(site.query), offset: 0 }
      : this.analyzeFunction(definition);
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
