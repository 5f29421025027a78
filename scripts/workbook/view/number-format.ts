/** Numbers and dates as workbooks show them: units, digit options, dates. Units by id: see `UNITS`. */
import type { Column, Value } from '../../engines/query-engine.ts';
import { flagOf, isRecord, type JsonRecord, numberOf, recordOf, textOf } from '../lenient.ts';

interface Scale {
  /** The value times this is in the first step. */
  factor: number;
  /** Largest first step is divided by, with its suffix, from small to large. */
  steps: readonly [number, string][];
  separator: string;
}

const BYTES: Scale['steps'] = [
  [1, 'B'],
  [1024, 'KB'],
  [1024 ** 2, 'MB'],
  [1024 ** 3, 'GB'],
  [1024 ** 4, 'TB'],
  [1024 ** 5, 'PB'],
];
const DECIMAL_BYTES: Scale['steps'] = BYTES.map(([, suffix], at) => [1000 ** at, suffix]);
const BITS: Scale['steps'] = BYTES.map(([, suffix], at) => [1000 ** at, suffix.replace('B', 'b')]);
const COUNT: Scale['steps'] = [
  [1, ''],
  [1e3, 'K'],
  [1e6, 'M'],
  [1e9, 'B'],
  [1e12, 'T'],
];
const TIME: Scale['steps'] = [
  [1e-6, 'µs'],
  [1e-3, 'ms'],
  [1, 's'],
  [60, 'min'],
  [3600, 'h'],
  [86400, 'd'],
];

function perSecond(steps: Scale['steps']): Scale['steps'] {
  return steps.map(([size, suffix]) => [size, `${suffix}/s`]);
}

/** Unit ids of `numberFormat.unit`; inferred from the column names of public workbooks, they are not documented. */
const UNITS: Readonly<Record<number, Scale>> = {
  2: { factor: 1, steps: BYTES, separator: ' ' },
  3: { factor: 1024, steps: BYTES, separator: ' ' },
  4: { factor: 1024 ** 2, steps: BYTES, separator: ' ' },
  5: { factor: 1024 ** 3, steps: BYTES, separator: ' ' },
  6: { factor: 1024 ** 4, steps: BYTES, separator: ' ' },
  8: { factor: 1, steps: BITS, separator: ' ' },
  11: { factor: 1, steps: perSecond(BYTES), separator: ' ' },
  12: { factor: 1024, steps: perSecond(BYTES), separator: ' ' },
  13: { factor: 1024 ** 2, steps: perSecond(BYTES), separator: ' ' },
  17: { factor: 1, steps: COUNT, separator: '' },
  22: { factor: 1e-6, steps: TIME, separator: ' ' },
  23: { factor: 1e-3, steps: TIME, separator: ' ' },
  24: { factor: 1, steps: TIME, separator: ' ' },
  25: { factor: 60, steps: TIME, separator: ' ' },
  26: { factor: 3600, steps: TIME, separator: ' ' },
  27: { factor: 86400, steps: TIME, separator: ' ' },
  31: { factor: 1, steps: perSecond(COUNT), separator: '' },
  36: { factor: 1, steps: DECIMAL_BYTES, separator: ' ' },
  37: { factor: 1000, steps: DECIMAL_BYTES, separator: ' ' },
  38: { factor: 1e6, steps: DECIMAL_BYTES, separator: ' ' },
  39: { factor: 1e9, steps: DECIMAL_BYTES, separator: ' ' },
};

const MISSING = '';

/** A value and the unit beside it; `{0}` and `{1}` of threshold texts. */
export interface FormattedNumber {
  value: string;
  unit: string;
}

