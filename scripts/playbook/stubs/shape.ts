/** What a workflow expects of a value that it did not make itself, and a plausible value of that shape. */
import { getOwn, isObject, setOwn, toJson, type Value, type ValueObject } from '../value.ts';

/** How a scalar is used, from which its stub is chosen. */
export type Use = 'number' | 'boolean' | 'date' | 'base64' | 'xml' | 'uri' | 'text' | 'array' | 'object';

export class Shape {
  readonly uses = new Set<Use>();
  readonly properties = new Map<string, Shape>();
  items: Shape | undefined;
  /** What the JSON text in this value holds, where it is parsed. */
  json: Shape | undefined;
  schema: ValueObject | undefined;
  /** Constants that the value is compared with. */
  readonly literals: (string | number | boolean)[] = [];
  /** Separators that the text is split by, and how many parts are read. */
  readonly splits = new Map<string, number>();
  /** Least length of the text. */
  length = 0;

  property(name: string): Shape {
    const folded = [...this.properties.keys()].find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;
    let shape = this.properties.get(folded);
    if (shape === undefined) {
      shape = new Shape();
      this.properties.set(folded, shape);
    }
    return shape;
  }

  item(): Shape {
    this.items ??= new Shape();
    return this.items;
  }

  content(): Shape {
    this.json ??= new Shape();
    return this.json;
  }
}

const sampleDate = '2026-01-15T08:30:00.0000000Z';
const sampleGuid = '33333333-3333-4333-8333-333333333333';
const maximumDepth = 40;
const madeUp = 'sample of ';

/** A value of the shape; `name` is the property that it stands in. */
export function sampleOf(shape: Shape, name = '', depth = 0): Value {
  if (depth > maximumDepth) return null;
  if (shape.schema) {
    const fromSchema = sampleOfSchema(shape.schema, name);
    const { schema: _schema, ...rest } = shape;
    return fillGaps(fromSchema, sampleOf(Object.assign(new Shape(), rest), name, depth + 1));
  }
  if (shape.json && shape.properties.size === 0 && shape.items === undefined)
    return toJson(sampleOf(shape.json, name, depth + 1));
  if (shape.items || (shape.uses.has('array') && shape.properties.size === 0))
    return [sampleOf(shape.items ?? new Shape(), name, depth + 1)];
  if (shape.properties.size > 0) {
    const result: ValueObject = {};
    for (const [key, property] of shape.properties) setOwn(result, key, sampleOf(property, key, depth + 1));
    return result;
  }
  if (shape.uses.has('object')) return {};
  return scalar(shape, name);
}

function scalar(shape: Shape, name: string): Value {
  const [literal] = shape.literals;
  if (literal !== undefined) return literal;
  if (shape.uses.has('date')) return sampleDate;
  if (shape.uses.has('base64')) return 'c2FtcGxl';
  if (shape.uses.has('xml')) return '<sample/>';
  if (shape.uses.has('uri')) return 'https://contoso.example/sample';
  if (shape.splits.size > 0) {
    return [...shape.splits].reduce(
      (text, [separator, parts]) =>
        separator === '' ? text : Array.from({ length: parts + 1 }, () => text).join(separator),
      'sample',
    );
  }
  if (shape.uses.has('number') && !shape.uses.has('text')) return 1;
  if (shape.uses.has('boolean') && !shape.uses.has('text')) return true;
  const text = sampleText(name);
  return text.length >= shape.length ? text : text.padEnd(shape.length, '.');
}

/** A text that fits the name of its property. */
export function sampleText(name: string): string {
  if (/(^|_|[a-z])(date|time|timestamp|utc)$|time(utc|generated)|datetime/i.test(name)) return sampleDate;
  if (/e?mail|upn|userprincipalname|recipient/i.test(name)) return 'analyst@contoso.com';
  if (/url|uri|link|endpoint|href/i.test(name)) return 'https://contoso.example/sample';
  if (/(^|_|[a-z])ip(address)?$|^address$|ipv4/i.test(name)) return '192.0.2.10';
  if (/(^|_|[a-z])(id|guid)$/i.test(name)) return sampleGuid;
  return `${madeUp}${name || 'a value'}`;
}

