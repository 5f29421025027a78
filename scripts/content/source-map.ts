/** Text with structure (YAML, JSON): its value, what is wrong with it, and where in the text each part of it stands. */
import { type JSONPath, type Node as JsonNode, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { contentDiagnostic } from '../diagnostics/content.ts';
import type { Diagnostic, Place, Position } from '../diagnostics/diagnostic.ts';

/** Keys and indices from the root to a part of a document. */
export type DocumentPath = readonly (string | number)[];

export interface ParsedText {
  /** The plain value; undefined where the text could not be parsed. */
  value: unknown;
  diagnostics: Diagnostic[];
  /**
   * The place of the value at `path` (or of its key). Where the path does not exist, the nearest ancestor that does, so
   * that a finding about a missing key points at the mapping that lacks it.
   */
  place(path: DocumentPath, part?: 'key' | 'value'): Place;
  /**
   * The place of a range of characters inside the string at `path`, also in a block scalar, where the offsets of the
   * value and of the file differ by indentation.
   */
  placeInString(path: DocumentPath, start: number, length: number): Place;
}

/** Offsets of line starts, for texts without a parser of their own. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}

/** Parses YAML 1.2. Duplicate keys and every syntax error are findings; the value is that of the readable rest. */
export function parseYaml(file: string, text: string): ParsedText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const range = (start: number, end: number): Place => {
    const from = lines.linePos(start);
    const to = lines.linePos(Math.max(start, end));
    return { file, start: { line: from.line, column: from.col }, end: { line: to.line, column: to.col } };
  };
  const diagnostics = document.errors.map((error) => {
    const place = range(error.pos[0], error.pos[1]);
    return error.code === 'DUPLICATE_KEY'
      ? contentDiagnostic('yaml-duplicate-key', place, { key: keyAt(text, error.pos[0]) })
      : contentDiagnostic('yaml-syntax', place, { detail: sentence(error.message) });
  });
  const fatal = document.errors.some((error) => error.code !== 'DUPLICATE_KEY');
  let value: unknown;
  try {
    value = fatal ? undefined : document.toJS();
  } catch (error) {
    // An unresolved alias or too many of them: the message of the library says which.
    diagnostics.push(contentDiagnostic('yaml-syntax', range(0, 0), { detail: sentence(String(error)) }));
  }
  const find = (path: DocumentPath) => findYaml(document, path);
  return {
    value,
    diagnostics,
    place: (path, part = 'value') => {
      const { node, key } = find(path);
      const target = part === 'key' ? (key ?? node) : node;
      return target?.range ? range(target.range[0], target.range[1]) : { file, start: { line: 1, column: 1 } };
    },
    placeInString: (path, start, length) => {
      const { node } = find(path);
      if (!isScalar(node) || !node.range || typeof node.value !== 'string') return { file };
      const offsetOf = scalarOffsets(text, node.range[0], node.range[1], node.type, node.value);
      return range(offsetOf(start), offsetOf(start + length));
    },
  };
}

function sentence(message: string): string {
  return message.replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 300);
}

