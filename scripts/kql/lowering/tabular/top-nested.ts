/** top-nested and top-hitters: the largest groups, level after level. */
import type { SyntaxNode } from '../../syntax.ts';
import { lower } from '../expression.ts';
import { resultColumns } from '../pipeline.ts';
import type { Relation } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { typed } from './project.ts';
import { aggregateValue } from './summarize.ts';

export function topNested(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  if (input.partition) return t.unsupported('top-nested inside mv-apply or partition', node);
  const columns = resultColumns(node, t);
  const clauses = node.items('Clauses');
  if (clauses.length * 2 !== columns.length) return t.unsupported('this top-nested', node);
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const keys = clauses.map((clause, i) => {
    const of = clause.field('OfExpression') as SyntaxNode;
    const value = of.kind === 'SimpleNamedExpression' ? (of.field('Expression') as SyntaxNode) : of;
    return typed(lower(value, inner, t), columns[i * 2]?.type ?? 'string', of, t);
  });
  let kept: string | undefined;
  const levels: string[] = [];
  clauses.forEach((clause, i) => {
    if (clause.field('WithOthersClause')) t.unsupported('top-nested with others', clause);
    const by = clause.field('ByExpression') as SyntaxNode;
    const ordering = by.kind === 'OrderedExpression' ? by.field('Ordering') : undefined;
    const aggregate = by.kind === 'OrderedExpression' ? (by.field('Expression') as SyntaxNode) : by;
    const target = columns[i * 2 + 1];
    if (!target) t.unsupported('this top-nested', clause);
    const sql = aggregateValue(aggregate, target, input, inner, t);
    const names = columns.filter((_, at) => at % 2 === 0 && at <= i * 2).map((column) => column.sql);
    const keyItems = names.map((name, at) => `${keys[at]} AS ${name}`);
    const grouped = `SELECT ${[...keyItems, `${sql} AS ${target.sql}`].join(', ')} FROM ${hoist.wrap(input.from)} GROUP BY ${names.map((_, at) => at + 1).join(', ')}`;
    const parents = names.slice(0, -1);
    const join = kept
      ? ` SEMI JOIN ${kept} AS p ON ${parents.map((name) => `g.${name} IS NOT DISTINCT FROM p.${name}`).join(' AND ')}`
      : '';
    const count = clause.field('Expression');
    const direction = ordering?.field('AscOrDescKeyword')?.text === 'asc' ? 'ASC NULLS FIRST' : 'DESC NULLS LAST';
    const rank = `row_number() OVER (${parents.length ? `PARTITION BY ${parents.join(', ')} ` : ''}ORDER BY ${target.sql} ${direction}, ${names.at(-1)} DESC)`;
    const ranked = `SELECT g.*, ${rank} AS "$rank" FROM (${grouped}) AS g${join}`;
    kept = t.stage(count ? `SELECT * FROM (${ranked}) WHERE "$rank" <= ${lower(count, scope, t).sql}` : ranked, {
      heavy: true,
    });
    levels.push(kept);
  });
  const order: string[] = [];
  const list = columns.map((column, at) => `l${Math.floor(at / 2)}.${column.sql}`);
  let from = `${levels[0]} AS l0`;
  levels.forEach((level, i) => {
    const name = t.fresh();
    order.push(name);
    list.push(`l${i}."$rank" AS ${name}`);
    if (i === 0) return;
    const names = columns.filter((_, at) => at % 2 === 0 && at < i * 2).map((column) => column.sql);
    from += ` JOIN ${level} AS l${i} ON ${names.map((name) => `l${i - 1}.${name} IS NOT DISTINCT FROM l${i}.${name}`).join(' AND ')}`;
  });
  return {
    from: t.stage(`SELECT ${list.join(', ')} FROM ${from}`, { heavy: true }),
    columns,
    order: order.map((sql) => ({ sql, descending: false, nullsFirst: false })),
  };
}

/** Exact here, where the service estimates. */
export function topHitters(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  if (input.partition) return t.unsupported('top-hitters inside mv-apply or partition', node);
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const columns = resultColumns(node, t);
  const [key, total] = columns;
  const by = node.field('ByClause')?.field('Expression');
  if (!key || !total) return t.unsupported('this top-hitters', node);
  const sum = by
    ? `coalesce(sum(${lower(by, inner, t).sql}), 0)${total.type === 'long' ? '::BIGINT' : ''}`
    : 'count(*)';
  const of = lower(node.field('OfExpression') as SyntaxNode, inner, t);
  const count = lower(node.field('Expression') as SyntaxNode, scope, t).sql;
  const from = t.stage(
    `SELECT ${of.sql} AS ${key.sql}, ${sum} AS ${total.sql} FROM ${hoist.wrap(input.from)} GROUP BY 1 ORDER BY 2 DESC NULLS LAST, 1 DESC LIMIT ${count}`,
    { heavy: true },
  );
  // The service lists them from the smallest to the largest. Later operators may take the columns away: copies stay.
  const [totals, keys] = [t.fresh(), t.fresh()];
  const ordered = t.stage(`SELECT *, ${total.sql} AS ${totals}, ${key.sql} AS ${keys} FROM ${from}`);
  const order = [
    { sql: totals, descending: false, nullsFirst: true },
    { sql: keys, descending: true, nullsFirst: false },
  ];
  return { from: ordered, columns, order };
}
