/** Arithmetic of the Workflow Definition Language: integers stay integers and exact, a real number makes the result real. */
import type { Value } from '../value.ts';
import { define, FunctionError, type FunctionTable, normalizeInteger, number } from './function.ts';

type Operation = { integers: (left: bigint, right: bigint) => bigint; reals: (left: number, right: number) => number };

const operations: Record<string, Operation> = {
  add: { integers: (left, right) => left + right, reals: (left, right) => left + right },
  sub: { integers: (left, right) => left - right, reals: (left, right) => left - right },
  mul: { integers: (left, right) => left * right, reals: (left, right) => left * right },
  div: { integers: (left, right) => left / right, reals: (left, right) => left / right },
  mod: { integers: (left, right) => left % right, reals: (left, right) => left % right },
};

const isInteger = (value: number | bigint): boolean => typeof value === 'bigint' || Number.isInteger(value);

/**
 * One arithmetic step. `real` says that an operand was written as a real number although its value is whole
 * (`2.0`, `float('2')`), which JSON numbers do not tell.
 * @throws FunctionError for other kinds, a division by zero and a result beyond 64 bits
 */
export function calculate(
  name: string,
  left: Value | undefined,
  right: Value | undefined,
  real: boolean,
): number | bigint {
  const operation = operations[name]!;
  const a = number(left, `the first argument of ${name}()`);
  const b = number(right, `the second argument of ${name}()`);
  if ((name === 'div' || name === 'mod') && Number(b) === 0) throw new FunctionError(`${name}() by zero`);
  if (real || !isInteger(a) || !isInteger(b)) {
    const result = operation.reals(Number(a), Number(b));
    if (!Number.isFinite(result)) throw new FunctionError(`the result of ${name}() is not a number`);
    return result;
  }
  const result = operation.integers(BigInt(a), BigInt(b));
  if (BigInt.asIntN(64, result) !== result) throw new FunctionError(`the result of ${name}() does not fit in 64 bits`);
  return normalizeInteger(result);
}

export const arithmeticFunctions: FunctionTable = Object.fromEntries(
  Object.keys(operations).map((name) => [name, define(2, 2, ([left, right]) => calculate(name, left, right, false))]),
);