function keyAt(text: string, offset: number): string {
  return /^["']?([^"':\n]+)/.exec(text.slice(offset, offset + 200))?.[1]?.trim() ?? '';
}

interface Found {
  node: Node | null | undefined;
  key?: Node | undefined;
}

function findYaml(document: Document, path: DocumentPath): Found {
  let found: Found = { node: document.contents as Node | null };
  for (const step of path) {
    const node = isAlias(found.node) ? found.node.resolve(document) : found.node;
    let next: Found | undefined;
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair) next = { node: (pair.value ?? pair.key) as Node, key: pair.key as Node };
    } else if (isSeq(node) && typeof step === 'number') {
      const item = node.items[step];
      if (item) next = { node: item as Node };
    }
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

/**
 * Maps offsets of a scalar's value to offsets of the file. Literal block scalars (`|`) and plain one-line scalars map
 * line by line; folded and escaped ones have no exact mapping, so that they answer the start of the scalar.
 */
function scalarOffsets(
  text: string,
  start: number,
  end: number,
  type: string | null | undefined,
  value: string,
): (offset: number) => number {
  if (type !== 'BLOCK_LITERAL') {
    const skip = type === 'QUOTE_SINGLE' || type === 'QUOTE_DOUBLE' ? 1 : 0;
    const verbatim = text.startsWith(value, start + skip);
    return (offset) => (verbatim ? start + skip + Math.min(offset, value.length) : start);
  }
  const body = text.indexOf('\n', start) + 1;
  const fileLines: { offset: number; text: string }[] = [];
  for (let at = body; at < end; ) {
    const stop = text.indexOf('\n', at);
    const lineEnd = stop === -1 ? text.length : stop;
    fileLines.push({ offset: at, text: text.slice(at, lineEnd) });
    at = lineEnd + 1;
  }
  const starts: { value: number; file: number }[] = [];
  let at = 0;
  value.split('\n').forEach((line, index) => {
    const fileLine = fileLines[index];
    if (fileLine)
      starts.push({ value: at, file: fileLine.offset + fileLine.text.replace(/\r$/, '').length - line.length });
    at += line.length + 1;
  });
  return (offset) => {
    let best = starts[0];
    for (const candidate of starts) {
      if (candidate.value > offset) break;
      best = candidate;
    }
    return best ? best.file + (offset - best.value) : start;
  };
}

/** Parses strict JSON (no comments, no trailing commas). Duplicate keys are findings. */
export function parseJson(file: string, text: string): ParsedText {
  const errors: ParseError[] = [];
  const bom = text.startsWith('\uFEFF') ? 1 : 0;
  const tree = parseTree(bom ? ` ${text.slice(1)}` : text, errors, {
    disallowComments: true,
    allowTrailingComma: false,
  });
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  const position = (offset: number): Position => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lineStarts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (lineStarts[low] as number) + 1 };
  };
  const range = (offset: number, length: number): Place => ({
    file,
    start: position(offset),
    end: position(offset + length),
  });
  // One mistake makes a chain of follow-up errors; the first is the one to mend.
  const diagnostics = errors
    .slice(0, 1)
    .map((error) =>
      contentDiagnostic('json-syntax', range(error.offset, error.length), { detail: jsonError(error, text) }),
    );
  if (tree === undefined && diagnostics.length === 0) {
    diagnostics.push(contentDiagnostic('json-syntax', range(0, 0), { detail: 'the file is empty' }));
  }
  let value: unknown;
  if (tree !== undefined && errors.length === 0) {
    duplicateJsonKeys(tree, (key) => {
      diagnostics.push(
        contentDiagnostic('json-duplicate-key', range(key.offset, key.length), { key: String(key.value) }),
      );
    });
    value = JSON.parse(bom ? text.slice(1) : text);
  }
  return {
    value,
    diagnostics,
    place: (path, part = 'value') => {
      const node = findJson(tree, path);
      if (node === undefined) return range(0, 0);
      const target = part === 'key' && node.parent?.type === 'property' ? (node.parent.children?.[0] ?? node) : node;
      return range(target.offset, part === 'value' && isNested(target) ? 1 : target.length);
    },
    placeInString: (path) => {
      const node = findJson(tree, path);
      return node ? range(node.offset, node.length) : { file };
    },
  };
}

function isNested(node: JsonNode): boolean {
  return node.type === 'object' || node.type === 'array';
}

function jsonError(error: ParseError, text: string): string {
  const words = printParseErrorCode(error.error)
    .replace(/([A-Z])/g, ' $1')
    .trim()
    .toLowerCase();
  const found = text
    .slice(error.offset, error.offset + 20)
    .split('\n')[0]
    ?.trim();
  return found ? `${words} at ${JSON.stringify(found)}` : `${words} at the end of the file`;
}

function duplicateJsonKeys(node: JsonNode, report: (key: JsonNode) => void): void {
  if (node.type === 'object') {
    const seen = new Set<string>();
    for (const property of node.children ?? []) {
      const key = property.children?.[0];
      if (key === undefined) continue;
      if (seen.has(String(key.value))) report(key);
      seen.add(String(key.value));
    }
  }
  for (const child of node.children ?? []) duplicateJsonKeys(child, report);
}

function findJson(root: JsonNode | undefined, path: DocumentPath): JsonNode | undefined {
  let node = root;
  for (const step of path as JSONPath) {
    if (node === undefined) return undefined;
    let next: JsonNode | undefined;
    if (node.type === 'object') {
      next = node.children?.find((property) => property.children?.[0]?.value === String(step))?.children?.[1];
    } else if (node.type === 'array' && typeof step === 'number') {
      next = node.children?.[step];
    }
    if (next === undefined) return node;
    node = next;
  }
  return node;
}
