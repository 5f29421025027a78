/** A tabular value on its way to SQL. */
import type { Column, KustoType } from '../../engines/query-engine.ts';

/** A visible column: its Kusto name and type, and its SQL name inside the relation (quoted). */
export interface RelationColumn extends Column {
  readonly sql: string;
}

/** One key of the order that a relation has: a SQL name inside the relation. */
export interface OrderKey {
  readonly sql: string;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface Relation {
  /** What stands in FROM: the name of a stage, or a stored table. */
  readonly from: string;
  readonly columns: readonly RelationColumn[];
  /** Known order of the rows; its keys are hidden columns or visible ones. Absent: as DuckDB delivers them. */
  readonly order?: readonly OrderKey[];
  /** Kusto lets window functions look at neighbours: the rows were sorted or serialized. */
  readonly serialized?: boolean;
  /** Hidden columns that split the rows into the sub-tables of mv-apply and partition; operators work inside each. */
  readonly partition?: readonly string[];
  /** The stage that has a row for every sub-table, also for those that are empty by now. */
  readonly partitionSource?: string;
  /** Hidden column with the time of ingestion, where the rows still are those of a stored table. */
  readonly ingestion?: string;
}

/** SQL type of each Kusto type; see functions/registry.ts. */
export const sqlTypes: Readonly<Record<KustoType, string>> = {
  bool: 'BOOLEAN',
  datetime: 'BIGINT',
  decimal: 'DECIMAL(38,17)',
  dynamic: 'VARCHAR',
  guid: 'UUID',
  int: 'INTEGER',
  long: 'BIGINT',
  real: 'DOUBLE',
  string: 'VARCHAR',
  timespan: 'BIGINT',
};

/** The null of a type, typed; '' for string. */
export function sqlNull(type: KustoType): string {
  return type === 'string' ? "''" : `NULL::${sqlTypes[type]}`;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as a SQL literal. DuckDB has no escapes in it; a NUL character has to be joined in. */
export function sqlText(text: string): string {
  if (!text.includes('\0')) return `'${text.replaceAll("'", "''")}'`;
  return `(${text
    .split('\0')
    .map((part) => `'${part.replaceAll("'", "''")}'`)
    .join(' || chr(0) || ')})`;
}

/**
 * Gives columns SQL names that differ by more than case, since DuckDB's names ignore it and Kusto's do not; names that
 * start with `$` are kept for hidden columns.
 */
export function nameColumns(columns: readonly Column[]): RelationColumn[] {
  const taken = new Set<string>();
  return columns.map(({ name, type }) => {
    let candidate = name.startsWith('$') ? `_${name}` : name;
    for (let n = 2; taken.has(candidate.toLowerCase()); n++) candidate = `${name}~${n}`;
    taken.add(candidate.toLowerCase());
    return { name, type, sql: quoteName(candidate) };
  });
}

/** Hidden columns that every stage has to hand on. */
export function hiddenColumns(relation: Relation): string[] {
  const visible = new Set(relation.columns.map((column) => column.sql));
  const hidden = [
    ...(relation.order ?? []).map((key) => key.sql),
    ...(relation.partition ?? []),
    ...(relation.ingestion ? [relation.ingestion] : []),
  ];
  return [...new Set(hidden)].filter((name) => !visible.has(name));
}

/** `a DESC NULLS LAST, ...`, or undefined for a relation without order. */
export function orderBy(relation: Relation): string | undefined {
  if (!relation.order?.length) return undefined;
  return relation.order
    .map((key) => `${key.sql} ${key.descending ? 'DESC' : 'ASC'} NULLS ${key.nullsFirst ? 'FIRST' : 'LAST'}`)
    .join(', ');
}

/** What a relation keeps of its input when its rows are new ones: only the sub-tables. */
export function subTables(input: Relation): Pick<Relation, 'partition' | 'partitionSource'> {
  return {
    ...(input.partition && { partition: input.partition }),
    ...(input.partitionSource && { partitionSource: input.partitionSource }),
  };
}

export function column(relation: Relation, name: string): RelationColumn | undefined {
  return relation.columns.find((candidate) => candidate.name === name);
}