/** A value that a JSON Schema allows, as the designer writes such schemas from samples. */
export function sampleOfSchema(schema: Value | undefined, name = '', depth = 0): Value {
  if (!isObject(schema) || depth > maximumDepth) return null;
  const constant =
    getOwn(schema, 'const') ??
    firstOf(getOwn(schema, 'enum')) ??
    getOwn(schema, 'default') ??
    firstOf(getOwn(schema, 'examples'));
  if (constant !== undefined) return constant;
  for (const combination of ['anyOf', 'oneOf']) {
    const options = getOwn(schema, combination);
    if (Array.isArray(options) && options.length > 0) return sampleOfSchema(options[0], name, depth + 1);
  }
  const all = getOwn(schema, 'allOf');
  if (Array.isArray(all)) return all.map((part) => sampleOfSchema(part, name, depth + 1)).reduce(fillGaps, null);
  const declared = getOwn(schema, 'type');
  const types = (Array.isArray(declared) ? declared : [declared ?? null]).map((type) =>
    typeof type === 'string' ? type.toLowerCase() : '',
  );
  const type = types.find((candidate) => candidate !== 'null' && candidate !== '') ?? impliedType(schema);
  switch (type) {
    case 'object': {
      const result: ValueObject = {};
      const properties = getOwn(schema, 'properties');
      for (const key of Object.keys(isObject(properties) ? properties : {}))
        setOwn(result, key, sampleOfSchema((properties as ValueObject)[key], key, depth + 1));
      const required = getOwn(schema, 'required');
      for (const key of Array.isArray(required) ? required : []) {
        if (typeof key === 'string' && !Object.hasOwn(result, key)) setOwn(result, key, sampleText(key));
      }
      return result;
    }
    case 'array': {
      const items = getOwn(schema, 'items');
      if (Array.isArray(items)) return items.map((item) => sampleOfSchema(item, name, depth + 1));
      return [sampleOfSchema(items ?? { type: 'string' }, name, depth + 1)];
    }
    case 'integer':
    case 'number':
      return Number(getOwn(schema, 'minimum') ?? 1);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return sampleText(name);
  }
}

const firstOf = (value: Value | undefined): Value | undefined =>
  Array.isArray(value) && value.length > 0 ? value[0] : undefined;

function impliedType(schema: ValueObject): string {
  if (isObject(getOwn(schema, 'properties'))) return 'object';
  if (getOwn(schema, 'items') !== undefined) return 'array';
  return getOwn(schema, 'type') === 'null' ? 'null' : 'string';
}

/** `value` with what it lacks taken from `other`: missing properties, nulls, properties of the items of lists. */
export function fillGaps(value: Value, other: Value): Value {
  if (value === null || value === '') return other;
  // A text that was made up gives way to one whose use is known.
  if (typeof value === 'string' && value.startsWith(madeUp))
    return other === null || isObject(other) || Array.isArray(other) ? value : other;
  const inner = jsonInside(value);
  const wanted = jsonInside(other);
  if (inner !== undefined && wanted !== undefined) return toJson(fillGaps(inner, wanted));
  if (Array.isArray(value)) {
    if (!Array.isArray(other) || other.length === 0) return value;
    return value.length === 0 ? other : value.map((item) => fillGaps(item, other[0] ?? null));
  }
  if (!isObject(value) || !isObject(other)) return value;
  const result: ValueObject = {};
  for (const key of Object.keys(value)) setOwn(result, key, fillGaps(value[key] ?? null, getOwn(other, key) ?? null));
  for (const key of Object.keys(other)) if (getOwn(result, key) === undefined) setOwn(result, key, other[key] ?? null);
  return result;
}

/** The structure that a text holds as JSON, such as the entities of an alert. */
function jsonInside(value: Value): Value | undefined {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return undefined;
  try {
    return JSON.parse(value) as Value;
  } catch {
    return undefined;
  }
}
