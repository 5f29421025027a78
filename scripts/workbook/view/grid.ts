/** The grid: columns with labels, formatted rows, sorting, filtering and hierarchy. */
import type { Column, QueryResult, Value } from '../../engines/query-engine.ts';
import { filledTextOf, flagOf, isRecord, type JsonRecord, listOf, numberOf, recordOf, textOf } from '../lenient.ts';
import { type CellView, type Extent, extentOf, formatCell } from './cell.ts';
import { Formatter, type FormattingRule, readRules, ruleFor } from './formatting-rule.ts';
import { numberIn, valueText } from './number-format.ts';

export interface GridColumn {
  name: string;
  label: string;
  numeric: boolean;
  width?: string;
}

export interface GridRow {
  /** Index in the query's result; -1 for a made group row. */
  source: number;
  cells: CellView[];
  /** What the column sorts by: numbers as numbers, dates as ISO text. */
  sortKeys: (string | number)[];
  depth: number;
  /** Has rows below it that open and close. */
  parent: boolean;
  /** Hidden until its parents are open. */
  closed: boolean;
}

export interface GridView {
  kind: 'grid';
  columns: GridColumn[];
  rows: GridRow[];
  filter: boolean;
  tree: boolean;
  sorted?: { column: number; descending: boolean };
  /** Rows of the result; more than are shown where the limit cuts. */
  total: number;
}

/** Azure shows 250 rows unless the grid says otherwise, and never more than 10,000. */
const DEFAULT_ROWS = 250;
const MAX_ROWS = 10_000;

export function gridView(result: QueryResult, settings: JsonRecord, expand: (text: string) => string): GridView {
  const rules = readRules(settings.formatters);
  const labels = new Map(
    listOf(settings.labelSettings)
      .filter(isRecord)
      .map((one) => [textOf(one.columnId) ?? '', textOf(one.label) ?? '']),
  );
  const ruleOf = result.columns.map((column) => ruleFor(rules, column.name));
  const tree = hierarchy(result, recordOf(settings.hierarchySettings));
  const treeColumn = tree?.column;
  const shown = result.columns.flatMap((_, at) =>
    ruleOf[at]?.formatter === Formatter.hidden || (tree?.consumed.has(at) ?? false) ? [] : [at],
  );
  // A tree keeps its own first column, even where the group columns are consumed by it.
  const order = treeColumn === undefined || shown.includes(treeColumn) ? shown : [treeColumn, ...shown];
  const extents = new Map<number, Extent>();
  const extent = (at: number) => () => {
    const known = extents.get(at) ?? extentOf(columnOf(result.rows, at));
    extents.set(at, known);
    return known;
  };
  const limit = Math.min(MAX_ROWS, Math.max(1, numberOf(settings.rowLimit) ?? DEFAULT_ROWS));
  const sort = sortOf(settings, result.columns);
  const sources = sortRows(result, sort);
  const groupRule = ruleFor(rules, '$gen_group');
  const draw = (source: number, depth: number, parent: boolean, closed: boolean): GridRow => {
    const row = result.rows[source] ?? [];
    const context = { columns: result.columns, row, expand };
    return {
      source,
      depth,
      parent,
      closed,
      cells: order.map((at) => formatCell(row[at], result.columns[at]!, ruleOf[at], context, extent(at))),
      sortKeys: order.map((at) => sortKey(row[at], result.columns[at]!)),
    };
  };
  const rows = tree
    ? tree.rows(sources, limit, draw, (label, values, depth, closed) =>
        groupRow(label, values, depth, closed, order, treeColumn, result, groupRule, expand),
      )
    : sources.slice(0, limit).map((source) => draw(source, 0, false, false));
  const sortedAt = sort ? order.indexOf(sort.column) : -1;
  return {
    kind: 'grid',
    columns: order.map((at) => gridColumn(result.columns[at]!, at === treeColumn, labels, ruleOf[at])),
    rows,
    filter: flagOf(settings.filter) ?? false,
    tree: tree !== undefined,
    ...(sort && sortedAt >= 0 ? { sorted: { column: sortedAt, descending: sort.descending } } : {}),
    total: result.rows.length,
  };
}