/** Formats a number by a `numberFormat` block; without one, up to three decimals with grouping. */
export function formatNumber(value: number, format: unknown): FormattedNumber {
  if (!isRecord(format)) return { value: plain(value, {}), unit: '' };
  const options = recordOf(format.options);
  const unit = numberOf(format.unit) ?? 0;
  if (unit === 1) return { value: plain(value, options), unit: '%' };
  const scale = UNITS[unit];
  if (!scale || !Number.isFinite(value)) return { value: plain(value, options), unit: '' };
  const scaled = value * scale.factor;
  const step = [...scale.steps].reverse().find(([size]) => Math.abs(scaled) >= size) ?? scale.steps[0]!;
  // Zero and values below the smallest step keep the unit they came in.
  const [size, suffix] = scaled === 0 ? (scale.steps.find(([one]) => one >= scale.factor) ?? step) : step;
  return { value: plain(scaled / size, options, 3), unit: `${scale.separator}${suffix}` };
}

/** The number and its unit as one text, with the text for a missing value that the block names. */
export function numberText(value: number | undefined, format: unknown): string {
  if (value === undefined) return textOf(recordOf(format).emptyValCustomText) ?? MISSING;
  const formatted = formatNumber(value, format);
  return `${formatted.value}${formatted.unit}`;
}

function plain(value: number, options: JsonRecord, significant?: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
  const style = textOf(options.style)?.toLowerCase();
  const digits = (name: string) => {
    const count = numberOf(options[name]);
    return count === undefined ? {} : { [name]: Math.min(20, Math.max(name.includes('Significant') ? 1 : 0, count)) };
  };
  const chosen = {
    ...digits('minimumIntegerDigits'),
    ...digits('minimumFractionDigits'),
    ...digits('maximumFractionDigits'),
    ...digits('minimumSignificantDigits'),
    ...digits('maximumSignificantDigits'),
  };
  const fallback =
    Object.keys(chosen).length > 0
      ? {}
      : significant === undefined
        ? { maximumFractionDigits: 3 }
        : {
            maximumFractionDigits: Math.max(
              0,
              significant - Math.max(1, Math.floor(Math.log10(Math.abs(value) || 1)) + 1),
            ),
          };
  try {
    return new Intl.NumberFormat('en-US', {
      ...(style === 'percent' ? { style: 'percent' as const } : {}),
      ...(style === 'currency' ? { style: 'currency' as const, currency: textOf(options.currency) ?? 'USD' } : {}),
      useGrouping: flagOf(options.useGrouping) ?? true,
      ...fallback,
      ...chosen,
    }).format(value);
  } catch {
    // Options that contradict each other (more minimum than maximum digits) are left out.
    return new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 }).format(value);
  }
}

/** The number in a cell, if it is one or a text of one. */
export function numberIn(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' ? numberOf(value) : undefined;
}

/** A cell as plain text, the way a grid shows it without a formatter. */
export function valueText(value: Value | undefined, column?: Column): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  if (column?.type === 'datetime' && typeof value === 'string') return dateText(value, undefined);
  if (typeof value === 'number' && column && column.type !== 'string') {
    return Number.isInteger(value) ? String(value) : plain(value, { useGrouping: false });
  }
  return String(value);
}

/** A datetime in UTC: `2026-11-22 10:11:12`, or the shape that a `dateFormat` block names; the text itself if no date. */
export function dateText(value: string, format: unknown): string {
  const time = Date.parse(value);
  if (Number.isNaN(time)) return value;
  const iso = new Date(time).toISOString();
  switch (textOf(recordOf(format).formatName)?.toLowerCase()) {
    case 'shortdatepattern':
      return iso.slice(0, 10);
    case 'longdatepattern':
      return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(time);
    case 'shorttimepattern':
      return iso.slice(11, 16);
    case 'longtimepattern':
      return iso.slice(11, 19);
    case 'monthdaypattern':
      return new Intl.DateTimeFormat('en-GB', { month: 'long', day: 'numeric', timeZone: 'UTC' }).format(time);
    case 'yearmonthpattern':
      return new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(time);
    default: {
      const milliseconds = iso.slice(19, 23) === '.000' ? '' : iso.slice(19, 23);
      return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${milliseconds}`;
    }
  }
}
