/** What one query gathers while it is lowered: stages, parameters, TypeScript functions, and how it refuses. */
import type { Column, Visualization } from '../../engines/query-engine.ts';
import type { Catalog, TableSchema } from '../catalog.ts';
import { type KqlRange, KqlRuntimeError, KqlUnsupported, rangeAt } from '../errors.ts';
import type { SqlExpression } from '../functions/registry.ts';
import type { SyntaxNode } from '../syntax.ts';
import { quoteName, type Relation } from './relation.ts';
import { runtimeFunction } from './runtime.ts';

/** What the statement restricts; each bound is a condition of every stored-table scan. */
export interface Bounds {
  timeFrom?: boolean;
  timeTo?: boolean;
  ingestedFrom?: boolean;
  ingestedTo?: boolean;
  /** The stored tables hold the rows of several workspaces: a run sees those of its own. */
  workspace?: boolean;
}

/** A query as SQL that reads its clock and its bounds from the table `CLOCK`. */
export interface TranslatedQuery {
  columns: readonly Column[];
  /** The statement for the one run that the clock holds. */
  sql(bounds: Bounds): string;
  /**
   * The statement for all runs that the clock holds: its rows are those of `sql` with the number of their run before them,
   * and a hidden column behind them.
   */
  sqlOfEachRun(bounds: Bounds): string;
  /** SQL names of the TypeScript functions that it calls. */
  runtime: readonly string[];
  /** Stored tables that it reads, with the columns that it knows of them. */
  tables: readonly TableSchema[];
  visualization?: Visualization;
}

/** Name of the physical column that holds the time of ingestion in every stored table. */
export const INGESTED = quoteName('$ingested');

/** Name of the physical column that tells whose row it is, where the stored tables hold those of several workspaces. */
export const WORKSPACE = quoteName('$workspace');

/**
 * The table that holds what changes from run to run: the number of the run, its workspace, and its times in ticks. DuckDB
 * plans a statement with parameters anew in each run, which costs far more than to run it; a statement that reads them from
 * a table is planned once.
 */
export const CLOCK = quoteName('$clock');
export const clockColumns = [
  'run',
  'workspace',
  'now',
  'time_from',
  'time_to',
  'ingested_from',
  'ingested_to',
] as const;
export type ClockColumn = (typeof clockColumns)[number];

/** A called function: where it is declared in the query (a stored function: nowhere), and the call. */
export interface CalledBody {
  name: string;
  declaration: SyntaxNode | undefined;
  call: SyntaxNode;
}

interface Stage {
  /** @param read names of the columns that something reads. */
  sql: (bounds: Bounds, read: ReadColumns) => string;
  /** It names each column that it reads, although a star may stand in it. */
  explicit?: boolean;
  /** Costly enough to be kept when it is read more than once. */
  heavy: boolean;
  recursive?: boolean;
}

export class Translation {
  readonly text: string;
  readonly catalog: Catalog;
  /** Whether any part of the query reads ingestion_time(): only then do stages carry it. */
  readonly usesIngestion: boolean;
  /**
   * The statement is a lateral query, which DuckDB evaluates for each run of the clock. DuckDB 1.5 takes no semi, anti or
   * full join into such a query; and the result of IN and EXISTS over a common table expression is that of all runs
   * together, so nothing may be lowered to them.
   */
  readonly eachRun: boolean;
  readonly runtime = new Set<string>();
  readonly tables = new Map<string, TableSchema>();
  /** Tables that the query names with `as`. */
  readonly named = new Map<string, Relation>();
  /** Calls that were lowered before: the same function with the same constant arguments is one stage, not one a call. */
  readonly calls = new Map<object | string, Map<string, Relation | SqlExpression>>();
  /** Whose body the tree of a called function is, by its root: places in it are places in that text. */
  readonly bodies = new Map<SyntaxNode, CalledBody>();
  /** Values of the `set` statements, by the name of the option. */
  readonly requestOptions = new Map<string, SyntaxNode>();
  /** Columns that the binder believes in and no row has. */
  readonly phantoms = new Set<string>();
  visualization: Visualization | undefined;
  readonly #stages = new Map<string, Stage>();
  #counter = 0;

  constructor(text: string, catalog: Catalog, options: { usesIngestion: boolean; eachRun: boolean }) {
    this.text = text;
    this.catalog = catalog;
    this.usesIngestion = options.usesIngestion;
    this.eachRun = options.eachRun;
  }

  /** A value of the clock as SQL. */
  clock(name: ClockColumn): string {
    return this.eachRun ? `${CLOCK}.${name}` : `(SELECT ${name} FROM ${CLOCK})`;
  }

