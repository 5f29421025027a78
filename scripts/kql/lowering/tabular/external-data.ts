/**
 * externaldata: rows of a file at an address, https://learn.microsoft.com/kusto/query/externaldata-operator. Nothing is
 * fetched: the catalog says which file of this machine holds what the address answers.
 */
import { scalarFunctions } from '../../functions/registry.ts';
import type { SyntaxNode } from '../../syntax.ts';
import { contextOf, convert } from '../expression.ts';
import { resultColumns } from '../pipeline.ts';
import { type Relation, type RelationColumn, sqlNull, sqlText } from '../relation.ts';
import type { Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';

/** Delimiters by format, https://learn.microsoft.com/azure/data-explorer/ingestion-supported-formats. */
const delimiters: Readonly<Record<string, string>> = { csv: ',', scsv: ';', psv: '|', sohsv: '\u0001' };
const properties = new Set(['format', 'ignorefirstrecord']);

export function externalData(node: SyntaxNode, scope: Scope, t: Translation): Relation {
  const columns = resultColumns(node, t);
  const given = new Map(
    (node.field('WithClause')?.items('Properties') ?? []).map((property) => {
      const name = property.field('Name')?.text ?? '';
      const value = property.field('Expression');
      if (!properties.has(name.toLowerCase())) t.unsupported(`externaldata with the property ${name}`, property);
      return [name.toLowerCase(), String(value?.constant ?? value?.text)] as const;
    }),
  );
  const parts = node.items('URIs').map((address) => {
    const url = String(address.constant);
    const file = t.catalog.externalFiles?.get(url);
    if (file === undefined) {
      t.unsupported('externaldata of an address', address, `give its file with --external '${url}=<file>'`);
    }
    const format = (given.get('format') ?? /\.(\w+)(?:\.gz)?(?:[?;].*)?$/.exec(url)?.[1] ?? 'csv').toLowerCase();
    return records(file, format, given.get('ignorefirstrecord') === 'true', columns, node, scope, t);
  });
  return { from: t.stage(parts.join('\nUNION ALL\n'), { heavy: true }), columns };
}

/** The rows of one file, as the columns in the order of the schema. */
function records(
  file: string,
  format: string,
  skipFirst: boolean,
  columns: readonly RelationColumn[],
  node: SyntaxNode,
  scope: Scope,
  t: Translation,
): string {
  const path = sqlText(file);
  const raw = columns.map((_, i) => `"c${i}"`);
  const typed = (sql: (i: number) => string): string =>
    columns.map((column, i) => `${fromText(sql(i), column, node, scope, t)} AS ${column.sql}`).join(', ');
  if (format === 'json' || format === 'multijson') {
    const layout = format === 'json' ? 'newline_delimited' : 'auto';
    const values = columns.map((column) => {
      const key = sqlText(`$."${column.name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
      const value = { sql: `nullif(json_extract(r.json, ${key})::VARCHAR, 'null')`, type: 'dynamic' as const };
      return `${convert(value, column.type, node, scope, t).sql} AS ${column.sql}`;
    });
    return `SELECT ${values.join(', ')} FROM read_json_objects(${path}, format=${sqlText(layout)}) AS r`;
  }
  if (format === 'raw' || format === 'txt') {
    const [text, ...rest] = columns;
    if (text?.type !== 'string' || rest.length > 0) {
      return t.unsupported(`externaldata in the format ${format} with other columns than one string`, node);
    }
    if (format === 'raw') return `SELECT content AS ${text.sql} FROM read_text(${path})`;
    // Lines end with a line feed and empty ones are skipped; whether a carriage return stays is not documented.
    const content = `CASE WHEN contains(content, chr(13)) THEN error('a text file with carriage returns') ELSE content END`;
    const lines = `SELECT unnest(string_split(${content}, chr(10))) AS "line" FROM read_text(${path})`;
    return `SELECT "line" AS ${text.sql} FROM (${lines}) WHERE "line" <> ''${skipFirst ? ' OFFSET 1' : ''}`;
  }
  const delimiter = delimiters[format];
  if (delimiter === undefined) return t.unsupported(`externaldata in the format ${format}`, node);
  const options = [
    `delim=${sqlText(delimiter)}`,
    `quote='"', escape='"', header=false, auto_detect=false, null_padding=true, strict_mode=true, nullstr=''`,
    `skip=${skipFirst ? 1 : 0}, parallel=false`,
    `columns={${raw.map((name) => `${sqlText(name.slice(1, -1))}: 'VARCHAR'`).join(', ')}}`,
  ];
  return `SELECT ${typed((i) => raw[i] ?? '')} FROM read_csv(${path}, ${options.join(', ')})`;
}

/** A cell of a delimited file: an empty one is null, a dynamic one is read as JSON. */
function fromText(sql: string, column: RelationColumn, node: SyntaxNode, scope: Scope, t: Translation): string {
  const text = { sql: `coalesce(${sql}, '')`, type: 'string' as const };
  if (column.type === 'string') return text.sql;
  const parse = scalarFunctions.get('parse_json');
  const value =
    column.type === 'dynamic' && parse
      ? parse([text], contextOf(node, 'externaldata', 'dynamic', scope, t))
      : convert(text, column.type, node, scope, t).sql;
  return `CASE WHEN ${sql} IS NULL THEN ${sqlNull(column.type)} ELSE ${value} END`;
}
