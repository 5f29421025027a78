/**
 * scan: matches sequences of rows step by step, https://learn.microsoft.com/kusto/query/scan-operator.
 * The rows are walked one by one by a recursive query that carries the state of every step.
 */
import type { SqlExpression } from '../../functions/registry.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { lower, toBool } from '../expression.ts';
import { resultColumns } from '../pipeline.ts';
import {
  column,
  hiddenColumns,
  type OrderKey,
  orderBy,
  type Relation,
  sqlNull,
  sqlTypes,
  subTables,
} from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { parameter } from './join.ts';
import { ordered } from './order.ts';
import { typed } from './project.ts';

interface Step {
  node: SyntaxNode;
  name: string;
  output: boolean;
}

/** A column of a step that some condition or assignment reads. */
interface Remembered {
  step: number;
  name: string;
  type: SqlExpression['type'];
}

export function scan(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const clause = node.field('OrderByClause');
  const sorted = clause ? ordered(clause.items('Expressions'), input, scope, t) : input;
  if (!sorted.serialized) return t.fail('scan needs rows in an order: sort or serialize them first', node);
  const keys = node.field('PartitionByClause')?.items('Expressions') ?? [];
  if (keys.length === 0) return new Scan(node, sorted, scope, t).lower();
  // Each value of the keys is walked by itself.
  const hoist = new Hoist(t.fresh);
  const names = keys.map(() => t.fresh());
  const values = keys.map((key, i) => `${lower(key, { ...scope, relation: sorted, hoist }, t).sql} AS ${names[i]}`);
  const from = t.stage(`SELECT *, ${values.join(', ')} FROM ${hoist.wrap(sorted.from)}`, { heavy: true });
  const parts = [...(sorted.partition ?? []), ...names];
  const { partition: _, ...walked } = new Scan(node, { ...sorted, from, partition: parts }, scope, t).lower();
  const order = [
    ...names.map((sql): OrderKey => ({ sql, descending: false, nullsFirst: true })),
    ...(walked.order ?? []),
  ];
  return { ...walked, order, ...subTables(sorted) };
}

const MATCH_ID = 'match_id';

class Scan {
  readonly #node: SyntaxNode;
  readonly #input: Relation;
  readonly #scope: Scope;
  readonly #t: Translation;
  readonly #steps: readonly Step[];
  /** Declared columns with their defaults. */
  readonly #declared: ReadonlyMap<string, SqlExpression>;
  readonly #remembered: readonly Remembered[];

  constructor(node: SyntaxNode, input: Relation, scope: Scope, t: Translation) {
    this.#node = node;
    this.#input = input;
    this.#scope = scope;
    this.#t = t;
    this.#steps = node.items('Steps').map((step) => this.#step(step));
    this.#declared = new Map(
      (node.field('DeclareClause')?.items('Declarations') ?? []).map((d) => this.#declaration(d)),
    );
    this.#remembered = this.#findRemembered();
  }

