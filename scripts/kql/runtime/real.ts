/** Texts of numbers as Kusto reads and writes them. */

/**
 * The text of a real as `tostring()` writes it: 15 significant digits where they read back to the same number, else 17
 * (the round-trip format of the .NET Framework), exponent form from 1E+15 up and below 1E-05.
 */
export function formatReal(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const short = value.toExponential(14);
  const digits = Number(short) === value ? short : value.toExponential(16);
  const [mantissa = '', exponentText = '0'] = digits.split('e');
  const exponent = Number(exponentText);
  const sign = mantissa.startsWith('-') ? '-' : '';
  const significant = mantissa.replace('-', '').replace('.', '').replace(/0+$/, '');
  if (exponent >= 15 || exponent < -5) {
    const fraction = significant.slice(1);
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${significant[0]}${fraction ? `.${fraction}` : ''}E${exponent < 0 ? '-' : '+'}${power}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${significant}`;
  const whole = significant.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = significant.slice(exponent + 1);
  return `${sign}${whole}${fraction ? `.${fraction}` : ''}`;
}

const INFINITIES = /^([+-]?)(?:inf|infinity)$/i;

/** `todouble()` of a text; undefined where Kusto answers null. Overflow is an infinity. */
export function parseReal(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(trimmed)) return Number(trimmed);
  const infinity = INFINITIES.exec(trimmed);
  if (infinity) return infinity[1] === '-' ? -Infinity : Infinity;
  if (/^nan$/i.test(trimmed)) return Number.NaN;
  const integer = parseHexadecimal(trimmed);
  return integer === undefined ? undefined : Number(integer);
}

function parseHexadecimal(text: string): bigint | undefined {
  return /^0x[0-9a-f]{1,16}$/i.test(text) ? BigInt.asIntN(64, BigInt(text)) : undefined;
}

/** `tolong()` or `toint()` of a text; undefined where Kusto answers null (no number, a fraction, out of range). */
export function parseInteger(text: string, bits: 32 | 64): bigint | undefined {
  const trimmed = text.trim();
  if (/^0x[0-9a-f]{1,16}$/i.test(trimmed)) {
    const raw = BigInt(trimmed);
    return raw < 1n << BigInt(bits) ? BigInt.asIntN(bits, raw) : undefined;
  }
  if (!/^[+-]?\d+$/.test(trimmed)) return undefined;
  const value = BigInt(trimmed.replace(/^\+/, ''));
  return BigInt.asIntN(bits, value) === value ? value : undefined;
}

/** `tobool()` of a text: true, false and integers; undefined where Kusto answers null. */
export function parseBool(text: string): boolean | undefined {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === 'true') return true;
  if (trimmed === 'false') return false;
  const integer = parseInteger(trimmed, 64);
  return integer === undefined ? undefined : integer !== 0n;
}
