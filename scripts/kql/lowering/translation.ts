/** What one query gathers while it is lowered: stages, parameters, TypeScript functions, and how it refuses. */
import type { Column, Visualization } from '../../engines/query-engine.ts';
import type { Catalog, TableSchema } from '../catalog.ts';
import { type KqlRange, KqlRuntimeError, KqlUnsupported, rangeAt } from '../errors.ts';
import type { SqlExpression } from '../functions/registry.ts';
import type { SyntaxNode } from '../syntax.ts';
import { quoteName, type Relation } from './relation.ts';
import { runtimeFunction } from './runtime.ts';

/** Which bounds of the visibility a run sets; each one is a condition of every stored-table scan. */
export interface Bounds {
  timeFrom?: boolean;
  timeTo?: boolean;
  ingestedFrom?: boolean;
  ingestedTo?: boolean;
}

/** A query as SQL that reads its clock and its bounds from the table `CLOCK`. */
export interface TranslatedQuery {
  columns: readonly Column[];
  sql(bounds: Bounds): string;
  /** SQL names of the TypeScript functions that it calls. */
  runtime: readonly string[];
  /** Stored tables that it reads, with the columns that it knows of them. */
  tables: readonly TableSchema[];
  visualization?: Visualization;
}

/** Name of the physical column that holds the time of ingestion in every stored table. */
export const INGESTED = quoteName('$ingested');

/**
 * The table of one row that holds what changes from run to run, in ticks. DuckDB plans a statement with parameters anew in
 * each run, which costs far more than to run it; a statement that reads the times from a table is planned once.
 */
export const CLOCK = quoteName('$clock');
export const clockTimes = ['now', 'time_from', 'time_to', 'ingested_from', 'ingested_to'] as const;

/** SQL of one of the times. */
export function clockTime(name: (typeof clockTimes)[number]): string {
  return `(SELECT ${name} FROM ${CLOCK})`;
}

/** A called function: where it is declared in the query (a stored function: nowhere), and the call. */
export interface CalledBody {
  name: string;
  declaration: SyntaxNode | undefined;
  call: SyntaxNode;
}

interface Stage {
  sql: (bounds: Bounds) => string;
  /** Costly enough to be kept when it is read more than once. */
  heavy: boolean;
  recursive?: boolean;
}

export class Translation {
  readonly text: string;
  readonly catalog: Catalog;
  /** Whether any part of the query reads ingestion_time(): only then do stages carry it. */
  readonly usesIngestion: boolean;
  readonly runtime = new Set<string>();
  readonly tables = new Map<string, TableSchema>();
  /** Tables that the query names with `as`. */
  readonly named = new Map<string, Relation>();
  /** Calls that were lowered before: the same function with the same constant arguments is one stage, not one a call. */
  readonly calls = new Map<object | string, Map<string, Relation | SqlExpression>>();
  /** Whose body the tree of a called function is, by its root: places in it are places in that text. */
  readonly bodies = new Map<SyntaxNode, CalledBody>();
  /** Columns that the binder believes in and no row has. */
  readonly phantoms = new Set<string>();
  visualization: Visualization | undefined;
  readonly #stages = new Map<string, Stage>();
  #counter = 0;

  constructor(text: string, catalog: Catalog, usesIngestion: boolean) {
    this.text = text;
    this.catalog = catalog;
    this.usesIngestion = usesIngestion;
  }

  readonly now: SqlExpression = { sql: clockTime('now'), type: 'datetime' };

  /** A hidden column name that nothing else has. */
  readonly fresh = (): string => `"$${++this.#counter}"`;

  /** Adds a stage; answers its name for FROM. */
  stage(sql: string | ((bounds: Bounds) => string), options: { heavy?: boolean } = {}): string {
    const name = `"#${++this.#counter}"`;
    this.#stages.set(name, { sql: typeof sql === 'string' ? () => sql : sql, heavy: options.heavy ?? false });
    return name;
  }

  /** Adds a stage that reads itself. */
  recursiveStage(sql: (self: string) => string): string {
    const name = `"#${++this.#counter}"`;
    const text = sql(name);
    this.#stages.set(name, { sql: () => text, heavy: true, recursive: true });
    return name;
  }

  callRuntime(name: string): string {
    if (!runtimeFunction(name)) throw new Error(`no TypeScript function is registered as ${name}`);
    this.runtime.add(name);
    return name;
  }

  range(node: SyntaxNode): KqlRange {
    return rangeAt(this.text, Math.min(node.start, this.text.length), Math.max(0, node.end - node.start));
  }

  unsupported(feature: string, node: SyntaxNode, why?: string): never {
    throw new KqlUnsupported(feature, this.range(node), why);
  }

  /** Refuses without a better place than the whole query. */
  unsupportedAt(feature: string): never {
    throw new KqlUnsupported(feature, rangeAt(this.text, 0, this.text.length));
  }

  fail(message: string, node: SyntaxNode): never {
    throw new KqlRuntimeError(message, this.range(node));
  }

  /** The whole statement for a relation: the stages that it reaches, then its rows in their order. */
  render(relation: Relation, orderBy: string | undefined, bounds: Bounds): string {
    const columns = relation.columns.map((column) => column.sql).join(', ') || 'NULL AS "$none"';
    const last = `SELECT ${columns} FROM ${relation.from}${orderBy ? ` ORDER BY ${orderBy}` : ''}`;
    const uses = new Map<string, number>();
    const texts = new Map<string, string>();
    const visit = (sql: string): void => {
      for (const [name] of sql.matchAll(/"#\d+"/g)) {
        const stage = this.#stages.get(name);
        if (!stage) continue;
        uses.set(name, (uses.get(name) ?? 0) + 1);
        if (texts.has(name)) continue;
        const text = stage.sql(bounds);
        texts.set(name, text);
        visit(text);
      }
    };
    visit(last);
    // A stage that is read more than once is kept where it, or what it reads and nothing keeps, costs something.
    const costs = new Map<string, boolean>();
    const keeps = (name: string): boolean => (uses.get(name) ?? 0) > 1 && cost(name);
    const cost = (name: string): boolean => {
      const known = costs.get(name);
      if (known !== undefined) return known;
      const stage = this.#stages.get(name);
      costs.set(name, stage?.heavy ?? false);
      const reads = [...(texts.get(name) ?? '').matchAll(/"#\d+"/g)].map(([read]) => read);
      const made = (stage?.heavy ?? false) || reads.some((read) => !keeps(read) && cost(read));
      costs.set(name, made);
      return made;
    };
    const stages = [...this.#stages]
      .filter(([name]) => texts.has(name))
      .map(([name, stage]) => {
        const hint = stage.recursive ? '' : keeps(name) ? 'MATERIALIZED ' : 'NOT MATERIALIZED ';
        return `${name} AS ${hint}(${texts.get(name)})`;
      });
    const recursive = [...this.#stages].some(([name, stage]) => stage.recursive && texts.has(name));
    return stages.length ? `WITH ${recursive ? 'RECURSIVE ' : ''}${stages.join(',\n')}\n${last}` : last;
  }
}
