/** IP addresses and URLs. https://learn.microsoft.com/kusto/query/scalar-functions#ipv4ipv6-functions */
import * as ip from '../runtime/ip.ts';
import { type FunctionTable, typescriptFunction } from './define.ts';

export const networkFunctions: FunctionTable = {
  parse_ipv4: typescriptFunction('kql_parse_ipv4', ['string'], 'long', (text) => ip.v4ToLong(text)),
  parse_ipv4_mask: typescriptFunction('kql_parse_ipv4_mask', ['string', 'long'], 'long', ip.v4ToLong),
  parse_ipv6: typescriptFunction('kql_parse_ipv6', ['string'], 'string', (text) => ip.canonicalV6(text)),
  parse_ipv6_mask: typescriptFunction('kql_parse_ipv6_mask', ['string', 'long'], 'string', ip.canonicalV6),
  ipv4_compare: typescriptFunction('kql_ipv4_compare', ['string', 'string', 'long?'], 'long', ip.compareV4),
  ipv4_is_match: typescriptFunction('kql_ipv4_is_match', ['string', 'string', 'long?'], 'bool', ip.matchV4),
  ipv4_is_in_range: typescriptFunction('kql_ipv4_is_in_range', ['string', 'string'], 'bool', ip.inV4Range),
  ipv4_is_in_any_range: typescriptFunction('kql_ipv4_is_in_any_range', ['string'], 'bool', ip.inAnyV4Range, {
    rest: 'dynamic',
  }),
  ipv4_is_private: typescriptFunction('kql_ipv4_is_private', ['string'], 'bool', ip.isPrivate),
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
