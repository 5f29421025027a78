/** summarize: groups and aggregates. */
import { type AggregateContext, aggregates, type SqlExpression } from '../../functions/registry.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { callArguments, functionName } from '../calls.ts';
import { contextOf, lower } from '../expression.ts';
import { scalarType } from '../operators.ts';
import { resultColumns } from '../pipeline.ts';
import { hiddenColumns, orderBy, type Relation, type RelationColumn, subTables } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { SelectItem, Translation } from '../translation.ts';
import { typed } from './project.ts';

export function summarize(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const columns = renamed(node, resultColumns(node, t));
  const keys = node.field('ByClause')?.items('Expressions') ?? [];
  if (columns.length === 0) return t.fail('summarize needs an aggregate or a key', node);
  const items: SelectItem[] = [];
  const group = new GroupItems(t);
  let next = 0;
  const take = (): RelationColumn => columns[next++] ?? t.unsupported('this summarize', node);
  for (const key of keys) {
    const target = take();
    items.push({ sql: typed(lower(key, inner, t), target.type, key, t), name: target.sql });
  }
  for (const item of node.items('Aggregates')) {
    const width = item.result?.kind === 'tuple' ? item.result.columns.length : 1;
    const targets = Array.from({ length: width }, take);
    group.add(item, targets, input, inner, t);
  }
  return group.finish(input, columns, items, hoist.wrap(input.from));
}

/** Kusto names the column of these after both arguments, the binder after the first. */
const namedByBoth = new Set(['covarianceif', 'covariancepif']);

function renamed(node: SyntaxNode, columns: readonly RelationColumn[]): RelationColumn[] {
  const before = node.field('ByClause')?.items('Expressions').length ?? 0;
  const items = node.items('Aggregates');
  return columns.map((target, i) => {
    const item = items[i - before];
    const both = item?.kind === 'FunctionCallExpression' && namedByBoth.has(functionName(item));
    const second = both ? callArguments(item)[1]?.symbol : undefined;
    return second?.kind === 'column' ? { ...target, name: `${target.name}_${second.name}` } : target;
  });
}

/** The aggregates of a group, and the expressions over them that a stage after it computes. */
export class GroupItems {
  readonly #t: Translation;
  readonly #aggregates: SelectItem[] = [];
  readonly #outputs = new Map<string, string>();
  readonly #hoist: Hoist;

  constructor(t: Translation) {
    this.#t = t;
    this.#hoist = new Hoist(t.fresh);
  }