  #step(node: SyntaxNode): Step {
    const output = /output\s*=\s*(\w+)/.exec(node.children.find((c) => c.kind === 'ScanStepOutput')?.text ?? '')?.[1];
    if (output === 'last') return this.#t.unsupported('scan with output=last', node);
    const name = node.field('Name') as SyntaxNode;
    if (node.children.some((child) => child.text === 'optional')) return this.#t.unsupported('an optional step', node);
    return { node, name: name.symbol?.name ?? name.text, output: output !== 'none' };
  }

  #declaration(node: SyntaxNode): [string, SqlExpression] {
    const name = node.field('NameAndType')?.field('Name') as SyntaxNode;
    const type = name.result?.kind === 'scalar' ? name.result.type : 'string';
    const given = node.field('DefaultValue')?.field('Value');
    const value = given ? lower(given, { environment: this.#scope.environment }, this.#t) : undefined;
    const sql = value ? typed(value, type, node, this.#t) : sqlNull(type);
    return [name.symbol?.name ?? name.text, { sql: `(${sql})::${sqlTypes[type]}`, type }];
  }

  /** Every `step.column` that is read anywhere. */
  #findRemembered(): Remembered[] {
    const found = new Map<string, Remembered>();
    const visit = (node: SyntaxNode): void => {
      if (node.kind === 'PathExpression') {
        const step = this.#steps.findIndex(({ name }) => name === node.field('Expression')?.text);
        const member = node.field('Selector');
        const name = member?.symbol?.name ?? member?.text ?? '';
        const type = this.#columnType(name);
        if (step >= 0 && type) found.set(`${step}.${name}`, { step, name, type });
      }
      node.children.forEach(visit);
    };
    for (const { node } of this.#steps) visit(node);
    return [...found.values()];
  }

  #columnType(name: string): SqlExpression['type'] | undefined {
    return this.#declared.get(name)?.type ?? column(this.#input, name)?.type;
  }

  /** SQL name of a remembered column inside the state of a step. */
  #cell(state: number, at: number): string {
    return `"$s${state}_${at}"`;
  }

  /** What `step.column` is worth when the state of step `state` is the match; an empty state holds the defaults. */
  #members(state: number): (owner: string, member: string) => SqlExpression | undefined {
    return (owner, member) => {
      const at = this.#remembered.findIndex(({ step, name }) => this.#steps[step]?.name === owner && name === member);
      const cell = this.#remembered[at];
      if (!cell) return undefined;
      const known = state >= 0 && cell.step <= state;
      return { sql: known ? this.#cell(state, at) : this.#default(cell), type: cell.type };
    };
  }

  #default({ name, type }: Remembered): string {
    return this.#declared.get(name)?.sql ?? `(${sqlNull(type)})::${sqlTypes[type]}`;
  }

  #expression(node: SyntaxNode, state: number): SqlExpression {
    const scope: Scope = {
      environment: this.#scope.environment,
      relation: this.#input,
      locals: this.#declared,
      members: this.#members(state),
    };
    return lower(node, scope, this.#t);
  }

  #condition(step: Step, state: number): string {
    const node = step.node.field('Condition') as SyntaxNode;
    return `coalesce(${toBool(this.#expression(node, state), node, this.#scope, this.#t).sql}, false)`;
  }

  /** The values that a step gives to the declared columns; those that it does not name keep their default. */
  #assigned(step: Step, name: string, state: number): string {
    const assignments = step.node.field('ComputationClause')?.items('Assignments') ?? [];
    const own = assignments.find((a) => (a.field('Name')?.symbol?.name ?? a.field('Name')?.text) === name);
    const fallback = this.#declared.get(name) as SqlExpression;
    if (!own) return fallback.sql;
    const value = this.#expression(own.field('Expression') as SyntaxNode, state);
    return typed(value, fallback.type, own, this.#t);
  }

  lower(): Relation {
    const { partition = [] } = this.#input;
    const order = orderBy(this.#input);
    const by = partition.length ? `PARTITION BY ${partition.join(', ')} ` : '';
    const rows = this.#t.stage(
      `SELECT *, row_number() OVER (${by}${order ? `ORDER BY ${order}` : ''}) AS "$rn" FROM ${this.#input.from}`,
      { heavy: true },
    );
    const names = [...this.#declared.keys()];
    const value = (k: number, name: string) => `"$a${k}_${names.indexOf(name)}"`;
    const states = this.#steps.map((_, k) => k);
    const kept = [
      ...partition,
      '"$rn"',
      '"$next"',
      ...states.flatMap((k) => [`"$on${k}"`, `"$id${k}"`, `"$m${k}"`, `"$out${k}"`]),
      ...states.flatMap((k) => names.map((name) => value(k, name))),
      ...states.flatMap((k) => this.#remembered.map((_, at) => this.#cell(k, at))),
    ];
    const start = [
      ...partition,
      '0::BIGINT AS "$rn"',
      '0::BIGINT AS "$next"',
      ...states.flatMap((k) => [
        `false AS "$on${k}"`,
        `0::BIGINT AS "$id${k}"`,
        `0 AS "$m${k}"`,
        `0::BIGINT AS "$out${k}"`,
      ]),
      ...states.flatMap((k) => names.map((name) => `${this.#declared.get(name)?.sql} AS ${value(k, name)}`)),
      ...states.flatMap((k) => this.#remembered.map((cell, at) => `${this.#default(cell)} AS ${this.#cell(k, at)}`)),
    ];
    const walk = this.#t.recursiveStage((self) => {
      const state = kept.filter((name) => name !== '"$rn"' && !partition.includes(name));
      const on = [`r."$rn" = s."$rn" + 1`, ...partition.map((name) => `r.${name} IS NOT DISTINCT FROM s.${name}`)];
      let sql = `SELECT r.*, ${state.map((name) => `s.${name}`).join(', ')} FROM ${self} AS s JOIN ${rows} AS r ON ${on.join(' AND ')}`;
      for (const k of [...states].reverse()) sql = this.#stepSql(k, names, value, sql);
      const first = `SELECT ${start.join(', ')} FROM ${partition.length ? `(SELECT DISTINCT ${partition.join(', ')} FROM ${rows})` : '(SELECT 1)'}`;
      return `${first} UNION ALL SELECT ${kept.join(', ')} FROM (${sql})`;
    });
    return this.#matches(walk, rows, names, value);
  }

  /** One step over one row: does it match, what does it assign, and how does the state move on. */
  #stepSql(k: number, names: readonly string[], value: (k: number, name: string) => string, from: string): string {
    const step = this.#steps[k] as Step;
    const before = k - 1;
    // The first step begins a match where it has none; the others take over the match of the step before.
    const takes = k === 0 ? `NOT "$on0"` : `"$on${before}"`;
    const match = `CASE WHEN ${takes} AND ${this.#condition(step, before)} THEN 1 WHEN "$on${k}" AND ${this.#condition(step, k)} THEN 2 ELSE 0 END`;
    const matched = `SELECT * REPLACE (${match} AS "$m${k}") FROM (${from})`;
    const assigned = names.map(
      (name) =>
        `CASE "$m${k}" WHEN 1 THEN ${this.#assigned(step, name, before)} WHEN 2 THEN ${this.#assigned(step, name, k)} ELSE ${value(k, name)} END AS ${value(k, name)}`,
    );
    const withValues = assigned.length ? `SELECT * REPLACE (${assigned.join(', ')}) FROM (${matched})` : matched;
    const moved = this.#remembered.flatMap((cell, at) => {
      const own = this.#cell(k, at);
      if (cell.step === k) {
        const source = names.includes(cell.name) ? value(k, cell.name) : column(this.#input, cell.name)?.sql;
        return [`CASE WHEN "$m${k}" > 0 THEN ${source} ELSE ${own} END AS ${own}`];
      }
      if (cell.step > k || k === 0) return [];
      return [`CASE WHEN "$m${k}" = 1 THEN ${this.#cell(before, at)} ELSE ${own} END AS ${own}`];
    });
    const id = k === 0 ? '"$next"' : `"$id${before}"`;
    const flags = [
      `"$on${k}" OR "$m${k}" > 0 AS "$on${k}"`,
      `CASE WHEN "$m${k}" = 1 THEN ${id} ELSE "$id${k}" END AS "$id${k}"`,
      `CASE WHEN "$m${k}" = 1 THEN ${id} ELSE "$id${k}" END AS "$out${k}"`,
      k === 0
        ? `CASE WHEN "$m0" = 1 THEN "$next" + 1 ELSE "$next" END AS "$next"`
        : `"$on${before}" AND "$m${k}" <> 1 AS "$on${before}"`,
    ];
    return `SELECT * REPLACE (${[...moved, ...flags].join(', ')}) FROM (${withValues})`;
  }

  #matches(walk: string, rows: string, names: readonly string[], value: (k: number, name: string) => string): Relation {
    const matchId = parameter(this.#node, 'with_match_id');
    // The binder names a match_id that Kusto only answers when it is asked for; what follows must not look for it either.
    const columns = resultColumns(this.#node, this.#t).filter(
      ({ name }) => matchId !== undefined || name !== MATCH_ID || names.includes(name) || column(this.#input, name),
    );
    const texts = [this.#t.text, ...this.#t.catalog.functions.map((f) => f.body)];
    const given = columns.some(({ name }) => name === MATCH_ID);
    if (!given && !texts.some((text) => text.includes(MATCH_ID))) this.#t.phantoms.add(MATCH_ID);
    const hidden = hiddenColumns(this.#input);
    const { partition = [] } = this.#input;
    const parts = this.#steps.flatMap((step, k) => {
      if (!step.output) return [];
      const list = columns.map((target) => {
        if (target.name === matchId) return `w."$out${k}" AS ${target.sql}`;
        if (names.includes(target.name)) return `w.${value(k, target.name)} AS ${target.sql}`;
        const kept = column(this.#input, target.name);
        return kept ? `r.${kept.sql} AS ${target.sql}` : this.#t.unsupported(`the column ${target.name}`, this.#node);
      });
      const on = ['r."$rn" = w."$rn"', ...partition.map((name) => `r.${name} IS NOT DISTINCT FROM w.${name}`)];
      const order = [`r."$rn" AS "$rn"`, `${this.#steps.length - k} AS "$step"`];
      return [
        `SELECT ${[...list, ...hidden.map((name) => `r.${name}`), ...order].join(', ')} FROM ${walk} AS w JOIN ${rows} AS r ON ${on.join(' AND ')} WHERE w."$m${k}" > 0`,
      ];
    });
    const order = ['"$rn"', '"$step"'].map((sql): OrderKey => ({ sql, descending: false, nullsFirst: false }));
    const from = this.#t.stage(parts.join('\nUNION ALL\n') || `SELECT * FROM ${rows} WHERE false`, { heavy: true });
    return { from, columns, order, serialized: true, ...subTables(this.#input) };
  }
}
