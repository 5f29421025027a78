/** From rows to series: which column is the x axis, which are values, which splits into series. */
import type { Column, QueryResult, Value } from '../../engines/query-engine.ts';
import { filledTextOf, type JsonRecord, listOf, numberOf } from '../lenient.ts';
import { numberIn, valueText } from './number-format.ts';

export interface Series {
  name: string;
  /** x is milliseconds on a time axis, else the index of a category. */
  points: [number, number][];
}

export interface ChartData {
  time: boolean;
  categories: string[];
  series: Series[];
  /** Column names, for labels and exports. */
  x: string;
  y: string[];
  /** More series or points were there than a chart shows. */
  cut: boolean;
}

/** Azure draws at most a hundred series and ten thousand points. */
const MAX_SERIES = 100;
const MAX_POINTS = 10_000;
const OTHER = 'Other';

/** What the settings of the item and the `render` operator of its query ask for. */
export interface ChartRequest {
  /** Prefers a date on the x axis. */
  wantsTime: boolean;
  settings: JsonRecord;
  properties: Readonly<Record<string, string>>;
}

export function chartData(source: QueryResult, request: ChartRequest): ChartData {
  const result = expandSeries(source);
  const { columns } = result;
  const find = (name: unknown) => {
    const text = filledTextOf(name);
    return text === undefined ? -1 : columns.findIndex((column) => column.name === text);
  };
  const xAt = chooseX(columns, find(request.settings.xAxis), find(request.properties.xcolumn), request.wantsTime);
  const yAt = chooseY(columns, xAt, request, find);
  const groupAt = chooseGroup(columns, xAt, yAt, find(request.settings.group), request, find);
  const time = columns[xAt]?.type === 'datetime';
  const categories: string[] = [];
  const categoryIndex = new Map<string, number>();
  const series = new Map<string, Map<number, number>>();
  let points = 0;
  let cut = false;
  for (const row of result.rows) {
    if (points >= MAX_POINTS) {
      cut = true;
      break;
    }
    const x = time ? Date.parse(String(row[xAt])) : place(valueText(row[xAt], columns[xAt]), categories, categoryIndex);
    if (Number.isNaN(x)) continue;
    const group = groupAt < 0 ? undefined : valueText(row[groupAt], columns[groupAt]) || '(empty)';
    for (const at of yAt.length > 0 ? yAt : [-1]) {
      const value = at < 0 ? 1 : numberIn(row[at]);
      if (value === undefined || Number.isNaN(value)) continue;
      const own = at < 0 ? 'Count' : columns[at]!.name;
      const name = group === undefined ? own : yAt.length > 1 ? `${group}: ${own}` : group;
      let line = series.get(name);
      if (!line) {
        if (series.size >= MAX_SERIES) {
          cut = true;
          continue;
        }
        line = new Map();
        series.set(name, line);
      }
      line.set(x, (line.get(x) ?? 0) + value);
      points++;
    }
  }
  const list = [...series].map(
    ([name, line]): Series => ({
      name,
      points: [...line].sort((a, b) => a[0] - b[0]),
    }),
  );
  return {
    time,
    categories,
    series: foldOther(list, numberOf(request.settings.createOtherGroup)),
    x: columns[xAt]?.name ?? '',
    y: yAt.map((at) => columns[at]!.name),
    cut,
  };
}

function place(name: string, categories: string[], index: Map<string, number>): number {
  const key = name === '' ? '(empty)' : name;
  const known = index.get(key);
  if (known !== undefined) return known;
  index.set(key, categories.length);
  return categories.push(key) - 1;
}

function isNumber(column: Column | undefined): boolean {
  return column !== undefined && ['int', 'long', 'real', 'decimal'].includes(column.type);
}

function chooseX(columns: readonly Column[], asked: number, rendered: number, wantsTime: boolean): number {
  if (asked >= 0) return asked;
  if (rendered >= 0) return rendered;
  const time = columns.findIndex((column) => column.type === 'datetime');
  if (wantsTime && time >= 0) return time;
  const text = columns.findIndex((column) => !isNumber(column) && column.type !== 'timespan');
  if (text >= 0) return text;
  return 0;
}

type Find = (name: unknown) => number;

function chooseY(columns: readonly Column[], x: number, request: ChartRequest, find: Find): number[] {
  const asked = [...listOf(request.settings.yAxis), ...(request.properties.ycolumns?.split(',') ?? [])];
  const named = asked.map((name) => find(typeof name === 'string' ? name.trim() : name)).filter((at) => at >= 0);
  if (named.length > 0) return [...new Set(named)];
  return columns.flatMap((column, at) => (at !== x && isNumber(column) ? [at] : []));
}

function chooseGroup(
  columns: readonly Column[],
  x: number,
  y: readonly number[],
  asked: number,
  request: ChartRequest,
  find: Find,
): number {
  if (asked >= 0) return asked === x && !request.wantsTime ? -1 : asked;
  const rendered = find(request.properties.series?.split(',')[0]?.trim());
  if (rendered >= 0) return rendered;
  return columns.findIndex(
    (column, at) => at !== x && !y.includes(at) && ['string', 'bool', 'guid', 'dynamic'].includes(column.type),
  );
}

function foldOther(series: Series[], keep: number | undefined): Series[] {
  if (keep === undefined || keep < 1 || series.length <= keep) return series;
  const total = (one: Series) => one.points.reduce((sum, point) => sum + Math.abs(point[1]), 0);
  const ranked = [...series].sort((a, b) => total(b) - total(a));
  const kept = new Set(ranked.slice(0, keep));
  const other = new Map<number, number>();
  for (const one of ranked.slice(keep)) for (const [x, y] of one.points) other.set(x, (other.get(x) ?? 0) + y);
  return [...series.filter((one) => kept.has(one)), { name: OTHER, points: [...other].sort((a, b) => a[0] - b[0]) }];
}

/** `make-series` answers one row a series with arrays; charts want one row a point. */
function expandSeries(result: QueryResult): QueryResult {
  const first = result.rows[0];
  if (!first) return result;
  const arrays = result.columns.flatMap((_, at) => {
    const list = arrayIn(first[at]);
    return list ? [{ at, list }] : [];
  });
  const axis = arrays.find(
    ({ list }) => list.length > 0 && list.every((one) => typeof one === 'string' && ISO.test(one)),
  );
  const measured = arrays.filter(({ at, list }) => at !== axis?.at && list.some((one) => typeof one === 'number'));
  if (!axis || measured.length === 0) return result;
  const spread = new Set([axis.at, ...measured.map((one) => one.at)]);
  const columns = result.columns.map((column, at): Column => {
    if (at === axis.at) return { name: column.name, type: 'datetime' };
    return spread.has(at) ? { name: column.name, type: 'real' } : column;
  });
  const rows: Value[][] = [];
  for (const row of result.rows) {
    const steps = arrayIn(row[axis.at]) ?? [];
    for (let step = 0; step < steps.length && rows.length < MAX_POINTS; step++) {
      rows.push(row.map((value, at) => (spread.has(at) ? (arrayIn(value)?.[step] ?? null) : value)));
    }
  }
  return { columns, rows };
}

const ISO = /^\d{4}-\d\d-\d\dT/;

function arrayIn(value: Value | undefined): Value[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string' || !value.startsWith('[')) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? (parsed as Value[]) : undefined;
  } catch {
    return undefined;
  }
}
