/** Formatting rules of grids, tiles and graphs: which rule a column has, and reading its options. */
import type { Column, Value } from '../../engines/query-engine.ts';
import { matches } from '../criteria.ts';
import { filledTextOf, isRecord, type JsonRecord, listOf, numberOf, recordOf, textOf } from '../lenient.ts';
import { valueText } from './number-format.ts';

/** Formatter ids (not documented; inferred from the option keys and column names of public workbooks). */
export const Formatter = {
  automatic: 0,
  text: 1,
  right: 2,
  bar: 3,
  barUnderneath: 4,
  hidden: 5,
  date: 6,
  link: 7,
  heatmap: 8,
  sparkArea: 9,
  sparkLine: 10,
  icon: 11,
  bigNumber: 12,
  resource: 13,
  resourceGroup: 14,
  subscription: 15,
  resourceType: 16,
  location: 17,
  thresholds: 18,
  timeline: 19,
  barVariant: 20,
  sparkVariant: 21,
  compositeBar: 22,
} as const;

export interface FormattingRule {
  columnMatch: string;
  formatter: number;
  options: JsonRecord;
  numberFormat: unknown;
  dateFormat: unknown;
  tooltip: string | undefined;
}

export function readRule(value: unknown): FormattingRule | undefined {
  if (!isRecord(value)) return undefined;
  const columnMatch = textOf(value.columnMatch);
  if (columnMatch === undefined) return undefined;
  return {
    columnMatch,
    formatter: numberOf(value.formatter) ?? Formatter.automatic,
    options: recordOf(value.formatOptions),
    numberFormat: value.numberFormat,
    dateFormat: value.dateFormat,
    tooltip: filledTextOf(recordOf(value.tooltipFormat).tooltip),
  };
}

export function readRules(value: unknown): FormattingRule[] {
  return listOf(value).flatMap((one) => readRule(one) ?? []);
}

/** The rule of a column: the first with its exact name, else the first whose pattern matches the whole name. */
export function ruleFor(rules: readonly FormattingRule[], column: string): FormattingRule | undefined {
  return (
    rules.find((rule) => rule.columnMatch === column) ??
    rules.find((rule) => /[\\^$.*+?()[\]{}|]/.test(rule.columnMatch) && matches(column, `^(?:${rule.columnMatch})$`))
  );
}

/** A row with its columns, for the `["Column"]` references of texts. */
export interface RowContext {
  columns: readonly Column[];
  row: readonly Value[];
  /** Replaces `{Parameter}` tokens for display. */
  expand: (text: string) => string;
}

export function columnValue(context: RowContext, name: string | undefined): Value | undefined {
  if (name === undefined) return undefined;
  const at = context.columns.findIndex((column) => column.name === name);
  return at < 0 ? undefined : (context.row[at] ?? null);
}

/** Replaces `["Column"]`, then parameters; values are put in last, so that a value is never read as a template. */
export function fillTemplate(text: string, context: RowContext, own?: { value: string; unit: string }): string {
  const parts = context.expand(text).split(/(\[\s*["'][^"'\]]+["']\s*\]|\{[01]\})/);
  return parts
    .map((part) => {
      if (own && part === '{0}') return own.value;
      if (own && part === '{1}') return own.unit;
      const reference = /^\[\s*["']([^"'\]]+)["']\s*\]$/.exec(part);
      if (!reference) return part;
      const at = context.columns.findIndex((column) => column.name === reference[1]);
      return at < 0 ? part : valueText(context.row[at], context.columns[at]);
    })
    .join('');
}
