/** Values of the dynamic type: JSON that keeps long and real apart and the order of a bag's keys. */
import { formatReal } from './real.ts';

/** long is a bigint, real a number, a bag a Map. */
export type Dynamic = null | boolean | bigint | number | string | Dynamic[] | Bag;
export type Bag = Map<string, Dynamic>;

export function isBag(value: Dynamic | undefined): value is Bag {
  return value instanceof Map;
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a JSON string may not hold unescaped
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class JsonReader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  document(): Dynamic {
    const value = this.value();
    this.space();
    if (this.at < this.text.length) throw new SyntaxError('trailing text');
    return value;
  }

  private space(): void {
    while (' \t\r\n'.includes(this.text[this.at] ?? '-')) this.at++;
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) throw new SyntaxError(`expected ${word}`);
    this.at += word.length;
    return value;
  }

  private value(): Dynamic {
    this.space();
    switch (this.text[this.at]) {
      case '{':
        return this.bag();
      case '[':
        return this.array();
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private number(): bigint | number {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (!match) throw new SyntaxError('expected a value');
    this.at = NUMBER.lastIndex;
    if (match[1] === undefined && match[2] === undefined) {
      const integer = BigInt(match[0]);
      if (BigInt.asIntN(64, integer) === integer) return integer;
    }
    return Number(match[0]);
  }

  private string(): string {
    let text = '';
    for (this.at++; ; ) {
      PLAIN.lastIndex = this.at;
      text += PLAIN.exec(this.text)?.[0] ?? '';
      this.at = PLAIN.lastIndex;
      const next = this.text[this.at++];
      if (next === '"') return text;
      if (next !== '\\') throw new SyntaxError('unterminated string');
      const mark = this.text[this.at++] ?? '';
      if (mark === 'u') {
        const code = this.text.slice(this.at, this.at + 4);
        if (!/^[0-9a-fA-F]{4}$/.test(code)) throw new SyntaxError('bad escape');
        text += String.fromCharCode(Number.parseInt(code, 16));
        this.at += 4;
      } else if (mark in ESCAPES) text += ESCAPES[mark];
      else throw new SyntaxError('bad escape');
    }
  }

  private array(): Dynamic[] {
    const items: Dynamic[] = [];
    this.at++;
    this.space();
    if (this.text[this.at] === ']') {
      this.at++;
      return items;
    }
    for (;;) {
      items.push(this.value());
      this.space();
      const next = this.text[this.at++];
      if (next === ']') return items;
      if (next !== ',') throw new SyntaxError('expected , or ]');
    }
  }

  private bag(): Bag {
    const bag: Bag = new Map();
    this.at++;
    this.space();
    if (this.text[this.at] === '}') {
      this.at++;
      return bag;
    }
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') throw new SyntaxError('expected a key');
      const key = this.string();
      this.space();
      if (this.text[this.at++] !== ':') throw new SyntaxError('expected :');
      bag.set(key, this.value());
      this.space();
      const next = this.text[this.at++];
      if (next === '}') return bag;
      if (next !== ',') throw new SyntaxError('expected , or }');
    }
  }
}

/** @throws SyntaxError where the text is not JSON. */
export function parseDynamic(text: string): Dynamic {
  return new JsonReader(text).document();
}

/** JSON text of a real inside a dynamic: never without a point or an exponent; what JSON lacks is a string. */
function realToJson(value: number): string {
  if (!Number.isFinite(value)) return `"${formatReal(value)}"`;
  const text = formatReal(value);
  return /[.E]/.test(text) ? text : `${text}.0`;
}

/** Compact JSON, as `tostring()` of a dynamic writes it. */
export function dynamicToJson(value: Dynamic): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return realToJson(value);
  if (typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(dynamicToJson).join(',')}]`;
  return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${dynamicToJson(item)}`).join(',')}}`;
}

/** `tostring()` of a dynamic: a string as it is, null as "", all else as JSON. */
export function dynamicToText(value: Dynamic): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : dynamicToJson(value);
}

/** The number that a dynamic holds, else undefined; a bool counts as 1 or 0. */
export function dynamicToNumber(value: Dynamic | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === 'NaN') return Number.NaN;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY;
  return undefined;
}
