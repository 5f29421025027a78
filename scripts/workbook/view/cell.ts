/** One cell of a grid, tile or card after its formatter: plain data that the page and the report draw. */
import type { Column, Value } from '../../engines/query-engine.ts';
import { holds } from '../criteria.ts';
import { filledTextOf, flagOf, isRecord, listOf, numberOf, recordOf, textOf } from '../lenient.ts';
import { resourcePart } from '../parameter-value.ts';
import { columnValue, Formatter, type FormattingRule, fillTemplate, type RowContext } from './formatting-rule.ts';
import { dateText, formatNumber, numberIn, numberText, valueText } from './number-format.ts';
import { namedColor, paletteColor } from './palette.ts';

export interface LinkView {
  /** url: opens a page. details: shows the cell or the row. portal: works in Azure only. */
  kind: 'url' | 'details' | 'portal';
  label: string;
  /** http, https or mailto; absent for the others and for anything else. */
  href?: string;
  /** What `details` shows. */
  details?: string;
  /** What a `portal` link would open. */
  target?: string;
}

export type CellView = {
  text: string;
  tooltip?: string;
  align?: 'right';
  link?: LinkView;
} & (
  | { kind: 'text' }
  | { kind: 'big' }
  | { kind: 'bar'; fraction: number; color: string; under: boolean }
  | { kind: 'heat'; color: string }
  | { kind: 'color'; color: string }
  | { kind: 'icon'; icon: string }
  | { kind: 'spark'; points: number[]; shape: 'line' | 'area' | 'bars'; color: string }
  | { kind: 'composite'; segments: { label: string; fraction: number; color: string }[] }
);

/** Smallest and largest number of a column, for bars and heat maps. */
export interface Extent {
  min: number;
  max: number;
}

export function extentOf(values: Iterable<Value | undefined>): Extent {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    const number = numberIn(value);
    if (number === undefined || Number.isNaN(number)) continue;
    if (number < min) min = number;
    if (number > max) max = number;
  }
  return min > max ? { min: 0, max: 0 } : { min, max };
}

/** The view of one value. `extent` is asked for only by formatters that compare. */
export function formatCell(
  value: Value | undefined,
  column: Column,
  rule: FormattingRule | undefined,
  context: RowContext,
  extent: () => Extent,
): CellView {
  const cell = drawCell(value, column, rule, context, extent);
  const tooltip = rule?.tooltip === undefined ? undefined : fillTemplate(rule.tooltip, context);
  const link = rule ? linkOf(rule, cell.text, value, context) : undefined;
  return { ...cell, ...(tooltip ? { tooltip } : {}), ...(link ? { link } : {}) };
}

function drawCell(
  value: Value | undefined,
  column: Column,
  rule: FormattingRule | undefined,
  context: RowContext,
  extent: () => Extent,
): CellView {
  const text = shownText(value, column, rule);
  const right = isNumeric(column) ? ({ align: 'right' } as const) : {};
  if (!rule) return { kind: 'text', text, ...right };
  const palette = textOf(rule.options.palette);
  switch (rule.formatter) {
    case Formatter.right:
      return { kind: 'text', text, align: 'right' };
    case Formatter.bar:
    case Formatter.barUnderneath:
    case Formatter.barVariant: {
      const fraction = fractionOf(value, rule, extent);
      if (fraction === undefined) return { kind: 'text', text, ...right };
      const color = barColor(palette, fraction);
      return { kind: 'bar', text, fraction, color, under: rule.formatter === Formatter.barUnderneath };
    }
    case Formatter.heatmap: {
      const fraction = fractionOf(value, rule, extent);
      if (fraction === undefined) return { kind: 'text', text, ...right };
      return { kind: 'heat', text, color: paletteColor(palette, fraction), ...right };
    }
    case Formatter.sparkArea:
    case Formatter.sparkLine:
    case Formatter.sparkVariant: {
      const points = sparkPoints(value);
      if (points.length === 0) return { kind: 'text', text };
      const shape =
        rule.formatter === Formatter.sparkArea ? 'area' : rule.formatter === Formatter.sparkLine ? 'line' : 'bars';
      return {
        kind: 'spark',
        text: sparkText(points),
        points,
        shape,
        color: namedColor(palette) ?? paletteColor(palette, 1),
      };
    }
    case Formatter.icon:
      return { kind: 'icon', text, icon: text };
    case Formatter.bigNumber:
      return { kind: 'big', text: bigText(value, column, rule) };
    case Formatter.resource:
    case Formatter.resourceGroup:
      return { kind: 'text', text: resourcePart(text, 'name') };
    case Formatter.subscription:
      return { kind: 'text', text: resourcePart(text, 'subscription') };
    case Formatter.resourceType:
      return { kind: 'text', text: text.startsWith('/') ? resourcePart(text, 'resourcetype') : text };
    case Formatter.thresholds:
      return threshold(value, column, rule, context);
    case Formatter.compositeBar:
      return composite(text, rule, context);
    default:
      return { kind: 'text', text, ...right };
  }
}

