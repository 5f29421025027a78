/** Making dynamic values of others, and telling what they hold. */
import { convert } from './conversion.ts';
import { sqlString } from './define.ts';
import type { FunctionContext, SqlExpression } from './registry.ts';

/** JSON text of an argument inside an array or a bag: null is written out. */
function item(argument: SqlExpression, context: FunctionContext): string {
  return `coalesce(${convert(argument, 'dynamic', context)}, 'null')`;
}

/** A JSON array of expressions; `array` of a dynamic argument is one element. */
export function packArray(args: readonly SqlExpression[], context: FunctionContext): string {
  if (args.length === 0) return "'[]'";
  return `('[' || ${args.map((argument) => item(argument, context)).join(" || ',' || ")} || ']')`;
}

/** A bag of keys and values in turn. A key that comes again keeps its first place and value. */
export function packBag(args: readonly SqlExpression[], context: FunctionContext): string {
  const pairs: string[] = [];
  const constants = new Set<string>();
  for (let i = 0; i + 1 < args.length; i += 2) {
    const [key, value] = [args[i] as SqlExpression, args[i + 1] as SqlExpression];
    if (typeof key.constant === 'string') {
      if (constants.has(key.constant)) continue;
      constants.add(key.constant);
      pairs.push(`${sqlString(`${JSON.stringify(key.constant)}:`)} || ${item(value, context)}`);
    } else {
      const text = convert(key, 'string', context);
      pairs.push(`CAST(to_json(${text}) AS VARCHAR) || ':' || ${item(value, context)}`);
    }
  }
  const text = pairs.length === 0 ? "'{}'" : `('{' || ${pairs.join(" || ',' || ")} || '}')`;
  const computed = args.length / 2 > 1 && constants.size < pairs.length;
  return computed ? `${context.runtime('kql_bag_normal')}(${text})` : text;
}

/** `parse_json()`: JSON text as a value; text that is no JSON is a string; an empty text is null. */
export function parseJson(argument: SqlExpression, context: FunctionContext): string {
  if (argument.type === 'dynamic') {
    const text = context.once({ sql: convert(argument, 'string', context), type: 'string' });
    const whole = context.once(argument);
    // a dynamic that holds a string is read as JSON too; any other is itself
    return `CASE WHEN starts_with(${whole.sql}, '"') THEN ${parseText(text.sql, context)} ELSE ${whole.sql} END`;
  }
  const text = context.once({ sql: convert(argument, 'string', context), type: 'string' });
  return parseText(text.sql, context);
}

function parseText(text: string, context: FunctionContext): string {
  const plain = `CASE WHEN json_valid(${text}) THEN nullif(CAST(json(${text}) AS VARCHAR), 'null') END`;
  return `CASE WHEN left(${text}, 1) IN ('{', '[', '"') AND json_valid(${text}) THEN ${plain} ELSE ${context.runtime('kql_parse_json')}(${text}) END`;
}
