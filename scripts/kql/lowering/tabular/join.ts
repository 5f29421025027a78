/** join and lookup. */
import type { SqlExpression } from '../../functions/registry.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { lower } from '../expression.ts';
import { comparable } from '../operators.ts';
import { relationOf, resultColumns } from '../pipeline.ts';
import { column, nameColumns, type Relation, type RelationColumn, sqlNull, subTables } from '../relation.ts';
import type { Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';

/** A parameter before the first operand, such as `kind=inner`. */
export function parameter(node: SyntaxNode, name: string): string | undefined {
  const found = node.items('Parameters').find((candidate) => candidate.field('Name')?.text === name);
  const value = found?.field('Expression');
  return value && (value.constant === undefined ? value.text : String(value.constant));
}

type Side = 'left' | 'right' | 'both';

interface JoinKind {
  sql: string;
  columns: Side;
  /** Rows of the left side that are equal in the keys count once. */
  unique?: boolean;
  /** A row that has no partner is kept, and the other side's strings are '' in it. */
  filled?: 'left' | 'right' | 'both';
}

const kinds: Readonly<Record<string, JoinKind>> = {
  innerunique: { sql: 'JOIN', columns: 'both', unique: true },
  inner: { sql: 'JOIN', columns: 'both' },
  leftouter: { sql: 'LEFT JOIN', columns: 'both', filled: 'right' },
  rightouter: { sql: 'RIGHT JOIN', columns: 'both', filled: 'left' },
  fullouter: { sql: 'FULL JOIN', columns: 'both', filled: 'both' },
  leftanti: { sql: 'ANTI JOIN', columns: 'left' },
  anti: { sql: 'ANTI JOIN', columns: 'left' },
  leftantisemi: { sql: 'ANTI JOIN', columns: 'left' },
  leftsemi: { sql: 'SEMI JOIN', columns: 'left' },
  rightanti: { sql: 'ANTI JOIN', columns: 'right' },
  rightantisemi: { sql: 'ANTI JOIN', columns: 'right' },
  rightsemi: { sql: 'SEMI JOIN', columns: 'right' },
};

export function join(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const name = (parameter(node, 'kind') ?? 'innerunique').toLowerCase();
  const kind = kinds[name];
  if (!kind) return t.unsupported(`join kind=${name}`, node);
  // The rows that only the right side has belong to every sub-table.
  if (input.partition && (kind.columns === 'right' || kind.filled === 'left' || kind.filled === 'both')) {
    return t.unsupported(`join kind=${name} inside mv-apply or partition`, node);
  }
  const right = relationOf(node.field('Expression') as SyntaxNode, scope, t);
  const clause = node.field('ConditionClause');
  if (clause?.kind !== 'JoinOnClause') return t.unsupported('join where', node);
  const pairs = keyPairs(clause, input, right, scope, t);
  const conditions = pairs.map(({ left, right: r }) => `${left.sql} IS NOT DISTINCT FROM ${r.sql}`);
  const leftFrom = kind.unique ? firstOfKeys(input, pairs, t) : input.from;
  const on = conditions.join(' AND ');
  if (kind.columns !== 'both') {
    const [main, mainAlias, other, otherAlias] =
      kind.columns === 'left' ? [input, 'l', right, 'r'] : [right, 'r', input, 'l'];
    const items = [
      ...main.columns.map((c) => ({ sql: `${mainAlias}.${c.sql}`, name: c.sql })),
      ...subTableColumns(input),
    ];
    const select = `FROM ${main.from} AS ${mainAlias}`;
    const from = t.select(
      items,
      t.eachRun
        ? `${select} ${joinWithPartners(kind.sql === 'ANTI JOIN', kind.columns, `${other.from} AS ${otherAlias}`, pairs)}`
        : `${select} ${kind.sql} ${other.from} AS ${otherAlias} ON ${on}`,
      { heavy: true },
    );
    return { from, columns: main.columns, ...subTables(input) };
  }
  const columns = joinedColumns(input, right, resultColumns(node, t));
  const sources: [string, RelationColumn, boolean][] = [
    ...input.columns.map((c): [string, RelationColumn, boolean] => [
      'l',
      c,
      kind.filled === 'left' || kind.filled === 'both',
    ]),
    ...right.columns.map((c): [string, RelationColumn, boolean] => [
      'r',
      c,
      kind.filled === 'right' || kind.filled === 'both',
    ]),
  ];
  const items = sources.map(([alias, source, filled], i) => ({
    sql: cell(alias, source, filled),
    name: columns[i]?.sql ?? source.sql,
  }));
  items.push(...subTableColumns(input));
  const from = t.select(items, `FROM ${leftFrom} AS l ${kind.sql} ${right.from} AS r ON ${on}`, { heavy: true });
  return { from, columns, ...subTables(input) };
}

/** Inside mv-apply and partition, a row stays in the sub-table of its left side. */
function subTableColumns(input: Relation): { sql: string; name: string }[] {
  return (input.partition ?? []).map((name) => ({ sql: `l.${name}`, name }));
}

/** A semi or anti join as a join with the different keys of the other side, for a lateral query. */
function joinWithPartners(anti: boolean, main: 'left' | 'right', other: string, pairs: readonly KeyPair[]): string {
  const keys = pairs.map(({ left, right }, i) => ({
    own: main === 'left' ? left.sql : right.sql,
    theirs: `${main === 'left' ? right.sql : left.sql} AS "$key${i}"`,
  }));
  const partners = `(SELECT DISTINCT ${keys.map((key) => key.theirs).join(', ')}, true AS "$found" FROM ${other})`;
  const on = keys.map(({ own }, i) => `${own} IS NOT DISTINCT FROM "$partner"."$key${i}"`).join(' AND ');
  return anti
    ? `LEFT JOIN ${partners} AS "$partner" ON ${on} WHERE "$partner"."$found" IS NULL`
    : `JOIN ${partners} AS "$partner" ON ${on}`;
}

/** The binder's names; where it counts otherwise, those of both sides, a name that is taken with a number after it. */
function joinedColumns(left: Relation, right: Relation, bound: readonly RelationColumn[]): readonly RelationColumn[] {
  if (bound.length === left.columns.length + right.columns.length) return bound;
  const taken = new Set<string>();
  const all = [...left.columns, ...right.columns].map(({ name, type }) => {
    let free = name;
    for (let n = 1; taken.has(free); n++) free = `${name}${n}`;
    taken.add(free);
    return { name: free, type };
  });
  return nameColumns(all);
}

function cell(alias: string, source: RelationColumn, filled: boolean): string {
  const sql = `${alias}.${source.sql}`;
  return filled && source.type === 'string' ? `coalesce(${sql}, ${sqlNull('string')})` : sql;
}

interface KeyPair {
  left: SqlExpression;
  right: SqlExpression;
  leftColumn: RelationColumn;
  rightColumn: RelationColumn;
}

function keyPairs(clause: SyntaxNode, left: Relation, right: Relation, scope: Scope, t: Translation): KeyPair[] {
  const pairs: KeyPair[] = [];
  const inner: Scope = { ...scope, sides: { left, right } };
  const visit = (condition: SyntaxNode): void => {
    if (condition.kind === 'ParenthesizedExpression') {
      visit(condition.field('Expression') as SyntaxNode);
      return;
    }
    if (condition.kind === 'AndExpression') {
      visit(condition.field('Left') as SyntaxNode);
      visit(condition.field('Right') as SyntaxNode);
      return;
    }
    if (condition.kind === 'NameReference') {
      const name = condition.symbol?.name ?? condition.text;
      const a = column(left, name);
      const b = column(right, name);
      if (!a || !b) t.unsupported(`the join key ${name}`, condition);
      pairs.push({
        left: { sql: `l.${a.sql}`, type: a.type },
        right: { sql: `r.${b.sql}`, type: b.type },
        leftColumn: a,
        rightColumn: b,
      });
      return;
    }
    if (condition.kind !== 'EqualExpression') t.unsupported('this join condition', condition);
    const one = lower(condition.field('Left') as SyntaxNode, inner, t);
    const two = lower(condition.field('Right') as SyntaxNode, inner, t);
    const [a, b] = one.sql.startsWith('l.') ? [one, two] : [two, one];
    const leftColumn = left.columns.find((candidate) => `l.${candidate.sql}` === a.sql);
    const rightColumn = right.columns.find((candidate) => `r.${candidate.sql}` === b.sql);
    if (!leftColumn || !rightColumn) t.unsupported('this join condition', condition);
    const [x, y] = comparable(a, b, condition, inner, t);
    pairs.push({ left: x, right: y, leftColumn, rightColumn });
  };
  for (const condition of clause.items('Expressions')) visit(condition);
  return pairs;
}

/** One row of the left side (of each sub-table) for each combination of keys: the first one. */
function firstOfKeys(input: Relation, pairs: readonly KeyPair[], t: Translation): string {
  const keys = [...(input.partition ?? []), ...pairs.map((pair) => pair.leftColumn.sql)].join(', ');
  const order = input.order?.length ? ` ORDER BY ${input.order.map((key) => key.sql).join(', ')}` : '';
  return t.stage(`SELECT DISTINCT ON (${keys}) * FROM ${input.from}${order}`, { heavy: true });
}

/** lookup: a join that keeps one copy of the keys. */
export function lookup(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const name = (parameter(node, 'kind') ?? 'leftouter').toLowerCase();
  if (name !== 'leftouter' && name !== 'inner') return t.unsupported(`lookup kind=${name}`, node);
  const right = relationOf((node.field('Expression') ?? node.field('LookupClause')) as SyntaxNode, scope, t);
  const clause = (node.field('ConditionClause') ?? node.field('LookupClause')) as SyntaxNode;
  const pairs = keyPairs(clause, input, right, scope, t);
  const on = pairs.map(({ left, right: r }) => `${left.sql} IS NOT DISTINCT FROM ${r.sql}`).join(' AND ');
  const keys = new Set(pairs.map((pair) => pair.rightColumn.sql));
  const sources = [
    ...input.columns.map((c) => cell('l', c, false)),
    ...right.columns.filter((c) => !keys.has(c.sql)).map((c) => cell('r', c, name === 'leftouter')),
  ];
  const columns = resultColumns(node, t);
  if (sources.length !== columns.length) return t.unsupported('this lookup', node);
  const items = [...sources.map((sql, i) => ({ sql, name: columns[i]?.sql ?? sql })), ...subTableColumns(input)];
  const from = t.select(
    items,
    `FROM ${input.from} AS l ${name === 'inner' ? 'JOIN' : 'LEFT JOIN'} ${right.from} AS r ON ${on}`,
    { heavy: true },
  );
  return { from, columns, ...subTables(input) };
}
