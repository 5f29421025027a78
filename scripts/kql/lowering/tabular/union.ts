/** union: the rows of several tables one after the other. */
import type { TableSchema } from '../../catalog.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { relationOf, resultColumns, storedTable } from '../pipeline.ts';
import { column, nameColumns, type Relation, type RelationColumn, sqlNull, sqlText } from '../relation.ts';
import type { Scope } from '../scope.ts';
import { INGESTED, type Translation } from '../translation.ts';
import { parameter } from './join.ts';

export interface Leg {
  relation: Relation;
  /** What `withsource` writes. */
  source: string;
}

export function union(node: SyntaxNode, scope: Scope, t: Translation, input?: Relation): Relation {
  if (input?.partition) return t.unsupported('union inside mv-apply or partition', node);
  const legs: Leg[] = [];
  if (input) legs.push({ relation: input, source: 'union_arg0' });
  const fuzzy = parameter(node, 'isfuzzy') === 'true';
  for (const operand of node.items('Expressions')) legs.push(...operandLegs(operand, legs.length, fuzzy, scope, t));
  const sourceName = parameter(node, 'withsource') ?? parameter(node, 'with_source');
  const columns = resultColumns(node, t);
  // The binder lists every column; kind=inner keeps those that all tables have.
  const shared = (target: RelationColumn): boolean =>
    target.name === sourceName || legs.every(({ relation }) => column(relation, target.name)?.type === target.type);
  const listed = parameter(node, 'kind') === 'inner' ? columns.filter(shared) : columns;
  return unionOf(legs, listed, sourceName, t, node.parent?.kind === 'ExpressionStatement');
}

/**
 * The rows of the legs under these columns; the one named `sourceName` says which leg a row comes from.
 * @param ends whether nothing is bound after it, so that its columns may have other names than the binder's
 */
export function unionOf(
  legs: readonly Leg[],
  bound: readonly RelationColumn[],
  sourceName: string | undefined,
  t: Translation,
  ends = false,
): Relation {
  const taken = takenNames(legs, bound, t, ends);
  const columns = bound.map((target) => ({ ...target, name: taken.get(target.name)?.name ?? target.name }));
  if (legs.length === 0) return { from: t.stage(emptySql(columns)), columns };
  const sources = legs.map(({ relation }) =>
    bound.map((target) => {
      const from = taken.get(target.name)?.from;
      if (from === undefined) return sourceColumn(relation, target, bound);
      const found = column(relation, from);
      return found?.type === target.type ? found : undefined;
    }),
  );
  const parts = legs.map(({ relation, source }, leg) => {
    const items = columns.flatMap((target, i) => {
      if (target.name === sourceName) return [{ sql: sqlText(source), name: target.sql }];
      const found = sources[leg]?.[i];
      return found ? [{ sql: found.sql, name: target.sql }] : [];
    });
    const carried = t.usesIngestion ? [{ sql: relation.ingestion ?? 'NULL::BIGINT', name: INGESTED }] : [];
    return { items: [...items, ...carried], rest: `FROM ${relation.from}` };
  });
  // A table writes only the columns that it has: with all of them, the union of a whole workspace is too long to plan.
  const items = columns.map((target, i) => {
    const name = target.sql;
    if (target.name === sourceName) return { sql: name, name };
    const given = sources.filter((leg) => leg[i]).length;
    if (given === 0) return { sql: sqlNull(target.type), name };
    return { sql: given < legs.length && target.type === 'string' ? `coalesce(${name}, '')` : name, name };
  });
  const carried = t.usesIngestion ? [{ sql: INGESTED, name: INGESTED }] : [];
  const all = t.unionByName(parts, { heavy: parts.length > 1 });
  const from = t.select([...items, ...carried], `FROM ${all}`);
  return { from, columns, ...(t.usesIngestion && { ingestion: INGESTED }) };
}

/** Every table of the workspace: what search and find look through where they name none. */
export function allTables(t: Translation): Leg[] {
  return t.catalog.tables.map((table) => storedLeg(table, t));
}

function storedLeg({ name, columns }: TableSchema, t: Translation): Leg {
  return { relation: storedTable(name, nameColumns(columns), t, { restricted: true }), source: name };
}