function isNumeric(column: Column): boolean {
  return column.type === 'int' || column.type === 'long' || column.type === 'real' || column.type === 'decimal';
}

function shownText(value: Value | undefined, column: Column, rule: FormattingRule | undefined): string {
  const empty = filledTextOf(recordOf(rule?.numberFormat).emptyValCustomText);
  if ((value === null || value === undefined || value === '') && empty !== undefined) return empty;
  if (rule && isRecord(rule.numberFormat)) {
    const number = numberIn(value);
    if (number !== undefined) return numberText(number, rule.numberFormat);
  }
  const dated = rule !== undefined && (rule.formatter === Formatter.date || isRecord(rule.dateFormat));
  if (dated && typeof value === 'string') return dateText(value, rule.dateFormat);
  return valueText(value, column);
}

function bigText(value: Value | undefined, column: Column, rule: FormattingRule): string {
  const number = numberIn(value);
  if (number === undefined || isRecord(rule.numberFormat)) return shownText(value, column, rule);
  return numberText(number, { unit: 17, options: { maximumFractionDigits: 2 } });
}

function fractionOf(value: Value | undefined, rule: FormattingRule, extent: () => Extent): number | undefined {
  const number = numberIn(value);
  if (number === undefined || !Number.isFinite(number)) return undefined;
  const known = extent();
  const isBar = rule.formatter !== Formatter.heatmap;
  const min = numberOf(rule.options.min) ?? (isBar ? Math.min(0, known.min) : known.min);
  const max = numberOf(rule.options.max) ?? known.max;
  return max > min
    ? Math.min(1, Math.max(0, (number - min) / (max - min)))
    : number > min || (isBar && number > 0)
      ? 1
      : 0;
}

function barColor(palette: string | undefined, fraction: number): string {
  return namedColor(palette) ?? paletteColor(palette, fraction);
}

/** The numbers of a spark column: an array, or its JSON text; `make-series` and `make_list` give these. */
export function sparkPoints(value: Value | undefined): number[] {
  let list: unknown = value;
  if (typeof value === 'string' && value.startsWith('[')) {
    try {
      list = JSON.parse(value);
    } catch {
      return [];
    }
  }
  return Array.isArray(list) ? list.map((one) => numberOf(one) ?? 0).slice(0, 1000) : [];
}

function sparkText(points: readonly number[]): string {
  const show = (value: number) => formatNumber(value, undefined).value;
  const last = points.at(-1) ?? 0;
  return `last ${show(last)}, lowest ${show(Math.min(...points))}, highest ${show(Math.max(...points))}`;
}