function* columnOf(rows: readonly Value[][], at: number): Generator<Value | undefined> {
  for (const row of rows) yield row[at];
}

function gridColumn(
  column: Column,
  treeColumn: boolean,
  labels: ReadonlyMap<string, string>,
  rule: FormattingRule | undefined,
): GridColumn {
  const label =
    filledTextOf(labels.get(column.name)) ?? (treeColumn ? filledTextOf(labels.get('$gen_group')) : undefined);
  const width = columnWidth(textOf(rule?.options.customColumnWidthSetting));
  return {
    name: column.name,
    label: label ?? column.name,
    numeric: column.type === 'int' || column.type === 'long' || column.type === 'real' || column.type === 'decimal',
    ...(width === undefined ? {} : { width }),
  };
}

// `200px`, `25%`, `30ch`, or a bare number of characters; `2fr` has no meaning in a table.
function columnWidth(text: string | undefined): string | undefined {
  const match = /^\s*(\d{1,4}(?:\.\d+)?)\s*(px|%|ch|rem|em)?\s*$/.exec(text ?? '');
  return match ? `${match[1]}${match[2] ?? 'ch'}` : undefined;
}

function sortKey(value: Value | undefined, column: Column): string | number {
  if (typeof value === 'number') return value;
  if (column.type === 'datetime') return typeof value === 'string' ? value : '';
  const number = column.type === 'string' ? undefined : numberIn(value);
  return number ?? valueText(value, column).toLowerCase();
}

interface Sort {
  column: number;
  descending: boolean;
}

// The editor writes the key of its own column ids, such as `$gen_heatmap_Count_2`.
function sortOf(settings: JsonRecord, columns: readonly Column[]): Sort | undefined {
  const first = [...listOf(settings.sortBy), ...listOf(settings.sortCriteria)].find(isRecord);
  if (!first) return undefined;
  const key = textOf(first.itemKey) ?? textOf(first.columnId) ?? '';
  const name = columns.some((column) => column.name === key) ? key : key.replace(/^\$gen_[a-z]+_(.+)_\d+$/i, '$1');
  const column = columns.findIndex((one) => one.name === name);
  return column < 0 ? undefined : { column, descending: numberOf(first.sortOrder) === 2 };
}

function sortRows(result: QueryResult, sort: Sort | undefined): number[] {
  const order = result.rows.map((_, at) => at);
  if (!sort) return order;
  const column = result.columns[sort.column]!;
  const keys = result.rows.map((row) => sortKey(row[sort.column], column));
  const direction = sort.descending ? -1 : 1;
  return order.sort((a, b) => direction * compareKeys(keys[a]!, keys[b]!) || a - b);
}

export function compareKeys(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === 'number' ? -1 : 1;
}

type DrawRow = (source: number, depth: number, parent: boolean, closed: boolean) => GridRow;
type DrawGroup = (label: string, members: number[], depth: number, closed: boolean) => GridRow;

interface Hierarchy {
  /** The column that opens and closes. */
  column: number | undefined;
  consumed: ReadonlySet<number>;
  rows: (sources: readonly number[], limit: number, row: DrawRow, group: DrawGroup) => GridRow[];
}

