/** SQL that every engine defines once: 32-bit arithmetic that wraps, and the elements of a dynamic value. */
export const coreMacros: readonly string[] = [
  `CREATE OR REPLACE MACRO kql_wrap_BIGINT(h) AS (((h + 9223372036854775808::HUGEINT) & 18446744073709551615::HUGEINT) - 9223372036854775808::HUGEINT)::BIGINT`,
  `CREATE OR REPLACE MACRO kql_wrap_INTEGER(b) AS (((b + 2147483648) & 4294967295) - 2147483648)::INTEGER`,
  ...['add:+', 'subtract:-', 'multiply:*'].map((pair) => {
    const [name, operator] = pair.split(':');
    return `CREATE OR REPLACE MACRO kql_${name}_INTEGER(a, b) AS kql_wrap_INTEGER(a::BIGINT ${operator} b::BIGINT)`;
  }),
  // The elements that mv-expand makes of a value: of an array its items, of a bag one bag (or pair) for each property.
  `CREATE OR REPLACE MACRO kql_elements(d, pairs) AS CASE
    WHEN starts_with(d, '[') THEN json_extract(d, '$[*]')::VARCHAR[]
    WHEN starts_with(d, '{') THEN list_transform(json_keys(d), lambda k: CASE WHEN pairs
      THEN '[' || to_json(k)::VARCHAR || ',' || json_extract(d, '$."' || replace(replace(k, '\\', '\\\\'), '"', '\\"') || '"')::VARCHAR || ']'
      ELSE '{' || to_json(k)::VARCHAR || ':' || json_extract(d, '$."' || replace(replace(k, '\\', '\\\\'), '"', '\\"') || '"')::VARCHAR || '}' END)
    ELSE [d] END`,
];
