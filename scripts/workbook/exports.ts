/** What a click on a row, tile or chart element exports into parameters (Documentation/Interactivity.md). */
import { isRecord, listOf, textOf } from './lenient.ts';
import type { ExportDefinition } from './model.ts';
import { type ParameterValue, textParameter } from './parameter-value.ts';

/** One selected row or chart element: field names to values. */
export type Selection = Readonly<Record<string, unknown>>;

/**
 * The parameters of an item's exports for what is selected on it. Where nothing was selected yet (undefined): what was
 * given for them by name, else their defaults.
 */
export function exportedParameters(
  exports: readonly ExportDefinition[],
  multiple: boolean,
  selected: readonly Selection[] | undefined,
  given: Readonly<Record<string, unknown>> = {},
): ParameterValue[] {
  return exports.flatMap((definition) => {
    const { parameterName: name, fieldName } = definition;
    const values = selected === undefined && Object.hasOwn(given, name) ? listOf(given[name]) : undefined;
    // An empty field exports the whole row, which cannot be told by one of its values.
    if (values === undefined || fieldName === '') return exported(definition, multiple, selected ?? []) ?? [];
    const rows = values.map((value) => ({ [fieldName]: value }));
    return exported(definition, multiple, rows) ?? [];
  });
}

function exported(
  definition: ExportDefinition,
  multiple: boolean,
  selected: readonly Selection[],
): ParameterValue | undefined {
  if (selected.length === 0) {
    const fallback = multiple ? '' : definition.defaultValue;
    if (fallback === '' && !multiple) return undefined;
    return { ...textParameter(definition.parameterName, fallback), multi: multiple };
  }
  const texts = [...new Set(selected.map((row) => fieldText(row, definition.fieldName)))];
  const values = (multiple ? texts : texts.slice(0, 1)).map((value) => ({ value, label: value }));
  return {
    name: definition.parameterName,
    kind: 'json',
    status: 'set',
    values,
    multi: multiple,
    quote: multiple ? definition.quote : '',
    delimiter: definition.delimiter,
  };
}

function fieldText(row: Selection, field: string): string {
  if (field === '') return JSON.stringify(row);
  const value = row[field];
  if (Array.isArray(value) || isRecord(value)) return JSON.stringify(value);
  return textOf(value) ?? '';
}