/** The column of a leg that stands under a column of the union. */
export function sourceColumn(
  relation: Relation,
  target: RelationColumn,
  columns: readonly RelationColumn[],
): RelationColumn | undefined {
  const exact = column(relation, target.name);
  if (exact && exact.type === target.type) return exact;
  // Columns of one name and several types are split: `x_long`, `x_string`.
  const suffix = `_${target.type}`;
  if (!target.name.endsWith(suffix)) return undefined;
  const whole = target.name.slice(0, -suffix.length);
  const base = column(relation, whole);
  return base?.type === target.type && !columns.some((other) => other.name === whole) ? base : undefined;
}

/**
 * A split column may take a name that another table gives itself. Kusto leaves that table its name and numbers the split
 * column; the binder numbers the one that comes later, so after the union a name would mean two things: it is refused.
 * @returns the name that a column of the binder gets, and the column of the tables that it is
 */
function takenNames(
  legs: readonly Leg[],
  columns: readonly RelationColumn[],
  t: Translation,
  ends: boolean,
): Map<string, { name: string; from: string }> {
  const firstWith = (name: string, type: string): number =>
    legs.findIndex(({ relation }) => column(relation, name)?.type === type);
  const taken = new Map<string, { name: string; from: string }>();
  for (const { name, type } of columns) {
    const base = name.endsWith(`_${type}`) ? name.slice(0, -type.length - 1) : undefined;
    if (!base || !legs.some(({ relation }) => column(relation, name))) continue;
    const types = new Set(legs.flatMap(({ relation }) => column(relation, base)?.type ?? []));
    if (types.size <= 1) continue;
    const [split, given] = [firstWith(base, type), firstWith(name, type)];
    const numbered = columns.find((other) => other.name === `${name}1` && other.type === type);
    if (!ends || split < 0 || given < 0 || split === given || !numbered) {
      t.unsupportedAt(`a union in which the column ${name} comes from two places`);
    }
    const [first, second] = split < given ? [base, name] : [name, base];
    const nameOf = (from: string): string => (from === base ? `${name}1` : name);
    taken.set(name, { name: nameOf(first), from: first });
    taken.set(`${name}1`, { name: nameOf(second), from: second });
  }
  return taken;
}

function emptySql(columns: Relation['columns']): string {
  return `SELECT ${columns.map((c) => `${sqlNull(c.type)} AS ${c.sql}`).join(', ') || '1'} WHERE false`;
}

/** The tables of one operand: several for a name with a wildcard, none for a missing one where that is allowed. */
export function operandLegs(
  operand: SyntaxNode,
  at: number,
  fuzzy: boolean,
  scope: Scope,
  t: Translation,
  unnamed = 'union_arg',
): Leg[] {
  if (operand.kind === 'NameReference' && operand.text.includes('*')) {
    if (/\bview\s*\(/.test(t.text)) return t.unsupported('a wildcard beside views', operand);
    const pattern = new RegExp(`^${operand.text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
    return t.catalog.tables.filter((table) => pattern.test(table.name)).map((table) => storedLeg(table, t));
  }
  // A table that does not exist is left out of a fuzzy union; the binder has warned.
  if (fuzzy && isMissing(operand, scope, t)) return [];
  const { kind = '' } = operand.symbol ?? {};
  const named = operand.kind === 'NameReference' && (kind === 'table' || kind === 'function');
  const source = named ? operand.text : `${unnamed}${at}`;
  return [{ relation: relationOf(operand, scope, t), source }];
}

/** Whether the table that a leg begins with is known to nobody. */
function isMissing(operand: SyntaxNode, scope: Scope, t: Translation): boolean {
  let source: SyntaxNode | undefined = operand;
  while (source && (source.kind === 'PipeExpression' || source.kind === 'ParenthesizedExpression')) {
    source = source.field('Expression');
  }
  if (source?.result?.kind !== 'table') return true;
  if (source.kind !== 'NameReference' || source.symbol?.kind === 'function') return false;
  const name = source.symbol?.name ?? source.text;
  if (scope.environment.find(name) || t.named.has(name)) return false;
  return !t.catalog.tables.some((table) => table.name === name);
}
