/** Findings of `workbook lint`. */
import { defineDiagnostics } from './diagnostic.ts';

export const workbookDiagnostic = defineDiagnostics({
  'workbook-json': {
    severity: 'error',
    message: (p: { reason: string }) => `The workbook cannot be read: ${p.reason}.`,
    remedy: 'Give a workbook in gallery format: JSON with "version": "Notebook/1.0" and "items".',
  },
  'workbook-schema': {
    severity: 'error',
    message: (p: { at: string; reason: string }) => `${p.at} does not fit the schema of workbooks: ${p.reason}.`,
    remedy: 'Write it as schemas/workbook.schema.json describes, or export the workbook again from the portal.',
  },
  'workbook-item-type': {
    severity: 'error',
    message: (p: { type: string }) => `Azure knows no item of type ${p.type}.`,
    remedy: 'Use 1 text, 3 query, 9 parameters, 10 metrics, 11 links or 12 group.',
  },
  'workbook-kql': {
    severity: 'error',
    message: (p: { item: string; reason: string }) => `The query of "${p.item}" does not bind: ${p.reason}.`,
    remedy: 'Mend the query; parameters were filled with their defaults, or with 1 where they have none.',
  },
  'workbook-parameter-undeclared': {
    severity: 'error',
    message: (p: { name: string; use: string }) => `${p.use} names the parameter ${p.name}, which nothing declares.`,
    remedy: (p: { name: string; use: string; suggestion?: string }) =>
      p.suggestion
        ? `Did you mean ${p.suggestion}? Names are case-sensitive.`
        : 'Declare it in a parameters item, a tab or an export above.',
  },
  'workbook-parameter-order': {
    severity: 'error',
    message: (p: { name: string; use: string }) =>
      `${p.use} uses ${p.name}, which is declared further down or inside a group.`,
    remedy: 'Move the declaration above the use, make the parameter global, or let the group export its parameters.',
  },
  'workbook-parameter-unused': {
    severity: 'warning',
    message: (p: { name: string }) => `Nothing uses the parameter ${p.name}.`,
    remedy: 'Remove it, or use it as {name}.',
  },
  'workbook-format-unknown': {
    severity: 'error',
    message: (p: { token: string }) =>
      `${p.token} has a format that Azure does not know, so it stays in the text as it is.`,
    remedy:
      'Formats are case-sensitive: label, value, query, name, id, start, end, grain, escape, escapejson, base64, $.path and their like.',
  },
  'workbook-time-parameter': {
    severity: 'error',
    message: (p: { item: string; name: string }) =>
      `The time context of "${p.item}" is ${p.name}, which is no time range parameter.`,
    remedy: 'Name a parameter of type 4 (time range) or a time brush.',
  },
  'workbook-time-unbounded': {
    severity: 'warning',
    message: (p: { item: string }) => `The query of "${p.item}" has no time context and sets no time range itself.`,
    remedy: 'Set timeContextFromParameter, or filter TimeGenerated first.',
  },
  'workbook-name-missing': {
    severity: 'warning',
    message: (p: { type: string }) => `This item of type ${p.type} has no name.`,
    remedy: 'Give each item a name of its own; merges, links and reviews speak of items by name.',
  },
  'workbook-name-duplicate': {
    severity: 'warning',
    message: (p: { name: string }) => `The item name "${p.name}" is used more than once.`,
    remedy: 'Give each item a name of its own.',
  },
  'workbook-tab-dead': {
    severity: 'warning',
    message: (p: { label: string; name: string; value: string }) =>
      `The tab "${p.label}" sets ${p.name} to ${p.value}, and no item is shown for that.`,
    remedy: 'Give the items of the tab a conditionalVisibility with this value.',
  },
  'workbook-condition-dead': {
    severity: 'error',
    message: (p: { item: string; name: string; value: string }) =>
      `"${p.item}" is shown when ${p.name} is ${p.value}, which no tab sets.`,
    remedy: 'Use a value that a tab of this parameter sets.',
  },
  'workbook-column-unknown': {
    severity: 'error',
    message: (p: { item: string; use: string; column: string }) =>
      `${p.use} of "${p.item}" takes the column ${p.column}, which the query does not answer.`,
    remedy: (p: { item: string; use: string; column: string; columns: string }) => `The query answers: ${p.columns}.`,
  },
  'workbook-settings-dead': {
    severity: 'warning',
    message: (p: { item: string; block: string; visualization: string }) =>
      `"${p.item}" is a ${p.visualization}, so its ${p.block} do nothing.`,
    remedy: 'Remove the block; the editor leaves them behind.',
  },
  'workbook-template-id': {
    severity: 'error',
    message: (p: { id: string }) =>
      p.id === '' ? 'The workbook has no fromTemplateId.' : `The gallery refuses the fromTemplateId "${p.id}".`,
    remedy: 'Set it to "sentinel-<name of the workbook>".',
  },
  'workbook-resource-id': {
    severity: 'error',
    message: (p: { id: string }) => `The workbook names a resource of one tenant: ${p.id}.`,
    remedy: 'Take it from a parameter; remove fallbackResourceIds of an export.',
  },
});
