/** How an action of one type runs. */
import { getOwn, isObject, kindOf, type Value, type ValueObject } from '../../value.ts';
import { type ExpressionScope, evaluateValue, TemplateError } from '../evaluate.ts';
import type { Frame, Outcome, Run } from '../run.ts';

export interface ActionContext {
  run: Run;
  name: string;
  type: string;
  definition: ValueObject;
  frame: Frame;
  scope: ExpressionScope;
  nesting: number;
}

/** Runs the action. A `TemplateError` that it throws makes the action fail. */
export type ActionHandler = (context: ActionContext) => Promise<Outcome> | Outcome;

/** The evaluated inputs, which must be an object. @throws TemplateError */
export function objectInputs({ definition, scope }: ActionContext): ValueObject {
  const inputs = evaluateValue(definition.inputs ?? {}, scope);
  if (isObject(inputs)) return inputs;
  throw new TemplateError(`the inputs must be an object, not ${kindOf(inputs)}`);
}

/** A raw property of `inputs`, before evaluation. */
export function rawInput({ definition }: ActionContext, name: string): Value | undefined {
  return isObject(definition.inputs) ? getOwn(definition.inputs, name) : undefined;
}

/** The evaluated `from` of a data operation, which must be an array. @throws TemplateError */
export function fromInput(context: ActionContext): Value[] {
  const from = evaluateValue(rawInput(context, 'from') ?? null, context.scope);
  if (Array.isArray(from)) return from;
  throw new TemplateError(`'from' of the action '${context.name}' must be an array, not ${kindOf(from)}`);
}

export const failed = (code: string, message: string, rest: Partial<Outcome> = {}): Outcome => ({
  ...rest,
  status: 'Failed',
  code,
  error: { code, message },
});
