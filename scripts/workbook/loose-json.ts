/** JSON as people write it. */
import { type ParseError, parse } from 'jsonc-parser';

/** JSON with comments and trailing commas; undefined where it cannot be read at all. */
export function parseLooseJson(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  return errors.length > 0 && value === undefined ? undefined : value;
}
