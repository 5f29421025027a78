/** The structure of a workflow definition: nested actions, and what the platform refuses when it is deployed. */
import { getOwn, isObject, type Value, type ValueObject } from '../value.ts';

/** The groups of actions inside an action: `actions`, `else`, the cases and the default of a switch. */
export function childActions(definition: ValueObject): ValueObject[] {
  const groups: ValueObject[] = [];
  const add = (value: Value | undefined): void => {
    if (isObject(value)) groups.push(value);
  };
  add(getOwn(definition, 'actions'));
  const otherwise = getOwn(definition, 'else');
  if (isObject(otherwise)) add(getOwn(otherwise, 'actions'));
  const cases = getOwn(definition, 'cases');
  if (isObject(cases)) for (const item of Object.values(cases)) if (isObject(item)) add(getOwn(item, 'actions'));
  const fallback = getOwn(definition, 'default');
  if (isObject(fallback)) add(getOwn(fallback, 'actions'));
  return groups;
}

/** Calls `visit` for every action of a definition, outer ones first, with the names of the actions around it. */
export function walkActions(
  actions: Value | undefined,
  visit: (name: string, definition: ValueObject, path: readonly string[]) => void,
  path: readonly string[] = [],
): void {
  if (!isObject(actions) || path.length > 100) return;
  for (const [name, definition] of Object.entries(actions)) {
    if (!isObject(definition)) continue;
    visit(name, definition, path);
    for (const group of childActions(definition)) walkActions(group, visit, [...path, name]);
  }
}

/** What makes a definition impossible to run, in words: no actions, unknown or circular `runAfter`. */
export function definitionFaults(definition: ValueObject): string[] {
  const actions = definition.actions;
  if (actions !== undefined && !isObject(actions)) return ["'actions' of the definition is not an object"];
  const faults: string[] = [];
  const check = (group: Value | undefined, where: string, depth: number): void => {
    if (!isObject(group) || depth > 100) return;
    faults.push(...runAfterFaults(group, where));
    for (const [name, action] of Object.entries(group)) {
      if (!isObject(action)) faults.push(`the action '${name}' ${where} is not an object`);
      else for (const child of childActions(action)) check(child, `in '${name}'`, depth + 1);
    }
  };
  check(actions, 'of the definition', 0);
  return faults;
}

function runAfterFaults(group: ValueObject, where: string): string[] {
  const faults: string[] = [];
  const names = new Map(Object.keys(group).map((name) => [name.toLowerCase(), name]));
  const waitsFor = new Map<string, string[]>();
  for (const [name, action] of Object.entries(group)) {
    const after = isObject(action) && isObject(action.runAfter) ? Object.keys(action.runAfter) : [];
    for (const predecessor of after) {
      if (!names.has(predecessor.toLowerCase()))
        faults.push(`the action '${name}' ${where} runs after '${predecessor}', which is not beside it`);
    }
    waitsFor.set(
      name.toLowerCase(),
      after.map((predecessor) => predecessor.toLowerCase()),
    );
  }
  const state = new Map<string, 'open' | 'done'>();
  const visit = (name: string): boolean => {
    if (state.get(name) === 'done') return false;
    if (state.get(name) === 'open') return true;
    state.set(name, 'open');
    const circular = (waitsFor.get(name) ?? []).some((predecessor) => waitsFor.has(predecessor) && visit(predecessor));
    state.set(name, 'done');
    return circular;
  };
  for (const name of waitsFor.keys()) {
    if (visit(name)) {
      faults.push(`the action '${names.get(name)}' ${where} waits for itself through 'runAfter'`);
      break;
    }
  }
  return faults;
}

/** The secure sides (`inputs`, `outputs`) of an action, which a trace does not show. */
export function secureSides(definition: ValueObject): Set<string> {
  const configuration = isObject(definition.runtimeConfiguration) ? definition.runtimeConfiguration : {};
  const secure = getOwn(configuration, 'secureData');
  const properties = isObject(secure) ? secure.properties : undefined;
  return new Set(Array.isArray(properties) ? properties.map((side) => String(side).toLowerCase()) : []);
}
