/** The function catalogue of the Workflow Definition Language, found without regard to case. */
import { collectionFunctions, logicalFunctions, mathFunctions, objectFunctions } from './collections.ts';
import { conversionFunctions, uriFunctions } from './conversion.ts';
import { dateFunctions } from './dates.ts';
import type { WorkflowFunction } from './function.ts';
import { arithmeticFunctions } from './math.ts';
import { stringFunctions } from './strings.ts';
import { xmlFunctions } from './xml.ts';

export interface NamedFunction extends WorkflowFunction {
  name: string;
}

const byName = new Map<string, NamedFunction>();
for (const table of [
  stringFunctions,
  collectionFunctions,
  logicalFunctions,
  objectFunctions,
  mathFunctions,
  arithmeticFunctions,
  conversionFunctions,
  dateFunctions,
  uriFunctions,
  xmlFunctions,
]) {
  for (const [name, definition] of Object.entries(table)) byName.set(name.toLowerCase(), { ...definition, name });
}

/** Functions that read the run (`body('x')`, `item()`, ...); the evaluator of the workflow knows them itself. */
export const referenceFunctions: readonly string[] = [
  'parameters',
  'result',
  'actions',
  'outputs',
  'body',
  'triggerOutputs',
  'triggerBody',
  'trigger',
  'item',
  'items',
  'iterationIndexes',
  'variables',
  'listCallbackUrl',
  'workflow',
  'action',
  'actionBody',
  'actionOutputs',
  'appsetting',
];

export function findFunction(name: string): NamedFunction | undefined {
  return byName.get(name.toLowerCase());
}

/** All names, reference functions included, for messages and tests. */
export function functionNames(): string[] {
  return [...[...byName.values()].map(({ name }) => name), ...referenceFunctions];
}
