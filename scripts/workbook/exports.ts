/** What a click on a row, tile or chart element exports into parameters (Documentation/Interactivity.md). */
import { isRecord, textOf } from './lenient.ts';
import type { ExportDefinition } from './model.ts';
import { type ParameterValue, textParameter } from './parameter-value.ts';

/** One selected row or chart element: field names to values. */
export type Selection = Readonly<Record<string, unknown>>;

/** The parameters of an item's exports for what is selected on it; without a selection their defaults. */
export function exportedParameters(
  exports: readonly ExportDefinition[],
  multiple: boolean,
  selected: readonly Selection[],
): ParameterValue[] {
  return exports.flatMap((definition) => exported(definition, multiple, selected) ?? []);
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
