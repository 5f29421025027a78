/**
 * `parse_xml()`: XML as JSON by the rules of Newtonsoft's XmlNodeConverter, which Kusto documents: attributes are `@name`,
 * text beside them `#text`, a repeated element an array, an element with only text a string, an empty one null.
 * No entity is read but the five of XML and character references; a document type is refused.
 */
import type { Bag, Dynamic } from './dynamic.ts';

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, name) => {
    if (hex ?? decimal) return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}

const ATTRIBUTE = /\s+([^\s=>/]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const NAME = /[^\s/>?]+/y;

class XmlReader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  document(): Bag {
    const root: Bag = new Map();
    let elements = 0;
    for (this.space(); this.at < this.text.length; this.space()) {
      if (this.skipped()) continue;
      if (this.text.startsWith('<?', this.at)) this.declaration(root);
      else {
        if (this.text[this.at] !== '<' || elements++ > 0) throw new SyntaxError('one element is expected');
        const { name, value } = this.element();
        root.set(name, value);
      }
    }
    if (elements === 0) throw new SyntaxError('no element');
    return root;
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '-')) this.at++;
  }

  private until(end: string): string {
    const found = this.text.indexOf(end, this.at);
    if (found < 0) throw new SyntaxError(`missing ${end}`);
    const text = this.text.slice(this.at, found);
    this.at = found + end.length;
    return text;
  }

  private skipped(): boolean {
    if (!this.text.startsWith('<!--', this.at)) return false;
    this.at += 4;
    this.until('-->');
    return true;
  }

  private name(): string {
    NAME.lastIndex = this.at;
    const match = NAME.exec(this.text);
    if (!match) throw new SyntaxError('missing name');
    this.at = NAME.lastIndex;
    return match[0];
  }

  private attributes(bag: Bag): void {
    for (;;) {
      ATTRIBUTE.lastIndex = this.at;
      const match = ATTRIBUTE.exec(this.text);
      if (!match) return;
      bag.set(`@${match[1]}`, decode(match[2] ?? match[3] ?? ''));
      this.at = ATTRIBUTE.lastIndex;
    }
  }

  private declaration(root: Bag): void {
    this.at += 2;
    const name = this.name();
    const bag: Bag = new Map();
    this.attributes(bag);
    this.until('?>');
    root.set(`?${name}`, bag);
  }

  private element(): { name: string; value: Dynamic } {
    this.at++;
    const name = this.name();
    const bag: Bag = new Map();
    this.attributes(bag);
    this.space();
    if (this.text.startsWith('/>', this.at)) {
      this.at += 2;
      return { name, value: bag.size ? bag : null };
    }
    if (this.text[this.at++] !== '>') throw new SyntaxError('malformed tag');
    for (;;) {
      if (this.text.startsWith('</', this.at)) {
        this.at += 2;
        if (this.name() !== name) throw new SyntaxError(`missing </${name}>`);
        this.space();
        if (this.text[this.at++] !== '>') throw new SyntaxError('malformed tag');
        return { name, value: simplified(bag) };
      }
      this.content(bag);
    }
  }

  private content(bag: Bag): void {
    if (this.skipped()) return;
    if (this.text.startsWith('<![CDATA[', this.at)) {
      this.at += 9;
      append(bag, '#cdata-section', this.until(']]>'));
    } else if (this.text[this.at] === '<') {
      const child = this.element();
      append(bag, child.name, child.value);
    } else {
      const end = this.text.indexOf('<', this.at);
      if (end < 0) throw new SyntaxError('missing end');
      const text = decode(this.text.slice(this.at, end));
      this.at = end;
      if (text.trim() !== '') append(bag, '#text', text);
    }
  }
}

/** Adds a child; a name that comes again becomes an array. */
function append(bag: Bag, name: string, value: Dynamic): void {
  const before = bag.get(name);
  if (!bag.has(name)) bag.set(name, value);
  else if (Array.isArray(before)) before.push(value);
  else bag.set(name, [before ?? null, value]);
}

function simplified(bag: Bag): Dynamic {
  if (bag.size === 0) return null;
  return bag.size === 1 && bag.has('#text') ? (bag.get('#text') ?? null) : bag;
}

/** The document as a bag; a text that is no XML is null. */
export function parseXml(text: string): Dynamic {
  if (/<!DOCTYPE/i.test(text)) return null;
  try {
    return new XmlReader(text).document();
  } catch {
    return null;
  }
}
