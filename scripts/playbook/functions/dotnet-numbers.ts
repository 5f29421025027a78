/**
 * .NET numeric formats: the standard ones (C, D, E, F, G, N, P, X) and custom patterns of `0`, `#`, `.`, `,`, `%`.
 * Source: https://learn.microsoft.com/dotnet/standard/base-types/standard-numeric-format-strings.
 */
import { FunctionError } from './function.ts';

/** @throws FunctionError for a format that is not implemented or a locale that does not exist */
export function formatNumber(value: number | bigint, format: string, locale: string): string {
  const standard = /^([CDEFGNPX])(\d{0,2})$/i.exec(format);
  try {
    return standard
      ? formatStandard(value, standard[1]!, standard[2] === '' ? undefined : Number(standard[2]), locale)
      : formatCustom(value, format, locale);
  } catch (error) {
    if (error instanceof RangeError)
      throw new FunctionError(`the locale '${locale}' or the format '${format}' is not known`);
    throw error;
  }
}

function fixed(value: number | bigint, digits: number, locale: string, grouping: boolean): string {
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: grouping,
    // .NET Core rounds halves away from zero.
    roundingMode: 'halfExpand',
  } as Intl.NumberFormatOptions).format(value);
}

function formatStandard(
  value: number | bigint,
  specifier: string,
  precision: number | undefined,
  locale: string,
): string {
  switch (specifier.toUpperCase()) {
    case 'C': {
      const currency = locale.toLowerCase() === 'en-gb' ? 'GBP' : /^en-us$|^$/i.test(locale) ? 'USD' : 'EUR';
      const digits = precision ?? 2;
      return new Intl.NumberFormat(locale, {
        style: 'currency',
        currency,
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }).format(value);
    }
    case 'D': {
      if (typeof value === 'number' && !Number.isInteger(value))
        throw new FunctionError('the format D is for integers');
      const digits = (value < 0 ? -BigInt(value) : BigInt(value)).toString().padStart(precision ?? 1, '0');
      return value < 0 ? `-${digits}` : digits;
    }
    case 'E': {
      const [mantissa, exponent] = Number(value)
        .toExponential(precision ?? 6)
        .split('e') as [string, string];
      return `${mantissa}${specifier}${exponent[0]}${exponent.slice(1).padStart(3, '0')}`;
    }
    case 'F':
      return fixed(value, precision ?? 2, locale, false);
    case 'N':
      return fixed(value, precision ?? 2, locale, true);
    case 'P':
      return `${fixed(Number(value) * 100, precision ?? 2, locale, true)}%`;
    case 'X': {
      const hex = BigInt.asUintN(64, BigInt(value))
        .toString(16)
        .padStart(precision ?? 1, '0');
      return specifier === 'X' ? hex.toUpperCase() : hex;
    }
    default:
      return precision === undefined || precision === 0
        ? String(value)
        : String(Number(Number(value).toPrecision(precision)));
  }
}

function formatCustom(value: number | bigint, format: string, locale: string): string {
  const sections = format.split(';');
  if (Number(value) < 0 && sections.length > 1) return formatCustom(-Number(value), sections[1]!, locale);
  const section = Number(value) === 0 && sections.length > 2 ? sections[2]! : sections[0]!;
  const pattern = /[0#][0#,.]*/.exec(section)?.[0];
  if (pattern === undefined) return section.replaceAll("'", '');
  const [whole = '', fraction = ''] = pattern.split('.');
  const scaled = section.includes('%') ? Number(value) * 100 : value;
  const formatted = new Intl.NumberFormat(locale, {
    minimumIntegerDigits: Math.max(1, [...whole].filter((character) => character === '0').length),
    minimumFractionDigits: [...fraction].filter((character) => character === '0').length,
    maximumFractionDigits: fraction.replaceAll(',', '').length,
    useGrouping: whole.includes(','),
  }).format(scaled);
  return section.replace(pattern, () => formatted).replaceAll("'", '');
}
