/** SQL macros that lowerings call by name. */

/** Adds 64-bit wrap-around to an operator whose overflow DuckDB reports as an error. */
function wrapping(name: string, operator: string): string {
  const wide = `(a::HUGEINT ${operator} b::HUGEINT)`;
  // low 64 bits as a signed number; only reached where the plain operation overflows
  const low = `(((${wide} % 18446744073709551616) + 27670116110564327424) % 18446744073709551616 - 9223372036854775808)`;
  return `CREATE OR REPLACE MACRO ${name}(a, b) AS coalesce(TRY(a::BIGINT ${operator} b::BIGINT), ${low}::BIGINT)`;
}

const LOW_BITS = '(((a % 18446744073709551616) + 27670116110564327424) % 18446744073709551616 - 9223372036854775808)';

/** SQL statements that the engine runs once when it opens. */
export const sqlMacros: readonly string[] = [
  wrapping('kql_add_BIGINT', '+'),
  wrapping('kql_subtract_BIGINT', '-'),
  wrapping('kql_multiply_BIGINT', '*'),
  // a sum of whole numbers that left 64 bits, wrapped around
  `CREATE OR REPLACE MACRO kql_low_bits(a) AS CASE WHEN a BETWEEN -9223372036854775808 AND 9223372036854775807
    THEN CAST(a AS BIGINT) ELSE CAST(${LOW_BITS} AS BIGINT) END`,
  // the remainder has the sign of no operand: it is never negative; nothing is left over a zero
  'CREATE OR REPLACE MACRO kql_mod(a, b) AS CASE WHEN a % b < 0 THEN a % b + abs(b) ELSE a % b END',
];