  /** One item of summarize: an aggregate alone may answer several columns, an expression over aggregates one. */
  add(item: SyntaxNode, targets: readonly RelationColumn[], input: Relation, scope: Scope, t: Translation): void {
    const call = aggregateOf(item);
    if (call) {
      let kept = false;
      const keep = (sql: string): string => {
        const name = t.fresh();
        this.#aggregates.push({ sql, name });
        kept = true;
        return name;
      };
      const values = aggregateCall(call, targets, input, scope, t, keep);
      if (values.length !== targets.length) t.unsupported(`${functionName(call)}() with these columns`, item);
      values.forEach((sql, i) => {
        if (kept) this.#outputs.set(targets[i]?.sql ?? '', sql);
        else this.#aggregates.push({ sql, name: targets[i]?.sql ?? t.fresh() });
      });
      return;
    }
    const [target] = targets;
    if (!target || targets.length > 1) t.unsupported('this summarize', item);
    const aggregate = (inner: SyntaxNode): SqlExpression | undefined => {
      if (!aggregates.has(functionName(inner).toLowerCase())) return undefined;
      const type = scalarType(inner, t);
      const [sql, ...rest] = aggregateCall(inner, [], input, scope, t);
      if (sql === undefined || rest.length)
        return t.unsupported(`${functionName(inner)}() with several columns`, inner);
      const name = t.fresh();
      this.#aggregates.push({ sql, name });
      return { sql: name, type };
    };
    const value = lower(item, { environment: scope.environment, hoist: this.#hoist, aggregate }, t);
    this.#outputs.set(target.sql, typed(value, target.type, item, t));
  }

  /** The stage of the group, and the one after it where there are expressions over aggregates. */
  finish(input: Relation, columns: readonly RelationColumn[], keys: readonly SelectItem[], from: string): Relation {
    const group = grouped(input, columns, [...keys, ...this.#aggregates], keys.length, from, this.#t);
    if (this.#outputs.size === 0) return group;
    const items = columns.map(({ sql }) => ({ sql: this.#outputs.get(sql) ?? sql, name: sql }));
    const hidden = hiddenColumns(group).map((name) => ({ sql: name, name }));
    const stage = this.#t.select([...items, ...hidden], `FROM ${this.#hoist.wrap(group.from)}`);
    return { ...group, from: stage };
  }
}

/** The aggregate that an item is, where it is nothing else. */
function aggregateOf(item: SyntaxNode): SyntaxNode | undefined {
  let call = item.kind.endsWith('NamedExpression') ? (item.field('Expression') as SyntaxNode) : item;
  while (call.kind === 'ParenthesizedExpression') call = call.field('Expression') as SyntaxNode;
  return call.kind === 'FunctionCallExpression' && aggregates.has(functionName(call).toLowerCase()) ? call : undefined;
}

/**
 * The stage of a group: the first `keys` items are what it groups by. Without keys there is one row, of an empty table
 * too; inside mv-apply and partition that holds for every sub-table.
 */
export function grouped(
  input: Relation,
  columns: readonly RelationColumn[],
  items: readonly SelectItem[],
  keys: number,
  from: string,
  t: Translation,
): Relation {
  const partition = input.partition ?? [];
  const groups = [...Array.from({ length: keys }, (_, i) => `${i + 1}`), ...partition];
  const by = groups.length ? ` GROUP BY ${groups.join(', ')}` : '';
  // Groups come in the order in which their first row does, where the rows have places: equal keys of a later sort too.
  const place = keys > 0 && partition.length === 0 && input.order?.length === 1 ? input.order[0] : undefined;
  const position = place && !place.descending ? t.fresh() : undefined;
  const hidden = position ? [{ sql: `min(${place?.sql})`, name: position }] : [];
  const ids = partition.map((id) => ({ sql: id, name: id, needed: true }));
  const order = position && [{ sql: position, descending: false, nullsFirst: false }];
  const related = { columns, ...(order && { order }), ...subTables(input) };
  if (keys === 0 && partition.length > 0 && input.partitionSource) {
    const list = items.map(({ sql, name }) => `${sql} AS ${name}`).join(', ');
    const sql = `SELECT ${[list, ...partition].join(', ')} FROM ${from}${by}
UNION ALL SELECT e.*, i.* FROM (SELECT ${list} FROM ${from} WHERE false) AS e,
(${emptySubTables(partition, input.partitionSource, input.from)}) AS i`;
    return { from: t.stage(sql, { heavy: true }), ...related };
  }
  // The keys, and one aggregate where there is no key, make the rows what they are.
  const kept = items.map((item, i) => (i < Math.max(keys, 1) ? { ...item, needed: true } : item));
  return { from: t.select([...kept, ...hidden, ...ids], `FROM ${from}${by}`, { heavy: true }), ...related };
}

/** The sub-tables that have no row left. */
function emptySubTables(partition: readonly string[], source: string, rows: string): string {
  const ids = partition.join(', ');
  const same = partition.map((id) => `s.${id} IS NOT DISTINCT FROM k.${id}`).join(' AND ');
  return `SELECT s.* FROM (SELECT DISTINCT ${ids} FROM ${source}) AS s LEFT JOIN
(SELECT DISTINCT ${ids}, true AS "$kept" FROM ${rows}) AS k ON ${same} WHERE k."$kept" IS NULL`;
}

/** SQL of one aggregate in the place of a single column. */
export function aggregateValue(
  item: SyntaxNode,
  target: RelationColumn,
  input: Relation,
  scope: Scope,
  t: Translation,
): string {
  const call = aggregateOf(item);
  if (!call) return t.unsupported('an expression over aggregates at this place', item);
  const [sql, ...rest] = aggregateCall(call, [target], input, scope, t);
  return sql === undefined || rest.length ? t.unsupported(`${functionName(call)}() at this place`, call) : sql;
}

function aggregateCall(
  call: SyntaxNode,
  targets: readonly RelationColumn[],
  input: Relation,
  scope: Scope,
  t: Translation,
  keep?: (sql: string) => string,
): readonly string[] {
  const name = functionName(call);
  const order = orderBy(input);
  const type = call.result?.kind === 'scalar' ? call.result.type : 'dynamic';
  const context: AggregateContext = {
    ...contextOf(call, name, type, scope, t),
    order: order ? ` ORDER BY ${order}` : '',
    ...(keep && { keep }),
  };
  const args: SqlExpression[] = [];
  for (const argument of callArguments(call)) {
    if (argument.kind !== 'StarExpression') {
      args.push(lower(argument, scope, t));
      continue;
    }
    // The binder has named the columns of the star: what the arguments before it and the keys do not cover.
    for (const target of targets.slice(args.length)) {
      const source = input.columns.find((candidate) => candidate.name === target.name);
      args.push(source ?? t.unsupported(`the column ${target.name} of *`, argument));
    }
  }
  const lowering = aggregates.get(name.toLowerCase());
  return lowering ? lowering(args, context) : t.unsupported(`${name}()`, call);
}
