/** The text behind parse-kv, https://learn.microsoft.com/kusto/query/parse-kv-operator. */

export interface KeyValueOptions {
  pair_delimiter?: string;
  kv_delimiter?: string;
  /** One character, or an opening and a closing one. */
  quote?: string;
  escape?: string;
  greedy?: string;
}

/** The value of each key, undefined where the text has none. The last pair of a key that occurs twice is not taken. */
export function parseKeyValues(
  text: string,
  keys: readonly string[],
  options: KeyValueOptions,
): (string | undefined)[] {
  const found = new Map<string, string>();
  const add = (key: string, value: string): void => {
    if (!found.has(key)) found.set(key, value);
  };
  const kv = options.kv_delimiter;
  if (options.greedy === 'true' && kv) greedy(text, keys, options.pair_delimiter ?? ' ', kv, add);
  else scan(text, new Set(keys), options, add);
  return keys.map((key) => found.get(key));
}

/** Reads pair after pair; without delimiters every character that is no letter, digit or underscore is one. */
function scan(
  text: string,
  keys: ReadonlySet<string>,
  options: KeyValueOptions,
  add: (key: string, value: string) => void,
): void {
  const [open, close = open] = [...(options.quote ?? '')];
  const isWord = (at: number): boolean => /[\p{L}\p{N}_]/u.test(text[at] ?? '');
  const atPair = (at: number): number =>
    options.pair_delimiter
      ? text.startsWith(options.pair_delimiter, at)
        ? options.pair_delimiter.length
        : 0
      : isWord(at)
        ? 0
        : 1;
  const atKv = (at: number): number =>
    options.kv_delimiter
      ? text.startsWith(options.kv_delimiter, at)
        ? options.kv_delimiter.length
        : 0
      : isWord(at)
        ? 0
        : 1;
  let at = 0;
  const token = (ends: (at: number) => boolean): string => {
    if (open && text[at] === open) {
      let value = '';
      for (at++; at < text.length && text[at] !== close; at++) {
        if (options.escape && text[at] === options.escape) at++;
        value += text[at] ?? '';
      }
      at++;
      return value;
    }
    const start = at;
    while (at < text.length && !ends(at)) at++;
    return text.slice(start, at);
  };
  while (at < text.length) {
    while (at < text.length && atPair(at)) at += atPair(at);
    const key = token((i) => atKv(i) > 0 || atPair(i) > 0);
    if (!atKv(at)) {
      if (at < text.length && !atPair(at)) at++;
      continue;
    }
    at += atKv(at);
    if (!options.kv_delimiter) while (at < text.length && text[at] !== open && atKv(at)) at += atKv(at);
    const value = token((i) => atPair(i) > 0);
    if (keys.has(key)) add(key, value);
  }
}

/** A value goes on until the next key that is known. */
function greedy(
  text: string,
  keys: readonly string[],
  pair: string,
  kv: string,
  add: (key: string, value: string) => void,
): void {
  const starts = keys
    .map((key) => ({ key, at: text.startsWith(`${key}${kv}`) ? 0 : text.indexOf(`${pair}${key}${kv}`) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  starts.forEach(({ key, at }, i) => {
    const from = text.indexOf(`${key}${kv}`, at) + key.length + kv.length;
    add(key, text.slice(from, starts[i + 1]?.at ?? text.length));
  });
}
