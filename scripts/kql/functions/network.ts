/** IP addresses and URLs. https://learn.microsoft.com/kusto/query/scalar-functions#ipv4ipv6-functions */

import { type Dynamic, parseDynamic } from '../runtime/dynamic.ts';
import * as ip from '../runtime/ip.ts';
import { convert } from './conversion.ts';
import { type FunctionTable, typescriptFunction } from './define.ts';
import type { FunctionContext, ScalarLowering, SqlExpression } from './registry.ts';

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|0?[0-9]{1,2}|00[0-9])';
/** A bare IPv4 address, which SQL takes apart itself; what else may be one goes to TypeScript. */
const PLAIN_V4 = `(${OCTET}[.]){3}${OCTET}`;

typescriptFunction('kql_parse_ipv4', ['string'], 'long', (text) => ip.v4ToLong(text));

/** An expression that names its operand many times, which is computed once: DuckDB would inline a column of an inner SELECT. */
const bound = (operand: string, body: (name: string) => string): string =>
  `list_transform([${operand}], lambda v: ${body('v')})[1]`;

/** Number of an address, null where it is none. */
function toLong(source: SqlExpression, context: FunctionContext): string {
  const parts = `string_split(v, '.')`;
  const number = `list_transform([TRY_CAST(${parts} AS BIGINT[])], lambda o: o[1] * 16777216 + o[2] * 65536 + o[3] * 256 + o[4])[1]`;
  return bound(
    convert(source, 'string', context),
    (v) =>
      `CASE WHEN regexp_full_match(${v}, '${PLAIN_V4}') THEN ${number} ELSE ${context.runtime('kql_parse_ipv4')}(${v}) END`,
  );
}

/** A test of an address against constant ranges; undefined where one is computed or no range. */
function inRanges(source: SqlExpression, ranges: readonly Dynamic[], context: FunctionContext): string | undefined {
  const parsed = ranges.map((range) => (typeof range === 'string' ? ip.parseV4(range) : undefined));
  if (parsed.length === 0 || parsed.some((range) => range === undefined)) return undefined;
  const tests = (v: string): string[] =>
    parsed.map((range) => {
      const { value, prefix } = range as ip.Address;
      const host = BigInt(32 - prefix);
      return `${v} >> ${host} = ${value >> host}`;
    });
  return `(${bound(toLong(source, context), (v) => tests(v).join(' OR '))})`;
}

/** The values of constant arguments; an array counts as its elements. */
function constantTexts(args: readonly SqlExpression[]): Dynamic[] | undefined {
  const values: Dynamic[] = [];
  for (const argument of args) {
    if (typeof argument.constant !== 'string') return undefined;
    const value = argument.type === 'dynamic' ? parseDynamic(argument.constant) : argument.constant;
    values.push(...(Array.isArray(value) ? value : [value]));
  }
  return values;
}

const inAnyRange = typescriptFunction('kql_ipv4_is_in_any_range', ['string'], 'bool', ip.inAnyV4Range, {
  rest: 'dynamic',
});
const inRange = typescriptFunction('kql_ipv4_is_in_range', ['string', 'string'], 'bool', ip.inV4Range);

const withConstants =
  (otherwise: ScalarLowering): ScalarLowering =>
  (args, context) => {
    const [source, ...ranges] = args;
    const constants = constantTexts(ranges);
    return (constants && inRanges(source as SqlExpression, constants, context)) ?? otherwise(args, context);
  };

export const networkFunctions: FunctionTable = {
  parse_ipv4: ([source], context) => toLong(source as SqlExpression, context),
  parse_ipv4_mask: typescriptFunction('kql_parse_ipv4_mask', ['string', 'long'], 'long', ip.v4ToLong),
  parse_ipv6: typescriptFunction('kql_parse_ipv6', ['string'], 'string', (text) => ip.canonicalV6(text)),
  parse_ipv6_mask: typescriptFunction('kql_parse_ipv6_mask', ['string', 'long'], 'string', ip.canonicalV6),
  ipv4_compare: typescriptFunction('kql_ipv4_compare', ['string', 'string', 'long?'], 'long', ip.compareV4),
  ipv4_is_match: typescriptFunction('kql_ipv4_is_match', ['string', 'string', 'long?'], 'bool', ip.matchV4),
  ipv4_is_in_range: withConstants(inRange),
  ipv4_is_in_any_range: withConstants(inAnyRange),
  ipv4_is_private: ([source], context) => inRanges(source as SqlExpression, ip.PRIVATE, context) ?? 'NULL::BOOLEAN',
  ipv4_netmask_suffix: typescriptFunction('kql_ipv4_netmask_suffix', ['string'], 'long', ip.netmaskSuffix),
  ipv4_range_to_cidr_list: typescriptFunction('kql_ipv4_cidrs', ['string', 'string'], 'dynamic', ip.rangeToCidrs),
  ipv6_compare: typescriptFunction('kql_ipv6_compare', ['string', 'string', 'long?'], 'long', ip.compareV6),
  ipv6_is_match: typescriptFunction('kql_ipv6_is_match', ['string', 'string', 'long?'], 'bool', ip.matchV6),
  ipv6_is_in_range: typescriptFunction('kql_ipv6_is_in_range', ['string', 'string'], 'bool', ip.inV6Range),
  ipv6_is_in_any_range: typescriptFunction('kql_ipv6_is_in_any_range', ['string'], 'bool', ip.inAnyV6Range, {
    rest: 'dynamic',
  }),
  format_ipv4: typescriptFunction('kql_format_ipv4', ['dynamic', 'long?'], 'string', (address, prefix) =>
    ip.formatV4(address, prefix),
  ),
  format_ipv4_mask: typescriptFunction('kql_format_ipv4_mask', ['dynamic', 'long?'], 'string', (address, prefix) =>
    ip.formatV4(address, prefix, true),
  ),
  has_ipv4: typescriptFunction('kql_has_ipv4', ['string'], 'bool', ip.hasV4, { rest: 'dynamic' }),
  has_any_ipv4: typescriptFunction('kql_has_ipv4', ['string'], 'bool', ip.hasV4, { rest: 'dynamic' }),
  has_ipv4_prefix: typescriptFunction('kql_has_ipv4_prefix', ['string'], 'bool', ip.hasV4Prefix, { rest: 'dynamic' }),
  has_any_ipv4_prefix: typescriptFunction('kql_has_ipv4_prefix', ['string'], 'bool', ip.hasV4Prefix, {
    rest: 'dynamic',
  }),
};
