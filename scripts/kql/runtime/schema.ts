/** `buildschema()`: the least schema that admits all values. https://learn.microsoft.com/kusto/query/buildschema-aggregation-function */
import { type Bag, type Dynamic, isBag } from './dynamic.ts';

interface Schema {
  properties?: Map<string, Schema>;
  indexer?: Schema;
  types: Set<string>;
}

function admit(schema: Schema, value: Dynamic): void {
  if (isBag(value)) {
    schema.properties ??= new Map();
    for (const [key, item] of value) {
      const property = schema.properties.get(key) ?? { types: new Set() };
      schema.properties.set(key, property);
      admit(property, item);
    }
  } else if (Array.isArray(value)) {
    schema.indexer ??= { types: new Set() };
    for (const item of value) admit(schema.indexer, item);
  } else if (value !== null) {
    schema.types.add(
      { bigint: 'long', number: 'double', boolean: 'bool', string: 'string' }[typeof value as string] ?? '',
    );
  }
}

function render(schema: Schema): Dynamic {
  const kinds: Dynamic[] = [];
  if (schema.properties) {
    const bag: Bag = new Map([...schema.properties].map(([key, inner]) => [key, render(inner)]));
    kinds.push(bag);
  }
  if (schema.indexer) kinds.push(new Map([['`indexer`', render(schema.indexer)]]));
  kinds.push(...[...schema.types].sort());
  return kinds.length === 1 ? (kinds[0] ?? null) : kinds;
}

export function buildSchema(values: readonly Dynamic[]): Dynamic {
  const schema: Schema = { types: new Set() };
  for (const value of values) admit(schema, value);
  return render(schema);
}
