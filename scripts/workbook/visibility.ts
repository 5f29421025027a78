/** Conditional visibility: all conditions have to hold (Documentation/Conditional.md). */
import type { Condition } from './model.ts';
import { plainText } from './parameter-value.ts';
import type { Scope } from './substitute.ts';

export function isVisible(conditions: readonly Condition[], scope: Scope): boolean {
  return conditions.every((condition) => {
    const parameter = scope.get(condition.parameterName);
    const equal = (parameter === undefined ? '' : plainText(parameter)) === condition.value;
    return condition.comparison === 'isEqualTo' ? equal : !equal;
  });
}
