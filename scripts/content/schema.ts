/** JSON Schema of every kind of file, and its errors told as one finding a mistake. */
import { readFileSync } from 'node:fs';
import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { contentDiagnostic } from '../diagnostics/content.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { closest } from './closest.ts';
import type { DocumentPath, ParsedText } from './source-map.ts';

/** The kinds of files that a schema describes: schemas/<kind>.schema.json. */
export const schemaKinds = [
  'analytics-rule',
  'hunting-query',
  'function',
  'watchlist',
  'automation-rule',
  'workbook-description',
  'playbook',
] as const;
export type SchemaKind = (typeof schemaKinds)[number];

export interface SchemaResult {
  diagnostics: Diagnostic[];
  /**
   * Whether the value has the shape of its type in spite of the findings (an unknown key or a number out of range does
   * no harm to who reads it, a missing query does).
   */
  shaped: boolean;
}

const schemaFolder = new URL('../../schemas/', import.meta.url);
let ajv: Ajv | undefined;

function validator(kind: SchemaKind): ValidateFunction {
  if (ajv === undefined) {
    ajv = new Ajv({
      allErrors: true,
      verbose: true,
      discriminator: true,
      allowUnionTypes: true,
      strictRequired: false,
    });
    (addFormats as unknown as (instance: Ajv) => void)(ajv);
    for (const name of schemaKinds) {
      ajv.addSchema(JSON.parse(readFileSync(new URL(`${name}.schema.json`, schemaFolder), 'utf8')) as AnySchemaObject);
    }
  }
  return ajv.getSchema(`${kind}.schema.json`) as ValidateFunction;
}

/** Checks a parsed file against the schema of its kind. */
export function checkSchema(kind: SchemaKind, parsed: ParsedText): SchemaResult {
  const validate = validator(kind);
  if (validate(parsed.value)) return { diagnostics: [], shaped: true };
  const errors = (validate.errors ?? []).filter(
    (error) => !['if', 'oneOf', 'anyOf', 'propertyNames'].includes(error.keyword),
  );
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  // A misspelt key makes two errors, an unknown and a missing one: tell the pair once.
  const misspelt = new Set<string>();
  for (const error of errors) {
    if (error.keyword !== 'additionalProperties') continue;
    const key = String(error.params.additionalProperty);
    const missing = errors
      .filter((other) => other.keyword === 'required' && other.instancePath === error.instancePath)
      .map((other) => String(other.params.missingProperty));
    const meant = closest(key, missing);
    if (meant !== undefined) misspelt.add(`${error.instancePath}/${meant}`);
  }
  for (const error of errors) {
    if (error.keyword === 'required' && misspelt.has(`${error.instancePath}/${error.params.missingProperty}`)) continue;
    const finding = describe(error, parsed);
    const identity = JSON.stringify([finding.place.start, finding.message]);
    if (!seen.has(identity)) diagnostics.push(finding);
    seen.add(identity);
  }
  return { diagnostics, shaped: !errors.some((error) => shapeKeywords.has(error.keyword)) };
}

const shapeKeywords = new Set([
  'type',
  'required',
  'enum',
  'const',
  'discriminator',
  'minItems',
  'minLength',
  'maxLength',
]);

