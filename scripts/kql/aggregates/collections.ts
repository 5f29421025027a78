/** Aggregates that make lists, sets, bags and schemas. */
import { convert } from '../functions/conversion.ts';
import { typescriptFunction } from '../functions/define.ts';
import type { AggregateContext, SqlExpression } from '../functions/registry.ts';
import { distinct } from '../runtime/arrays.ts';
import { merge } from '../runtime/bags.ts';
import type { Dynamic } from '../runtime/dynamic.ts';
import { buildSchema } from '../runtime/schema.ts';
import {
  type AggregateTable,
  type AggregateTemplate,
  argument,
  conditional,
  conditionOf,
  constantSize,
  filterOf,
  plain,
} from './define.ts';

/** JSON text of the elements that a value gives: an array is flattened by one level, an empty one gives none. */
function elements(value: SqlExpression, context: AggregateContext): SqlExpression {
  const item = context.once({ sql: convert(value, 'dynamic', context), type: 'dynamic' });
  if (value.type !== 'dynamic') return item;
  const d = item.sql;
  const flat = `CASE WHEN ${d} IS NULL THEN 'null' WHEN ${d} = '[]' THEN NULL WHEN starts_with(${d}, '[') THEN ${d}[2:-2] ELSE ${d} END`;
  return context.once({ sql: flat, type: 'dynamic' });
}

/** Kusto's order of a list is the order of the rows. Nulls are passed over, but not those of dynamic values. */
function list(withNulls: boolean): AggregateTemplate {
  return (args, filter, context) => {
    const value = argument(args, 0, context);
    const size = constantSize(args[1], context);
    const item = elements(value, context).sql;
    const text = withNulls && value.type !== 'dynamic' ? `coalesce(${item}, 'null')` : item;
    const where = filterOf(
      withNulls && value.type !== 'dynamic' ? undefined : `${item} IS NOT NULL`,
      conditionOf(filter),
    );
    const joined =
      size === undefined
        ? `string_agg(${text}, ','${context.order})${where}`
        : `array_to_string((list(${text}${context.order})${where})[1:${size}], ',')`;
    return `('[' || coalesce(${joined}, '') || ']')`;
  };
}

/** Distinct values in ascending order (Kusto promises none); those of dynamic values as they come. */
const set: AggregateTemplate = (args, filter, context) => {
  const value = argument(args, 0, context);
  const size = constantSize(args[1], context);
  if (value.type === 'dynamic') {
    const item = elements(value, context).sql;
    const all = `string_agg(${item}, ','${context.order})${filterOf(`${item} IS NOT NULL`, conditionOf(filter))}`;
    return `${context.runtime('kql_distinct_list')}('[' || coalesce(${all}, '') || ']', ${size ?? 'NULL'}::BIGINT)`;
  }
  const x = value.type === 'real' ? value.sql : value.sql;
  const values = `list_sort(list(DISTINCT ${x})${filterOf(`${x} IS NOT NULL`, conditionOf(filter))})`;
  const chosen = size === undefined ? values : `(${values})[1:${size}]`;
  const json = convert({ sql: 'e', type: value.type }, 'dynamic', inner(context));
  return `('[' || coalesce(array_to_string(list_transform(${chosen}, lambda e: ${json}), ','), '') || ']')`;
};

/** Inside a lambda nothing can be computed in an earlier stage. */
function inner(context: AggregateContext): AggregateContext {
  return { ...context, once: (expression) => expression };
}

/** The first value of a key stays. */
const bag: AggregateTemplate = (args, filter, context) => {
  const d = argument(args, 0, context).sql;
  const all = `string_agg(${d}, ','${context.order})${filterOf(`starts_with(${d}, '{')`, conditionOf(filter))}`;
  const size = constantSize(args[1], context);
  if (size !== undefined) context.refuse('a bag with a maximal size');
  return `${context.runtime('kql_merge_list')}('[' || coalesce(${all}, '') || ']')`;
};

const schema: AggregateTemplate = (args, filter, context) => {
  const d = argument(args, 0, context).sql;
  const all = `string_agg(DISTINCT ${d}, ',' ORDER BY ${d})${filterOf(`${d} IS NOT NULL`, conditionOf(filter))}`;
  return `${context.runtime('kql_build_schema')}('[' || ${all} || ']')`;
};

typescriptFunction('kql_distinct_list', ['dynamic', 'long?'], 'dynamic', (items: Dynamic, size?: bigint) => {
  const values = Array.isArray(items) ? distinct(items.filter((item) => item !== null)) : [];
  return size === undefined ? values : values.slice(0, Number(size));
});
typescriptFunction('kql_merge_list', ['dynamic'], 'dynamic', (bags: Dynamic) =>
  Array.isArray(bags) ? (merge(...bags) ?? new Map()) : null,
);
typescriptFunction('kql_build_schema', ['dynamic'], 'dynamic', (values: Dynamic) =>
  Array.isArray(values) ? buildSchema(values) : null,
);

export const collectionAggregates: AggregateTable = {
  make_list: plain(list(false)),
  makelist: plain(list(false)),
  make_list_if: (args, context) => withSize(list(false), args, context),
  make_list_with_nulls: plain(list(true)),
  make_set: plain(set),
  makeset: plain(set),
  make_set_if: (args, context) => withSize(set, args, context),
  make_bag: plain(bag),
  make_dictionary: plain(bag),
  make_bag_if: conditional(bag),
  buildschema: plain(schema),
};

/** `make_list_if(value, condition, size)`: the condition is in the middle. */
function withSize(
  template: AggregateTemplate,
  args: readonly SqlExpression[],
  context: AggregateContext,
): readonly string[] {
  const [value, condition, size] = args as SqlExpression[];
  const filter = filterOf(convert(condition as SqlExpression, 'bool', context));
  return [template([value as SqlExpression, ...(size ? [size] : [])], filter, context)];
}
