/** The official schema of workbooks, with its tuples made lists (schemas/workbook.schema.json). */
import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { workbookDiagnostic } from '../../diagnostics/workbook.ts';
import { isRecord, listOf, numberOf, recordOf } from '../lenient.ts';
import type { LintSubject } from './lint-workbook.ts';

const file = new URL('../../../schemas/workbook.schema.json', import.meta.url);
const DEFINITIONS: Readonly<Record<number, string>> = {
  1: 'markdown',
  3: 'query',
  9: 'parameter',
  10: 'metric',
  11: 'link',
  12: 'group',
};

let ajv: Ajv | undefined;

/** One validator a type of item, undefined: the workbook. Of an `anyOf` over all types the errors say nothing useful. */
function validatorOf(type: number | undefined): ValidateFunction | undefined {
  if (!ajv) {
    const schema = JSON.parse(readFileSync(file, 'utf8'));
    // Nested items are checked one by one.
    schema.definitions.items = { type: 'array' };
    ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
    ajv.addSchema(schema, 'workbook');
  }
  if (type === undefined) return ajv.getSchema('workbook');
  const name = DEFINITIONS[type];
  return name === undefined ? undefined : ajv.getSchema(`workbook#/definitions/${name}`);
}

export function lintSchema(subject: LintSubject): Diagnostic[] {
  const found: Diagnostic[] = [];
  const check = (value: unknown, path: (string | number)[], type: number | undefined): void => {
    const validate = validatorOf(type);
    if (!validate || validate(value)) return;
    for (const error of validate.errors ?? []) found.push(finding(subject, path, error));
  };
  const items = (value: unknown, path: (string | number)[]): void => {
    listOf(value).forEach((item, index) => {
      const own = [...path, index];
      const type = numberOf(recordOf(item).type);
      if (!isRecord(item)) check(item, own, 1);
      else if (type !== undefined) check(item, own, type);
      items(recordOf(recordOf(item).content).items, [...own, 'content', 'items']);
    });
  };
  check(subject.json, [], undefined);
  items(recordOf(subject.json).items, ['items']);
  return found;
}

function finding(subject: LintSubject, path: (string | number)[], error: ErrorObject): Diagnostic {
  const inside = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const whole = [...path, ...inside];
  const at = whole.length === 0 ? 'the workbook' : whole.join('.').replace(/\.(\d+)/g, '[$1]');
  return workbookDiagnostic('workbook-schema', subject.parsed.place(whole), {
    at,
    reason: error.message ?? error.keyword,
  });
}