function describe(error: ErrorObject, parsed: ParsedText): Diagnostic {
  const path = pathOf(error.instancePath, parsed.value);
  const description = (error.parentSchema as { description?: string } | undefined)?.description;
  const optional = description === undefined ? {} : { description };
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params.additionalProperty);
      const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
      const suggestion = closest(key, known);
      return contentDiagnostic('schema-unknown-key', parsed.place([...path, key], 'key'), {
        key,
        owner: ownerOf(path),
        known: known.join(', '),
        ...(suggestion === undefined ? {} : { suggestion }),
      });
    }
    case 'required': {
      const key = String(error.params.missingProperty);
      const property = (error.parentSchema?.properties as Record<string, { description?: string }> | undefined)?.[key];
      return contentDiagnostic('schema-missing-key', parsed.place(path, 'key'), {
        key,
        owner: ownerOf(path),
        ...(property?.description === undefined ? {} : { description: property.description }),
      });
    }
    case 'not':
    case 'false schema':
      return contentDiagnostic('schema-forbidden-key', parsed.place(path, 'key'), {
        key: String(path.at(-1) ?? ''),
        reason: description ?? 'it has no meaning in this place.',
      });
    case 'type':
      return contentDiagnostic('schema-type', parsed.place(path), {
        path: nameOf(path),
        expected: typeName(error.params.type as string | string[]),
        found: found(error.data),
        ...optional,
      });
    default: {
      const subject = error.propertyName === undefined ? error.data : error.propertyName;
      const place =
        error.propertyName === undefined ? parsed.place(path) : parsed.place([...path, error.propertyName], 'key');
      const allowed = allowedValues(error);
      const suggestion = typeof subject === 'string' ? closest(subject, allowed.map(String)) : undefined;
      return contentDiagnostic('schema-value', place, {
        path: error.propertyName === undefined ? nameOf(path) : `a key of ${ownerOf(path)}`,
        value: shorten(subject),
        problem: problemOf(error, allowed),
        ...(suggestion === undefined ? {} : { suggestion: JSON.stringify(suggestion) }),
        ...optional,
      });
    }
  }
}

function allowedValues(error: ErrorObject): unknown[] {
  if (error.keyword === 'enum') return error.params.allowedValues as unknown[];
  if (error.keyword === 'const') return [error.params.allowedValue];
  if (error.keyword === 'discriminator') {
    const branches = (error.parentSchema?.oneOf ?? []) as { properties?: Record<string, { const?: unknown }> }[];
    return branches
      .map((branch) => branch.properties?.[String(error.params.tag)]?.const)
      .filter((value) => value !== undefined);
  }
  return [];
}

function problemOf(error: ErrorObject, allowed: unknown[]): string {
  const { limit } = error.params as { limit?: number };
  switch (error.keyword) {
    case 'enum':
    case 'const':
    case 'discriminator':
      return `must be ${allowed.length > 1 ? 'one of ' : ''}${allowed.join(', ')}`;
    case 'minLength':
      return limit === 1 ? 'must not be empty' : `must have at least ${limit} characters`;
    case 'maxLength':
      return `must have at most ${limit} characters, it has ${String(error.propertyName ?? error.data).length}`;
    case 'minItems':
      return limit === 1 ? 'must have at least one entry' : `must have at least ${limit} entries`;
    case 'maxItems':
      return `must have at most ${limit} entries`;
    case 'maxProperties':
      return `must have at most ${limit} keys, it has ${Object.keys(error.data as object).length}`;
    case 'minProperties':
      return `must have at least ${limit} key${limit === 1 ? '' : 's'}`;
    case 'uniqueItems':
      return `names the same entry twice (entries ${Number(error.params.j) + 1} and ${Number(error.params.i) + 1})`;
    case 'minimum':
    case 'maximum':
      return `must be ${error.params.comparison} ${limit}`;
    case 'pattern':
      return `does not have the form ${error.params.pattern}`;
    case 'format':
      return `is not a ${error.params.format}`;
    default:
      return error.message ?? error.keyword;
  }
}

/** Turns a JSON pointer into a path, with numbers for the indices of arrays. */
function pathOf(pointer: string, root: unknown): DocumentPath {
  const path: (string | number)[] = [];
  let value = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const step = Array.isArray(value) ? Number(key) : key;
    path.push(step);
    value = (value as Record<string | number, unknown> | undefined)?.[step];
  }
  return path;
}

function nameOf(path: DocumentPath): string {
  if (path.length === 0) return 'The file';
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text ? `${text}.${step}` : step),
    '',
  );
}

function ownerOf(path: DocumentPath): string {
  return path.length === 0 ? 'The file' : nameOf(path);
}

function typeName(type: string | string[]): string {
  const names: Record<string, string> = {
    object: 'a mapping',
    array: 'a list',
    string: 'text',
    boolean: 'true or false',
    integer: 'a whole number',
    number: 'a number',
    null: 'null',
  };
  return (Array.isArray(type) ? type : type.split(',')).map((name) => names[name] ?? name).join(' or ');
}

function found(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? `the text ${shorten(value)}` : shorten(value);
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
