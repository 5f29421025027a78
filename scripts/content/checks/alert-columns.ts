/** What alerts take from the query exists in its result, with a type that Sentinel can use. */
import { checkDiagnostic } from '../../diagnostics/checks.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Column, KustoType } from '../../engines/query-engine.ts';
import { closest } from '../closest.ts';
import type { AnalyticsRule, EntityMapping, Item } from '../model.ts';
import type { DocumentPath } from '../source-map.ts';
import type { CheckContext } from './check-context.ts';
import { binds } from './kql.ts';

interface ColumnUse {
  /** What takes the column, as the beginning of a sentence. */
  use: string;
  column: string;
  path: DocumentPath;
  types?: readonly KustoType[];
}

const texts: readonly KustoType[] = ['string', 'guid'];
const scalars: readonly KustoType[] = [
  'string',
  'guid',
  'int',
  'long',
  'bool',
  'datetime',
  'real',
  'decimal',
  'timespan',
];

/** Alert properties whose column holds something else than text. Source: customize-alert-details, Microsoft Learn. */
const propertyTypes: Record<string, readonly KustoType[]> = {
  ConfidenceScore: ['string', 'real', 'int', 'long', 'decimal'],
  ExtendedLinks: ['string', 'dynamic'],
  RemediationSteps: ['string', 'dynamic'],
  Techniques: ['string', 'dynamic'],
  SubTechniques: ['string', 'dynamic'],
};

export function checkAlertColumns(context: CheckContext): Diagnostic[] {
  const rules = context.content.rules.flatMap((item) => {
    const { findings, uses } = overrideUses(context, item);
    const all = [...entityUses(item.value.entityMappings), ...detailUses(item.value.customDetails), ...uses];
    return [...findings, ...checkUses(context, item, all)];
  });
  const hunting = context.content.huntingQueries.flatMap((item) => {
    const uses = [...entityUses(item.value.entityMappings ?? []), ...detailUses(item.value.customDetails)];
    return checkUses(context, item, uses);
  });
  return [...rules, ...hunting];
}

function checkUses(context: CheckContext, item: Item<{ query: string }>, uses: readonly ColumnUse[]): Diagnostic[] {
  if (!binds(context, item.value.query)) return [];
  const columns = context.analyze(item.value.query).columns as readonly Column[];
  const names = columns.map((column) => column.name);
  return uses.flatMap(({ use, column, path, types }) => {
    const place = context.place(item.source, path);
    const found = columns.find((candidate) => candidate.name === column);
    if (found === undefined) {
      const suggestion = closest(column, names);
      const parameters = {
        use,
        column,
        columns: names.join(', '),
        ...(suggestion === undefined ? {} : { suggestion }),
      };
      return [checkDiagnostic('column-unknown', place, parameters)];
    }
    if (types === undefined || types.includes(found.type)) return [];
    return [checkDiagnostic('column-type', place, { use, column, type: found.type, expected: types.join(', ') })];
  });
}

function entityUses(mappings: readonly EntityMapping[]): ColumnUse[] {
  return mappings.flatMap((mapping, index) =>
    mapping.fieldMappings.map(
      (field, fieldIndex): ColumnUse => ({
        use: `The ${mapping.entityType} entity`,
        column: field.columnName,
        path: ['entityMappings', index, 'fieldMappings', fieldIndex, 'columnName'],
        // Identifiers are texts; numbers and times would be written in a form that nobody chose.
        types: /^(Is[A-Z]|ProcessId|CreationTimeUtc|ReceivedDate|QueryTime|MailCount|Timestamp|SubmissionDate)/.test(
          field.identifier,
        )
          ? scalars
          : texts,
      }),
    ),
  );
}

function detailUses(details: Record<string, string> = {}): ColumnUse[] {
  return Object.entries(details).map(([key, column]) => ({
    use: `The custom detail ${key}`,
    column,
    path: ['customDetails', key],
  }));
}

function overrideUses(
  context: CheckContext,
  { source, value }: Item<AnalyticsRule>,
): { findings: Diagnostic[]; uses: ColumnUse[] } {
  const override = value.alertDetailsOverride;
  const findings: Diagnostic[] = [];
  const uses: ColumnUse[] = [];
  if (override === undefined) return { findings, uses };
  for (const field of ['alertDisplayNameFormat', 'alertDescriptionFormat'] as const) {
    const format = override[field];
    if (format === undefined) continue;
    const path = ['alertDetailsOverride', field];
    const place = context.place(source, path);
    const columns = [...format.matchAll(/\{\{([A-Za-z_]\w*)\}\}/g)].map((match) => match[1] as string);
    // What is left of braces after the placeholders is a misspelt one.
    const rest = format.replace(/\{\{[A-Za-z_]\w*\}\}/g, '');
    const broken = /\{+[^{}]*\}+|\{\{|\}\}/.exec(rest)?.[0];
    if (broken) findings.push(checkDiagnostic('placeholder-syntax', place, { field, text: broken }));
    const count = new Set(columns).size;
    if (count > 3) findings.push(checkDiagnostic('placeholder-limit', place, { field, count }));
    for (const column of new Set(columns)) uses.push({ use: field, column, path, types: scalars });
  }
  for (const field of ['alertSeverityColumnName', 'alertTacticsColumnName'] as const) {
    const column = override[field];
    if (column !== undefined)
      uses.push({ use: field, column, path: ['alertDetailsOverride', field], types: ['string'] });
  }
  (override.alertDynamicProperties ?? []).forEach(({ alertProperty, value: column }, index) => {
    uses.push({
      use: `The alert property ${alertProperty}`,
      column,
      path: ['alertDetailsOverride', 'alertDynamicProperties', index, 'value'],
      types: propertyTypes[alertProperty] ?? ['string'],
    });
  });
  return { findings, uses };
}
