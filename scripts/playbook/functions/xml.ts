/** XML in expressions: `xml()`, `xpath()` and `json(xml(...))`, with JSON.NET's convention of `@attribute` and `#text`. */
import { createRequire } from 'node:module';
import { DOMParser, type Document, type Element, type Node, XMLSerializer } from '@xmldom/xmldom';
import { isObject, setOwn, type Value, type ValueObject } from '../value.ts';
import {
  decodeContent,
  define,
  encodeContent,
  FunctionError,
  type FunctionTable,
  printValue,
  text,
} from './function.ts';
import { encodeXmlValue } from './strings.ts';

// The package's own types pull in the browser's; this is the one function that is used of it.
const { select } = createRequire(import.meta.url)('xpath') as {
  select(expression: string, node: Node): Node[] | string | number | boolean;
};

const maximumXml = 2_000_000;

/** @throws FunctionError */
export function parseXml(source: string): Document {
  if (source.length > maximumXml) throw new FunctionError('the XML is too long');
  try {
    const stop = (level: string, message: unknown): void => {
      if (level !== 'warning') throw new FunctionError(String(message));
    };
    const document = new DOMParser({ onError: stop }).parseFromString(source.trim(), 'text/xml');
    if (document.documentElement === null) throw new FunctionError('there is no root element');
    return document;
  } catch (error) {
    throw new FunctionError(`xml(): the text is not XML: ${String((error as Error).message).split('\n')[0]}`);
  }
}

export function textOfXml(node: Node): string {
  return new XMLSerializer().serializeToString(node);
}

export function xmlContent(source: string): Value {
  return encodeContent(Buffer.from(source, 'utf8'), 'application/xml;charset=utf-8');
}

/** @throws FunctionError when the object has not exactly one root */
export function xmlOfJson(root: ValueObject): string {
  const names = Object.keys(root).filter((name) => !name.startsWith('?'));
  const [name] = names;
  if (name === undefined || names.length > 1 || Array.isArray(root[name])) {
    throw new FunctionError('xml() takes an object with exactly one root property');
  }
  return element(name, root[name] ?? null, 0);
}

function element(name: string, value: Value, depth: number): string {
  if (depth > 100) throw new FunctionError('xml(): the object is nested too deeply');
  if (!/^[\p{L}_][\p{L}\p{N}_.:-]*$/u.test(name))
    throw new FunctionError(`xml(): '${name.slice(0, 40)}' is not the name of an element`);
  if (Array.isArray(value)) return value.map((item) => element(name, item, depth)).join('');
  if (!isObject(value)) {
    const content = typeof value === 'boolean' ? String(value) : printValue(value);
    return content === '' ? `<${name}/>` : `<${name}>${encodeXmlValue(content)}</${name}>`;
  }
  let attributes = '';
  let children = '';
  for (const key of Object.keys(value)) {
    const child = value[key] ?? null;
    if (key === '#text') children += encodeXmlValue(printValue(child));
    else if (key === '#cdata-section')
      children += `<![CDATA[${printValue(child).replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
    else if (key.startsWith('@')) attributes += ` ${key.slice(1)}="${encodeXmlValue(printValue(child))}"`;
    else children += element(key, child, depth + 1);
  }
  return `<${name}${attributes}>${children}</${name}>`;
}

export function jsonOfXml(document: Document): Value {
  const root = document.documentElement;
  const result: ValueObject = {};
  if (root !== null) setOwn(result, root.nodeName, jsonOfElement(root, 0));
  return result;
}

function jsonOfElement(source: Element, depth: number): Value {
  if (depth > 100) throw new FunctionError('the XML is nested too deeply');
  const result: ValueObject = {};
  for (const attribute of [...source.attributes]) setOwn(result, `@${attribute.nodeName}`, attribute.value);
  let content = '';
  for (let child = source.firstChild; child !== null; child = child.nextSibling) {
    if (child.nodeType === 3 || child.nodeType === 4) content += child.nodeValue ?? '';
    if (child.nodeType !== 1) continue;
    const value = jsonOfElement(child as Element, depth + 1);
    const present = Object.hasOwn(result, child.nodeName) ? result[child.nodeName] : undefined;
    if (present === undefined) setOwn(result, child.nodeName, value);
    else if (Array.isArray(present)) present.push(value);
    else setOwn(result, child.nodeName, [present, value]);
  }
  if (Object.keys(result).length === 0) return content === '' ? null : content;
  if (content.trim() !== '') setOwn(result, '#text', content);
  return result;
}

function xpath([source, expression]: Value[]): Value {
  const content = decodeContent(source ?? null)?.toString('utf8') ?? (typeof source === 'string' ? source : undefined);
  if (content === undefined) throw new FunctionError('xpath() takes XML, as xml() makes it');
  const document = parseXml(content);
  let found: ReturnType<typeof select>;
  try {
    found = select(text(expression, 'the expression of xpath()'), document as unknown as Node);
  } catch (error) {
    if (error instanceof FunctionError) throw error;
    throw new FunctionError(`xpath(): ${String((error as Error).message ?? error).split('\n')[0]}`);
  }
  if (!Array.isArray(found)) return typeof found === 'number' && !Number.isFinite(found) ? null : found;
  // Text and attribute nodes answer their text, elements an XML value.
  return found.map((node) =>
    node.nodeType === 1 || node.nodeType === 9 ? xmlContent(textOfXml(node)) : (node.nodeValue ?? ''),
  );
}

export const xmlFunctions: FunctionTable = { xpath: define(2, 2, xpath) };
