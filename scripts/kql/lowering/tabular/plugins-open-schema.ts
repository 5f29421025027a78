/** bag_unpack and pivot: plugins whose columns depend on the rows. */
import type { KustoType } from '../../../engines/query-engine.ts';
import type { TableSchema } from '../../catalog.ts';
import { nameLiteral } from '../../literal.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { callArguments } from '../calls.ts';
import { convert, lower } from '../expression.ts';
import { resultColumns } from '../pipeline.ts';
import { column, type Relation, type RelationColumn, sqlNull, sqlText } from '../relation.ts';
import { Hoist, type Scope } from '../scope.ts';
import type { Bounds, Translation } from '../translation.ts';
import { type SchemaPlace, schemaPlace } from './open-schema-place.ts';
import { type Output, select } from './project.ts';
import { aggregateValue, grouped } from './summarize.ts';

/**
 * Thrown while a query is lowered whose columns have to be looked up first: run `sql`, let `schema` make the output
 * schema of the answer's rows, put it at `place`, and translate again.
 */
export class OpenSchema extends Error {
  readonly place: SchemaPlace;
  readonly sql: (bounds: Bounds) => string;
  readonly runtime: readonly string[];
  readonly tables: readonly TableSchema[];
  readonly schema: (rows: readonly (readonly unknown[])[]) => string;

  constructor(
    place: SchemaPlace,
    relation: Relation,
    t: Translation,
    schema: (rows: readonly (readonly unknown[])[]) => string,
  ) {
    super('the columns depend on the rows');
    this.place = place;
    this.sql = (bounds) => t.render(relation, undefined, bounds);
    this.runtime = [...t.runtime];
    this.tables = [...t.tables.values()];
    this.schema = schema;
  }
}

function columnList(columns: readonly { name: string; type: KustoType }[], before: string): string {
  return ` : (${[before, ...columns.map(({ name, type }) => `${nameLiteral(name)}:${type}`)].filter(Boolean).join(', ')})`;
}

interface Arguments {
  bag: SyntaxNode;
  prefix: string;
  conflict: string;
  ignored: ReadonlySet<string>;
}

function unpackArguments(call: SyntaxNode, scope: Scope, t: Translation): Arguments {
  const args = call.field('ArgumentList')?.items('Expressions') ?? [];
  const [bag, ...rest] = args;
  const found = { prefix: '', conflict: 'error', ignored: new Set<string>() };
  const names = ['OutputColumnPrefix', 'columnsConflict', 'ignoredProperties'];
  rest.forEach((argument, i) => {
    const named = argument.kind === 'SimpleNamedExpression';
    const name = named ? (argument.field('Name')?.text ?? '') : (names[i] ?? '');
    const value = lower(named ? (argument.field('Expression') as SyntaxNode) : argument, scope, t).constant;
    if (typeof value !== 'string') t.unsupported('bag_unpack() with this argument', argument);
    if (name === 'columnsConflict') found.conflict = value;
    else if (name === 'ignoredProperties') found.ignored = new Set(JSON.parse(value) as string[]);
    else found.prefix = value;
  });
  return { bag: bag as SyntaxNode, ...found };
}

