/** Triggers: what kind of message starts a workflow, and how many runs one message starts. */
import { printValue } from '../functions/function.ts';
import { getOwn, isObject, type Value, type ValueObject } from '../value.ts';
import { type ExpressionScope, evaluateCondition, evaluateValue } from './evaluate.ts';

export type TriggerKind = 'incident' | 'alert' | 'entity' | 'request' | 'recurrence' | 'other';

export interface Trigger {
  name: string;
  type: string;
  kind: TriggerKind;
  definition: ValueObject;
  /** JSON Schema of the body of a request trigger. */
  schema?: ValueObject;
}

/** The first trigger of a definition (playbooks have one), or undefined for a workflow without. */
export function findTrigger(definition: ValueObject): Trigger | undefined {
  const triggers = isObject(definition.triggers) ? Object.entries(definition.triggers) : [];
  for (const [name, trigger] of triggers) {
    if (!isObject(trigger)) continue;
    const type = printValue(getOwn(trigger, 'type') ?? '');
    const inputs = getOwn(trigger, 'inputs');
    const path = isObject(inputs) ? printValue(getOwn(inputs, 'path') ?? '') : '';
    const schema = isObject(inputs) ? getOwn(inputs, 'schema') : undefined;
    return {
      name,
      type,
      kind: kindOfTrigger(type, path),
      definition: trigger,
      ...(isObject(schema) ? { schema } : {}),
    };
  }
  return undefined;
}

function kindOfTrigger(type: string, path: string): TriggerKind {
  if (/^(apiconnectionwebhook|apiconnection)$/i.test(type)) {
    if (/^\/?incident-creation/i.test(path)) return 'incident';
    if (/^\/?subscribe/i.test(path)) return 'alert';
    if (/^\/?entity\//i.test(path)) return 'entity';
    return 'other';
  }
  if (/^(request|httprequest)$/i.test(type)) return 'request';
  if (/^(recurrence|slidingwindow)$/i.test(type)) return 'recurrence';
  return 'other';
}

/** The bodies of the runs that one message starts: the elements of `splitOn`, or the message itself. */
export function splitTrigger(trigger: Trigger, outputs: ValueObject, scope: ExpressionScope): ValueObject[] {
  const expression = getOwn(trigger.definition, 'splitOn');
  if (typeof expression !== 'string') return [outputs];
  const items = evaluateValue(expression, scope);
  return Array.isArray(items) ? items.map((item) => ({ ...outputs, body: item })) : [outputs];
}

/** Whether the conditions of a trigger hold; without conditions they do. */
export function triggerFires(trigger: Trigger, scope: ExpressionScope): boolean {
  const conditions = getOwn(trigger.definition, 'conditions');
  return (
    !Array.isArray(conditions) ||
    conditions.every((condition: Value) => {
      const expression = isObject(condition) ? (getOwn(condition, 'expression') ?? true) : condition;
      return evaluateCondition(expression, scope);
    })
  );
}
