/** Kusto source text of values: the only way that data becomes part of a query, so nothing in a row can become code. */
/**
 * A string literal, https://learn.microsoft.com/kusto/query/scalar-data-types/string. Everything outside printable
 * ASCII is escaped, so the text survives any transport.
 */
export function stringLiteral(value: string): string {
  let text = '"';
  for (const unit of value) {
    const code = unit.codePointAt(0) ?? 0;
    if (unit === '"' || unit === '\\') text += `\\${unit}`;
    else if (code >= 0x20 && code < 0x7f) text += unit;
    else for (let i = 0; i < unit.length; i++) text += `\\u${unit.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return `${text}"`;
}

/** A name as it may stand in a query: bare where it is an identifier, else `['...']`. */
export function nameLiteral(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `[${stringLiteral(name)}]`;
}