function threshold(value: Value | undefined, column: Column, rule: FormattingRule, context: RowContext): CellView {
  const plain =
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  const rows = listOf(rule.options.thresholdsGrid).filter(isRecord);
  const chosen =
    rows.find(
      (row) =>
        row.operator !== 'Default' && holds(textOf(row.operator) ?? '', plain, compared(row.thresholdValue, context)),
    ) ?? rows.find((row) => row.operator === 'Default');
  const shown = shownText(value, column, rule);
  const number = numberIn(value);
  const own =
    number !== undefined && isRecord(rule.numberFormat)
      ? { value: formatNumber(number, rule.numberFormat).value, unit: formatNumber(number, rule.numberFormat).unit }
      : { value: shown, unit: '' };
  const template = textOf(chosen?.text) ?? '{0}{1}';
  const text = fillTemplate(template, context, own);
  const representation = textOf(chosen?.representation);
  if (representation === undefined) return { kind: 'text', text };
  if (textOf(rule.options.thresholdsOptions)?.toLowerCase() === 'colors') {
    const color =
      namedColor(representation) ??
      (/^(auto|transparent|blank|null)?$/i.test(representation) ? undefined : paletteColor(representation, 1));
    return color ? { kind: 'color', text, color } : { kind: 'text', text };
  }
  return { kind: 'icon', text, icon: representation };
}

function compared(value: unknown, context: RowContext): string {
  const text = textOf(value) ?? '';
  return text.includes('{') || text.includes('[') ? fillTemplate(text, context) : text;
}

function composite(text: string, rule: FormattingRule, context: RowContext): CellView {
  const settings = recordOf(rule.options.compositeBarSettings);
  const parts = listOf(settings.columnSettings)
    .filter(isRecord)
    .map((one, at) => {
      const name = textOf(one.columnName) ?? '';
      return {
        label: name,
        value: Math.max(0, numberIn(columnValue(context, name)) ?? 0),
        color: namedColor(textOf(one.color)) ?? paletteColor(textOf(one.color) ?? 'rainbow', at / 5),
      };
    });
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  const label = fillTemplate(textOf(settings.labelText) ?? '', context);
  return {
    kind: 'composite',
    text: label || parts.map((part) => `${part.label} ${part.value}`).join(', ') || text,
    segments: parts
      .filter((part) => part.value > 0)
      .map((part) => ({
        label: `${part.label}: ${part.value}`,
        fraction: total > 0 ? part.value / total : 0,
        color: part.color,
      })),
  };
}

function linkOf(
  rule: FormattingRule,
  text: string,
  value: Value | undefined,
  context: RowContext,
): LinkView | undefined {
  const target = filledTextOf(rule.options.linkTarget);
  if (target === undefined) return undefined;
  const labelText = filledTextOf(rule.options.linkLabel);
  const label = labelText === undefined ? text : fillTemplate(labelText, context);
  switch (target.toLowerCase()) {
    case 'url': {
      const column = filledTextOf(rule.options.linkColumn);
      const source = column === undefined ? value : columnValue(context, column);
      const href = safeUrl(source === null || source === undefined ? '' : String(source));
      return href === undefined ? undefined : { kind: 'url', label, href };
    }
    case 'celldetails':
      return { kind: 'details', label, details: pretty(value) };
    case 'genericdetails':
      return { kind: 'details', label, details: rowDetails(context) };
    default:
      return label === '' || (flagOf(rule.options.showIcon) === undefined && label === '')
        ? undefined
        : { kind: 'portal', label, target };
  }
}

/** The address if it is one that a page may open; never `javascript:`, `data:` or a relative path. */
export function safeUrl(text: string): string | undefined {
  const trimmed = text.trim();
  if (!/^(https?:\/\/|mailto:)/i.test(trimmed)) return undefined;
  try {
    return new URL(trimmed).href;
  } catch {
    return undefined;
  }
}

function pretty(value: Value | undefined): string {
  if (typeof value === 'string' && /^\s*[[{]/.test(value)) {
    try {
      return JSON.stringify(JSON.parse(value), null, 2);
    } catch {
      return value;
    }
  }
  if (typeof value === 'object' && value !== null) return JSON.stringify(value, null, 2);
  return value === null || value === undefined ? '' : String(value);
}

function rowDetails(context: RowContext): string {
  return context.columns.map((column, at) => `${column.name}: ${pretty(context.row[at])}`).join('\n');
}
