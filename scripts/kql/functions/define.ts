/**
 * How the tables of scalar functions are written: SQL templates for what DuckDB can say, TypeScript for the rest.
 *
 * To add a function: put a row into the file of its family. `sqlFunction(['string'], ([s]) => \`length(${s})\`)` where
 * SQL has an equivalent, `typescriptFunction('kql_name', ['string'], 'long', (s) => ...)` where it has not. Both convert
 * the arguments to the types named before they see them.
 */
import type { KustoType } from '../../engines/query-engine.ts';
import { type Dynamic, dynamicToJson, parseDynamic } from '../runtime/dynamic.ts';
import { convert } from './conversion.ts';
import type {
  FunctionContext,
  RuntimeFunction,
  RuntimeType,
  RuntimeValue,
  ScalarLowering,
  SqlExpression,
} from './registry.ts';

/** `any`: the argument as it is. A `?` after the type allows it to be left out. */
export type ParameterType = KustoType | 'any' | `${KustoType}?`;

export function sqlString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Converts the arguments to the declared types; the last type repeats for further arguments. */
function converted(
  parameters: readonly ParameterType[],
  args: readonly SqlExpression[],
  context: FunctionContext,
  guidAsText = false,
): string[] {
  return args.map((argument, i) => {
    const declared = parameters[Math.min(i, parameters.length - 1)] ?? 'any';
    const type = declared.replace('?', '') as KustoType | 'any';
    // a guid travels to TypeScript as its text
    if (type === 'guid' && guidAsText) return `CAST(${convert(argument, type, context)} AS VARCHAR)`;
    return type === 'any' || type === argument.type ? argument.sql : convert(argument, type, context);
  });
}

/** A function that is an SQL expression over its converted arguments; each is used once, or is atomic by `once`. */
export function sqlFunction(
  parameters: readonly ParameterType[],
  template: (args: readonly string[], context: FunctionContext) => string,
  options: { once?: boolean } = {},
): ScalarLowering {
  return (args, context) => {
    const texts = converted(parameters, args, context);
    if (!options.once) return template(texts, context);
    const atoms = texts.map((sql, i) => atom({ ...(args[i] as SqlExpression), sql }, parameters, i, context));
    return template(atoms, context);
  };
}

function atom(
  expression: SqlExpression,
  parameters: readonly ParameterType[],
  i: number,
  context: FunctionContext,
): string {
  const declared = (parameters[Math.min(i, parameters.length - 1)] ?? 'any').replace('?', '');
  return context.once(declared === 'any' ? expression : { ...expression, type: declared as KustoType }).sql;
}

interface JsTypes {
  string: string;
  bool: boolean;
  int: bigint;
  long: bigint;
  real: number;
  decimal: number;
  datetime: bigint;
  timespan: bigint;
  guid: string;
  dynamic: Dynamic;
}
type Js<P> = P extends `${infer T extends KustoType}?`
  ? JsTypes[T] | undefined
  : P extends KustoType
    ? JsTypes[P]
    : never;
type JsAll<P extends readonly ParameterType[]> = { [I in keyof P]: Js<P[I]> };

const DUCKDB: Record<KustoType, RuntimeType> = {
  string: 'VARCHAR',
  bool: 'BOOLEAN',
  int: 'BIGINT',
  long: 'BIGINT',
  real: 'DOUBLE',
  decimal: 'DOUBLE',
  datetime: 'BIGINT',
  timespan: 'BIGINT',
  guid: 'VARCHAR',
  dynamic: 'VARCHAR',
};

export interface TypescriptOptions {
  /** Type of any number of arguments after the declared ones. */
  rest?: KustoType;
  /** The function sees null arguments; otherwise a null argument answers null ('' for strings). */
  seesNull?: boolean;
  /** Checks constant arguments while the query is translated. */
  check?: (args: readonly SqlExpression[], context: FunctionContext) => void;
}

/** All TypeScript functions by SQL name; `typescriptFunction` puts each one here. */
export const typescriptFunctions = new Map<string, RuntimeFunction>();

/** Reads the values of one argument: a dynamic is parsed, and not again while the same text comes row after row. */
function argumentReader(type: KustoType): (value: RuntimeValue) => Dynamic {
  if (type !== 'dynamic') return (value) => value;
  let lastText: RuntimeValue = null;
  let lastValue: Dynamic = null;
  return (value) => {
    if (value !== lastText) {
      lastValue = parseDynamic(String(value));
      lastText = value;
    }
    return lastText === null ? null : lastValue;
  };
}

function toRuntime(value: Dynamic | undefined, type: KustoType): RuntimeValue {
  if (value === null || value === undefined) return null;
  return type === 'dynamic' ? dynamicToJson(value) : (value as RuntimeValue);
}

/**
 * A function in TypeScript. Arguments: long and ticks as bigint, real as number, dynamic parsed; an argument that is left
 * out is undefined. An answer of null or undefined is Kusto's null.
 */
export function typescriptFunction<const P extends readonly ParameterType[]>(
  name: string,
  parameters: P,
  returns: KustoType,
  evaluate: (...args: [...JsAll<P>, ...never[]]) => Dynamic | undefined,
  options: TypescriptOptions = {},
): ScalarLowering {
  const types = parameters.map((p) => p.replace('?', '') as KustoType);
  const { rest } = options;
  const required = parameters.filter((p) => !p.endsWith('?')).length;
  const optional = required < parameters.length;
  const readers: ((value: RuntimeValue) => Dynamic)[] = [];
  // DuckDB has no optional parameters: one that is left out travels as NULL with its own mark
  const runtime: RuntimeFunction = {
    name,
    parameters: types.map((type) => DUCKDB[type]),
    ...(rest ? { varArgs: DUCKDB[rest] } : {}),
    returns: DUCKDB[returns],
    seesNull: options.seesNull === true || optional,
    evaluate(...values) {
      const args = values.map((value, i) => {
        const type = types[i] ?? rest ?? 'string';
        if (value === null && i >= required && i < types.length) return undefined;
        readers[i] ??= argumentReader(type);
        return value === null ? null : readers[i](value);
      });
      if (!options.seesNull && args.some((value) => value === null)) return null;
      return toRuntime((evaluate as (...all: unknown[]) => Dynamic | undefined)(...args), returns);
    },
  };
  typescriptFunctions.set(name, runtime);
  return (args, context) => {
    options.check?.(args, context);
    const texts = converted(rest ? [...parameters, rest] : parameters, args, context, true);
    while (texts.length < types.length) texts.push(`NULL::${DUCKDB[types[texts.length] as KustoType]}`);
    const call = `${context.runtime(name)}(${texts.join(', ')})`;
    if (context.resultType === 'string' && returns === 'string') return `coalesce(${call}, '')`;
    if (returns === 'guid') return `TRY_CAST(${call} AS UUID)`;
    return returns === 'long' && context.resultType === 'int' ? `${call}::INTEGER` : call;
  };
}

/** The text of a constant string argument; refuses where the argument is computed. */
export function constantText(argument: SqlExpression | undefined, what: string, context: FunctionContext): string {
  if (typeof argument?.constant !== 'string') context.refuse(`${what} has to be a constant string`);
  return argument.constant;
}

/** One table of functions: Kusto name in lower case to lowering. */
export type FunctionTable = Record<string, ScalarLowering>;