// Source of the settings: Documentation/Visualizations/Grid.md, "Tree".
function hierarchy(result: QueryResult, settings: JsonRecord): Hierarchy | undefined {
  const index = (name: unknown) => {
    const text = filledTextOf(name);
    return text === undefined ? -1 : result.columns.findIndex((column) => column.name === text);
  };
  const treeType = numberOf(settings.treeType);
  const expandTop = flagOf(settings.expandTopLevel) ?? false;
  if (treeType === 1 || (treeType === undefined && settings.groupBy !== undefined)) {
    const by = listOf(settings.groupBy)
      .map(index)
      .filter((at) => at >= 0);
    if (by.length === 0) return undefined;
    const final = index(settings.finalBy);
    return {
      column: final >= 0 ? final : by[0],
      consumed: new Set(by.filter((at) => at !== final)),
      rows: (sources, limit, row, group) => groupRows(result, by, expandTop, sources, limit, row, group),
    };
  }
  if (treeType !== 0) return undefined;
  const [id, parent] = [index(settings.idColumn), index(settings.parentColumn)];
  if (id < 0 || parent < 0) return undefined;
  const expander = index(settings.expanderColumn);
  return {
    column: expander >= 0 ? expander : undefined,
    consumed: new Set(),
    rows: (sources, limit, row) => treeRows(result, id, parent, expandTop, sources, limit, row),
  };
}

function groupRows(
  result: QueryResult,
  by: readonly number[],
  expandTop: boolean,
  sources: readonly number[],
  limit: number,
  row: DrawRow,
  group: DrawGroup,
): GridRow[] {
  const rows: GridRow[] = [];
  const walk = (members: readonly number[], level: number): void => {
    const closed = level > 0 && !(expandTop && level === 1);
    const at = by[level];
    if (at === undefined) {
      for (const source of members) if (rows.length < limit) rows.push(row(source, level, false, closed));
      return;
    }
    const groups = new Map<string, number[]>();
    for (const source of members) {
      const key = valueText(result.rows[source]?.[at], result.columns[at]);
      const list = groups.get(key) ?? [];
      list.push(source);
      groups.set(key, list);
    }
    for (const [key, list] of groups) {
      if (rows.length >= limit) return;
      rows.push(group(`${key === '' ? '(none)' : key} (${list.length})`, list, level, closed));
      walk(list, level + 1);
    }
  };
  walk(sources, 0);
  return rows;
}

function treeRows(
  result: QueryResult,
  id: number,
  parent: number,
  expandTop: boolean,
  sources: readonly number[],
  limit: number,
  row: DrawRow,
): GridRow[] {
  const key = (value: Value | undefined) => (value === null || value === undefined ? '' : String(value));
  const ids = new Set(sources.map((source) => key(result.rows[source]?.[id])));
  const children = new Map<string, number[]>();
  const roots: number[] = [];
  for (const source of sources) {
    const above = key(result.rows[source]?.[parent]);
    if (above === '' || !ids.has(above) || above === key(result.rows[source]?.[id])) roots.push(source);
    else children.set(above, [...(children.get(above) ?? []), source]);
  }
  const rows: GridRow[] = [];
  const seen = new Set<number>();
  const walk = (source: number, depth: number): void => {
    // A cycle of parents would never end.
    if (seen.has(source) || rows.length >= limit || depth > 50) return;
    seen.add(source);
    const below = children.get(key(result.rows[source]?.[id])) ?? [];
    rows.push(row(source, depth, below.length > 0, depth > 0 && !(expandTop && depth === 1)));
    for (const child of below) walk(child, depth + 1);
  };
  for (const root of roots) walk(root, 0);
  for (const source of sources) walk(source, 0);
  return rows;
}

function groupRow(
  label: string,
  members: readonly number[],
  depth: number,
  closed: boolean,
  order: readonly number[],
  treeColumn: number | undefined,
  result: QueryResult,
  rule: FormattingRule | undefined,
  expand: (text: string) => string,
): GridRow {
  const context = { columns: [{ name: '$gen_group', type: 'string' as const }], row: [label], expand };
  const cells = order.map((at): CellView => {
    if (at === treeColumn) return formatCell(label, context.columns[0]!, rule, context, () => ({ min: 0, max: 0 }));
    return { kind: 'text', text: '' };
  });
  const first = members[0];
  return {
    source: -1,
    depth,
    parent: true,
    closed,
    cells,
    sortKeys: order.map((at) =>
      at === treeColumn || first === undefined
        ? label.toLowerCase()
        : sortKey(result.rows[first]?.[at], result.columns[at]!),
    ),
  };
}