export function bagUnpack(call: SyntaxNode, node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const { bag, prefix, conflict, ignored } = unpackArguments(call, scope, t);
  const source = column(input, bag.symbol?.name ?? bag.text);
  if (!source) return t.unsupported('bag_unpack() of something that is not a column', bag);
  const rest = input.columns.filter((candidate) => candidate.name !== source.name);
  if (!node.field('Schema')) {
    const key: RelationColumn = { name: 'key', type: 'string', sql: '"key"' };
    const kinds: RelationColumn = { name: 'kinds', type: 'string', sql: '"kinds"' };
    const from = t.stage(
      `SELECT "key", string_agg(DISTINCT json_type("value"), ',') AS "kinds" FROM (SELECT unnest(json_keys(d)) AS "key", unnest(json_extract(d, '$.*')) AS "value" FROM (SELECT ${source.sql} AS d FROM ${input.from}) WHERE json_type(d) = 'OBJECT') GROUP BY 1 ORDER BY 1`,
    );
    throw new OpenSchema(schemaPlace(call, t), { from, columns: [key, kinds] }, t, (rows) => {
      const unpacked = rows
        .map(([name, types]) => ({ property: String(name), type: unpackedType(String(types ?? '')) }))
        .filter(({ property }) => !ignored.has(property))
        .map(({ property, type }) => ({ name: `${prefix}${property}`, type }));
      const taken = unpacked.filter(({ name }) => rest.some((candidate) => candidate.name === name));
      if (taken.length > 0 && conflict === 'error') {
        t.fail(`bag_unpack() makes a column ${taken[0]?.name} that the table has already`, call);
      }
      if (conflict !== 'replace_source')
        return columnList(
          unpacked.filter((item) => !taken.includes(item)),
          '*',
        );
      return columnList([...rest.filter(({ name }) => !taken.some((item) => item.name === name)), ...unpacked], '');
    });
  }
  const outputs = resultColumns(node, t).map(({ name, type }): Output => {
    const kept = rest.find((candidate) => candidate.name === name);
    if (kept && conflict !== 'replace_source') return { name, type, sql: kept.sql };
    const property = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    const path = sqlText(`$."${property.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
    const value = { sql: `nullif(json_extract(${source.sql}, ${path})::VARCHAR, 'null')`, type: 'dynamic' as const };
    const sql = convert(value, type, node, scope, t).sql;
    return {
      name,
      type,
      sql: kept && kept.type === type ? `CASE WHEN ${value.sql} IS NULL THEN ${kept.sql} ELSE ${sql} END` : sql,
    };
  });
  return select(input, outputs, t);
}

/** The type of a property that has values of these JSON types. */
function unpackedType(kinds: string): KustoType {
  const types = new Set(kinds.split(',').filter((kind) => kind && kind !== 'NULL'));
  const only = (...allowed: string[]) => types.size > 0 && [...types].every((kind) => allowed.includes(kind));
  if (only('BIGINT', 'UBIGINT')) return 'long';
  if (only('BIGINT', 'UBIGINT', 'DOUBLE')) return 'real';
  if (only('VARCHAR')) return 'string';
  if (only('BOOLEAN')) return 'bool';
  return 'dynamic';
}

/** A column for every value of the first argument, with the aggregate of its rows; the other columns are the groups. */
export function pivot(call: SyntaxNode, node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const [by, aggregate, ...others] = callArguments(call);
  const hoist = new Hoist(t.fresh);
  const inner: Scope = { ...scope, relation: input, hoist };
  const pivoted = convert(lower(by as SyntaxNode, inner, t), 'string', by as SyntaxNode, inner, t);
  const type = aggregate?.result?.kind === 'scalar' ? aggregate.result.type : 'long';
  const groups = groupColumns(by as SyntaxNode, aggregate, others, input, t);
  if (!node.field('Schema')) {
    const value: RelationColumn = { name: 'value', type: 'string', sql: '"value"' };
    const from = t.stage(`SELECT DISTINCT ${pivoted.sql} AS "value" FROM ${hoist.wrap(input.from)} ORDER BY 1`);
    throw new OpenSchema(schemaPlace(call, t), { from, columns: [value] }, t, (rows) => {
      const names = rows.map(([name]) => String(name)).filter((name) => name !== '');
      return columnList([...groups, ...names.map((name) => ({ name, type }))], '');
    });
  }
  const columns = resultColumns(node, t);
  const key: RelationColumn = { name: '$pivot', type: 'string', sql: '"$pivot"' };
  const value: RelationColumn = { name: '$value', type, sql: '"$value"' };
  const sql = aggregate ? aggregateValue(aggregate, value, input, inner, t) : 'count(*)';
  const cells = grouped(
    input,
    [...groups, key, value],
    [
      ...groups.map((group) => ({ sql: group.sql, name: group.sql })),
      { sql: pivoted.sql, name: key.sql },
      { sql, name: value.sql },
    ],
    groups.length + 1,
    hoist.wrap(input.from),
    t,
  );
  // A cell without rows holds what the aggregate answers for none.
  const name = aggregate?.field('Name')?.text.toLowerCase() ?? 'count';
  const missing = /^(d?count(if)?|sum(if)?)$/.test(name) ? '0' : sqlNull(type);
  const list = columns.map((target) => {
    const group = groups.find((candidate) => candidate.name === target.name);
    if (group) return `${group.sql} AS ${target.sql}`;
    return `coalesce(any_value("$value") FILTER ("$pivot" = ${sqlText(target.name)}), ${missing}) AS ${target.sql}`;
  });
  const by2 = groups.length ? ` GROUP BY ${groups.map((group) => group.sql).join(', ')}` : '';
  return { from: t.stage(`SELECT ${list.join(', ')} FROM ${cells.from}${by2}`, { heavy: true }), columns };
}

/** The columns named, else all that neither the pivot nor the aggregate reads. */
function groupColumns(
  by: SyntaxNode,
  aggregate: SyntaxNode | undefined,
  others: readonly SyntaxNode[],
  input: Relation,
  t: Translation,
): RelationColumn[] {
  if (others.length > 0) {
    return others.map(
      (other) => column(input, other.symbol?.name ?? other.text) ?? t.unsupported('pivot() by this', other),
    );
  }
  const read = new Set([...columnsRead(by), ...(aggregate ? columnsRead(aggregate) : [])]);
  return input.columns.filter((candidate) => !read.has(candidate.name));
}

function columnsRead(node: SyntaxNode): string[] {
  const own = node.kind === 'NameReference' && node.symbol?.kind === 'column' ? [node.symbol.name] : [];
  return [...own, ...node.children.flatMap(columnsRead)];
}
