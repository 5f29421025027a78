/** What a workflow function is, and how it takes its arguments. */
import { isObject, kindOf, toJson, type Value } from '../value.ts';

/** What functions know of the run: its clock and its source of chance. */
export interface FunctionEnvironment {
  /** 100 ns ticks since year 1, as `ticks()` counts them. */
  nowTicks(): bigint;
  /** At least 0, below 1. */
  random(): number;
  guid(): string;
}

export interface WorkflowFunction {
  /** Fewest and most arguments. */
  arity: readonly [number, number];
  apply(args: Value[], environment: FunctionEnvironment): Value;
}

export type FunctionTable = Record<string, WorkflowFunction>;

/** A function refused its arguments; the action whose expression it is fails with `InvalidTemplate`. */
export class FunctionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FunctionError';
  }
}

/** The longest text or list that an expression may make; the platform stops at about 100 MB of message. */
export const maximumLength = 5_000_000;

export const any = Number.POSITIVE_INFINITY;

/** Declares a function with its number of arguments. */
export function define(min: number, max: number, apply: WorkflowFunction['apply']): WorkflowFunction {
  return { arity: [min, max], apply };
}

/** The argument as text; null and structures are refused. */
export function text(value: Value | undefined, what: string): string {
  if (typeof value === 'string') return value;
  throw new FunctionError(`${what} must be a string, not ${kindOf(value ?? null)}`);
}

/** The argument as text, where numbers and booleans are printed; null is refused. */
export function scalarText(value: Value | undefined, what: string): string {
  if (value === null || value === undefined) throw new FunctionError(`${what} must not be null`);
  return printValue(value);
}

export function integer(value: Value | undefined, what: string): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(value)) return Number(value);
  throw new FunctionError(`${what} must be an integer, not ${kindOf(value ?? null)}`);
}

export function number(value: Value | undefined, what: string): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  throw new FunctionError(`${what} must be a number, not ${kindOf(value ?? null)}`);
}

export function list(value: Value | undefined, what: string): Value[] {
  if (Array.isArray(value)) return value;
  throw new FunctionError(`${what} must be an array, not ${kindOf(value ?? null)}`);
}

export function boolean(value: Value | undefined, what: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new FunctionError(`${what} must be a boolean, not ${kindOf(value ?? null)}`);
}

/** Text of a value inside a longer text: `True`/`False`, invariant numbers, nothing for null, JSON of structures. */
export function printValue(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'object') {
    const content = decodeContent(value);
    if (content !== undefined) return content.toString('utf8');
    return toJson(value);
  }
  return String(value);
}

/** Integers that a double can hold become numbers, the others stay exact. */
export function normalizeInteger(value: bigint): number | bigint {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/** The bytes of `{"$content-type": …, "$content": base64}`, the platform's form of binary content. */
export function decodeContent(value: Value): Buffer | undefined {
  if (!isObject(value) || typeof value.$content !== 'string' || typeof value['$content-type'] !== 'string')
    return undefined;
  return Buffer.from(value.$content, 'base64');
}

export function encodeContent(bytes: Buffer, type: string): Value {
  return { '$content-type': type, $content: bytes.toString('base64') };
}

/** Refuses a result that no workflow could carry, before it is made. */
export function checkLength(length: number): void {
  if (length > maximumLength)
    throw new FunctionError(`the result would have ${length} elements or characters, more than a workflow can carry`);
}