  get now(): SqlExpression {
    return { sql: this.clock('now'), type: 'datetime' };
  }

  /** A hidden column name that nothing else has. */
  readonly fresh = (): string => `"$${++this.#counter}"`;

  /** Adds a stage; answers its name for FROM. */
  stage(sql: string | ((bounds: Bounds) => string), options: { heavy?: boolean } = {}): string {
    const name = `"#${++this.#counter}"`;
    this.#stages.set(name, { sql: typeof sql === 'string' ? () => sql : sql, heavy: options.heavy ?? false });
    return name;
  }

  /** Adds a stage that is a SELECT; answers its name for FROM. */
  select(
    items: readonly SelectItem[],
    rest: string | ((bounds: Bounds) => string),
    options: { heavy?: boolean } = {},
  ): string {
    return this.unionByName([{ items, rest }], options);
  }

  /** Adds a stage with the rows of several SELECTs, whose columns are put together by name. */
  unionByName(selects: readonly Select[], options: { heavy?: boolean } = {}): string {
    const name = `"#${++this.#counter}"`;
    this.#stages.set(name, {
      sql: (bounds, read) => selects.map((select) => selectSql(select, bounds, read)).join('\nUNION ALL BY NAME\n'),
      explicit: true,
      heavy: options.heavy ?? false,
    });
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
    if (!this.eachRun) {
      return this.#withStages(
        `SELECT ${columns} FROM ${relation.from}${orderBy ? ` ORDER BY ${orderBy}` : ''}`,
        bounds,
      );
    }
    // The order of a lateral query is lost: a number keeps it.
    const place = orderBy ? `row_number() OVER (ORDER BY ${orderBy})` : '0';
    const lateral = this.#withStages(`SELECT ${columns}, ${place} AS "$place" FROM ${relation.from}`, bounds);
    return `SELECT ${CLOCK}.run, "$rows".* FROM ${CLOCK}, LATERAL (${lateral}) AS "$rows" ORDER BY ${CLOCK}.run, "$rows"."$place"`;
  }

  /** The stages that a SELECT reaches, before it. */
  #withStages(last: string, bounds: Bounds): string {
    const uses = new Map<string, number>();
    const texts = new Map<string, string>();
    const read = new Map<string, ReadColumns>();
    const visit = (sql: string, explicit: boolean): void => {
      const { names, stages, star } = namesIn(sql);
      for (const stage of stages) {
        if (!this.#stages.has(stage)) continue;
        uses.set(stage, (uses.get(stage) ?? 0) + 1);
        const known = read.get(stage);
        read.set(stage, known === 'all' || (star && !explicit) ? 'all' : new Set([...(known ?? []), ...names]));
      }
    };
    visit(last, true);
    // A stage reads only stages that were made before it.
    for (const [name, stage] of [...this.#stages].reverse()) {
      const columns = read.get(name);
      if (columns === undefined) continue;
      const text = stage.sql(bounds, stage.recursive ? 'all' : columns);
      texts.set(name, text);
      visit(text, stage.explicit ?? false);
    }
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

/** A column of a SELECT: its SQL, and its name inside of the relation (quoted). */
export interface SelectItem {
  readonly sql: string;
  readonly name: string;
  /** Written whether it is read or not: it decides which rows there are. */
  readonly needed?: boolean;
}

/** `rest` is what follows the columns, from FROM on. A column that nothing reads is not written: DuckDB would bind it. */
export interface Select {
  readonly items: readonly SelectItem[];
  readonly rest: string | ((bounds: Bounds) => string);
}

type ReadColumns = ReadonlySet<string> | 'all';

function selectSql({ items, rest }: Select, bounds: Bounds, read: ReadColumns): string {
  const list = items
    .filter(({ name, needed }) => needed || read === 'all' || read.has(name))
    .map(({ sql, name }) => (sql === name ? name : `${sql} AS ${name}`))
    .join(', ');
  return `SELECT ${list || 'NULL AS "$none"'} ${typeof rest === 'string' ? rest : rest(bounds)}`;
}

/** The quoted names in SQL, each stage as often as it stands there, and whether a star may stand for more names. */
function namesIn(sql: string): { names: Set<string>; stages: string[]; star: boolean } {
  const names = new Set<string>();
  const stages: string[] = [];
  const plain = sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, (token) => {
    if (/^"#\d+"$/.test(token)) stages.push(token);
    else if (token.startsWith('"')) names.add(token);
    return '0';
  });
  return { names, stages, star: /\*/.test(plain.replaceAll('count(*)', '')) };
}
