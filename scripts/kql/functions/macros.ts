/** SQL macros that lowerings call by name. */

/** Adds 64-bit wrap-around to an operator whose overflow DuckDB reports as an error. */
function wrapping(name: string, operator: string): string {
  const wide = `(a::HUGEINT ${operator} b::HUGEINT)`;
  // low 64 bits as a signed number; only reached where the plain operation overflows
  const low = `(((${wide} % 18446744073709551616) + 27670116110564327424) % 18446744073709551616 - 9223372036854775808)`;
  return `CREATE OR REPLACE MACRO ${name}(a, b) AS coalesce(TRY(a::BIGINT ${operator} b::BIGINT), ${low}::BIGINT)`;
}

/** Ticks of the whole seconds of a text, and the digits behind its point. */
const SECONDS = 'TRY_CAST(substr(x, 1, 19) AS TIMESTAMP)';
const DIGITS = "rpad('1' || rtrim(substr(x, 21), 'Z'), 8, '0')";

const LOW_BITS = '(((a % 18446744073709551616) + 27670116110564327424) % 18446744073709551616 - 9223372036854775808)';

/** SQL statements that the engine runs once when it opens. */
export const sqlMacros: readonly string[] = [
  wrapping('kql_add_BIGINT', '+'),
  wrapping('kql_subtract_BIGINT', '-'),
  wrapping('kql_multiply_BIGINT', '*'),
  // a sum of whole numbers that left 64 bits, wrapped around
  `CREATE OR REPLACE MACRO kql_low_bits(a) AS CASE WHEN a BETWEEN -9223372036854775808 AND 9223372036854775807
    THEN CAST(a AS BIGINT) ELSE CAST(${LOW_BITS} AS BIGINT) END`,
  // ticks of a time as logs write it, 2026-11-23T08:21:00.1234567Z; null for every other text. What is read is written
  // again and compared, so that nothing passes that only looks like it.
  `CREATE OR REPLACE MACRO kql_iso_ticks(x) AS
    CASE WHEN CAST(${SECONDS} AS VARCHAR) = replace(substr(x, 1, 19), 'T', ' ') THEN
      CASE WHEN substr(x, 20) IN ('', 'Z') THEN (epoch_us(${SECONDS}) + 62135596800000000) * 10
        WHEN length(x) BETWEEN 21 AND 28 AND substr(x, 20, 1) = '.' AND rtrim(substr(x, 21), 'Z') || 'Z' IN (substr(x, 21), substr(x, 21) || 'Z')
          AND CAST(TRY_CAST(${DIGITS} AS BIGINT) AS VARCHAR) = ${DIGITS}
        THEN (epoch_us(${SECONDS}) + 62135596800000000) * 10 + TRY_CAST(${DIGITS} AS BIGINT) - 10000000 END END`,
  // the remainder has the sign of no operand: it is never negative; nothing is left over a zero
  'CREATE OR REPLACE MACRO kql_mod(a, b) AS CASE WHEN a % b < 0 THEN a % b + abs(b) ELSE a % b END',
];
