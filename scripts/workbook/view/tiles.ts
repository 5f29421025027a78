/** Tiles, cards and the stat visualisation. */
import type { Column, QueryResult } from '../../engines/query-engine.ts';
import { filledTextOf, flagOf, type JsonRecord, numberOf, recordOf, textOf } from '../lenient.ts';
import { type CellView, type Extent, extentOf, formatCell } from './cell.ts';
import { type FormattingRule, fillTemplate, type RowContext, readRule } from './formatting-rule.ts';
import { compareKeys } from './grid.ts';
import { numberIn, numberText, valueText } from './number-format.ts';
import { namedColor } from './palette.ts';

export interface TileView {
  source: number;
  title?: CellView;
  subtitle?: CellView;
  left?: CellView;
  right?: CellView;
  secondary?: CellView;
}

export interface TilesView {
  kind: 'tiles';
  size: 'fixed' | 'auto' | 'full';
  border: boolean;
  tiles: TileView[];
  total: number;
}

export interface CardView {
  kind: 'card';
  style: 'header' | 'bignumber' | 'markdown' | 'editor' | 'plain';
  text: string;
}

export interface StatView {
  kind: 'stat';
  text: string;
  label: string;
  color?: string;
}

/** Azure draws at most a hundred tiles. */
const MAX_TILES = 100;

type Section = 'title' | 'subtitle' | 'left' | 'right' | 'secondary';
const SECTIONS: readonly Section[] = ['title', 'subtitle', 'left', 'right', 'secondary'];

export function tilesView(result: QueryResult, settings: JsonRecord, expand: (text: string) => string): TilesView {
  const rules = new Map<Section, FormattingRule>();
  for (const section of SECTIONS) {
    const rule = readRule(settings[`${section}Content`]);
    if (rule && findColumn(result.columns, rule.columnMatch) >= 0) rules.set(section, rule);
  }
  if (rules.size === 0) for (const [section, rule] of defaultSections(result.columns)) rules.set(section, rule);
  const extents = new Map<number, Extent>();
  const order = sortedRows(result, settings);
  const size = textOf(settings.size)?.toLowerCase();
  return {
    kind: 'tiles',
    size: size === 'auto' || size === 'full' ? size : 'fixed',
    border: flagOf(settings.showBorder) ?? true,
    total: result.rows.length,
    tiles: order.slice(0, MAX_TILES).map((source) => {
      const tile: TileView = { source };
      const row = result.rows[source] ?? [];
      for (const [section, rule] of rules) {
        const at = findColumn(result.columns, rule.columnMatch);
        const column = result.columns[at];
        if (!column) continue;
        const extent = () => {
          const known = extents.get(at) ?? extentOf(result.rows.map((one) => one[at]));
          extents.set(at, known);
          return known;
        };
        tile[section] = formatCell(row[at], column, rule, { columns: result.columns, row, expand }, extent);
      }
      return tile;
    }),
  };
}

function findColumn(columns: readonly Column[], name: string): number {
  return columns.findIndex((column) => column.name === name);
}

// Without settings: the first text is the title, the first number the big number.
function defaultSections(columns: readonly Column[]): [Section, FormattingRule][] {
  const rule = (column: Column, formatter: number): FormattingRule => ({
    columnMatch: column.name,
    formatter,
    options: {},
    numberFormat: undefined,
    dateFormat: undefined,
    tooltip: undefined,
  });
  const number = columns.find((column) => isNumber(column));
  const title = columns.find((column) => column !== number);
  return [
    ...(title ? [['title', rule(title, 1)] as [Section, FormattingRule]] : []),
    ...(number ? [['left', rule(number, 12)] as [Section, FormattingRule]] : []),
  ];
}

function isNumber(column: Column): boolean {
  return ['int', 'long', 'real', 'decimal'].includes(column.type);
}

function sortedRows(result: QueryResult, settings: JsonRecord): number[] {
  const order = result.rows.map((_, at) => at);
  const field = filledTextOf(settings.sortCriteriaField);
  const at = field === undefined ? -1 : findColumn(result.columns, field);
  const direction = numberOf(settings.sortOrderField) === 2 ? -1 : 1;
  if (at < 0 || numberOf(settings.sortOrderField) === 0) return order;
  const keys = result.rows.map((row) => numberIn(row[at]) ?? valueText(row[at], result.columns[at]));
  return order.sort((a, b) => direction * compareKeys(keys[a]!, keys[b]!) || a - b);
}

/** A card shows the first value of the first row. */
export function cardView(result: QueryResult, settings: JsonRecord): CardView {
  const style = textOf(settings.style)?.toLowerCase();
  const value = result.rows[0]?.[0];
  const number = numberIn(value);
  return {
    kind: 'card',
    style: style === 'header' || style === 'bignumber' || style === 'markdown' || style === 'editor' ? style : 'plain',
    text:
      style === 'bignumber' && number !== undefined
        ? numberText(number, { unit: 0 })
        : valueText(value, result.columns[0]),
  };
}

/** One number of a column: first, last, minimum, maximum, average, sum or count. */
export function statView(result: QueryResult, settings: JsonRecord, expand: (text: string) => string): StatView {
  const wanted = filledTextOf(settings.valueField);
  const named = wanted === undefined ? -1 : findColumn(result.columns, wanted);
  const at = named >= 0 ? named : Math.max(0, result.columns.findIndex(isNumber));
  const numbers = result.rows.flatMap((row) => numberIn(row[at]) ?? []);
  const value = aggregate(numbers, textOf(settings.valueAggregation) ?? 'None', result.rows.length);
  const context: RowContext = { columns: result.columns, row: result.rows[0] ?? [], expand };
  const tag = filledTextOf(settings.tagText);
  const color = namedColor(textOf(recordOf(settings.colorSettings).heatmapPalette) ?? textOf(settings.color));
  return {
    kind: 'stat',
    text:
      value === undefined
        ? valueText(result.rows[0]?.[at], result.columns[at])
        : numberText(value, settings.numberFormat ?? settings.numberFormatSettings),
    label: tag === undefined ? (result.columns[at]?.name ?? '') : fillTemplate(tag, context),
    ...(color === undefined ? {} : { color }),
  };
}

/** An aggregation by its name in the settings; `None` and unknown names take the first number. */
export function aggregate(numbers: readonly number[], name: string, rows: number): number | undefined {
  const sum = () => numbers.reduce((total, one) => total + one, 0);
  switch (name.toLowerCase()) {
    case 'count':
      return rows;
    case 'sum':
      return sum();
    case 'average':
    case 'avg':
      return numbers.length === 0 ? undefined : sum() / numbers.length;
    case 'min':
      return numbers.length === 0 ? undefined : numbers.reduce((a, b) => Math.min(a, b));
    case 'max':
      return numbers.length === 0 ? undefined : numbers.reduce((a, b) => Math.max(a, b));
    case 'last':
      return numbers.at(-1);
    default:
      return numbers[0];
  }
}
