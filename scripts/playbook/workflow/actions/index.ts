/** Action types, found without regard to case. */
import { TemplateError } from '../evaluate.ts';
import { callHandlers } from './calls.ts';
import { controlHandlers } from './control.ts';
import { dataHandlers } from './data.ts';
import type { ActionHandler } from './handler.ts';
import { variableHandlers } from './variables.ts';

const handlers: Record<string, ActionHandler> = {
  ...dataHandlers,
  ...variableHandlers,
  ...controlHandlers,
  ...callHandlers,
};

export function isKnownAction(type: string): boolean {
  return Object.hasOwn(handlers, type.toLowerCase());
}

/** The handler of a type; an unknown type makes the action fail with `UnsupportedAction`. */
export function findHandler(type: string): ActionHandler {
  if (isKnownAction(type)) return handlers[type.toLowerCase()]!;
  return () => {
    throw new TemplateError(`the action type '${type}' is not supported`, 'UnsupportedAction');
  };
}
