/** Queries bind after substitution, have a time range, and answer the columns that settings and exports take. */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { workbookDiagnostic } from '../../diagnostics/workbook.ts';
import type { Column } from '../../engines/query-engine.ts';
import type { Catalog } from '../../kql/catalog.ts';
import { analyze } from '../../kql/language-service.ts';
import { previewResources, subscriptionsOf } from '../environment.ts';
import { filledTextOf, isRecord, type JsonRecord, listOf, recordOf, textOf } from '../lenient.ts';
import { parseLooseJson } from '../loose-json.ts';
import { declaredBy, type Item, type ParameterDefinition, type QueryItem, walkItems } from '../model.ts';
import type { ParameterValue } from '../parameter-value.ts';
import { staticJsonResult, tableOf } from '../static-json.ts';
import { substitute } from '../substitute.ts';
import { relativeRange } from '../time-range.ts';
import { chartShape } from '../view/chart.ts';
import { readRules } from '../view/formatting-rule.ts';
import { itemLabel, type LintSubject } from './lint-workbook.ts';

export function lintQueries(subject: LintSubject, catalog: Catalog): Diagnostic[] {
  const scope = sampleScope(subject);
  const found: Diagnostic[] = [];
  for (const item of walkItems(subject.model.items)) {
    if (item.kind === 'query') found.push(...lintQuery(subject, item, scope, catalog));
    if (item.kind !== 'parameters') continue;
    item.parameters.forEach((parameter, index) => {
      if (parameter.query === undefined || parameter.queryType !== 0) return;
      const text = substitute(parameter.query, scope, subject.model.declared, 'query').text;
      const place = subject.parsed.place([...subject.path(item), 'content', 'parameters', index, 'query']);
      for (const reason of refusals(text, catalog))
        found.push(workbookDiagnostic('workbook-kql', place, { item: parameter.name, reason }));
    });
  }
  return found;
}

function refusals(text: string, catalog: Catalog): string[] {
  const errors = analyze(text, catalog).diagnostics.filter((one) => one.severity === 'error');
  return errors
    .slice(0, 3)
    .map((one) => `${one.message.replace(/\.$/, '')} (${one.code}, line ${one.line} of the query)`);
}

function lintQuery(
  subject: LintSubject,
  item: QueryItem,
  scope: ReadonlyMap<string, ParameterValue>,
  catalog: Catalog,
): Diagnostic[] {
  const path = [...subject.path(item), 'content'];
  const label = itemLabel(item);
  const text = substitute(item.query, scope, subject.model.declared, 'query').text;
  if (item.queryType === 8) {
    const result = staticJsonResult(text);
    return result ? unknownColumns(subject, item, result.columns) : [];
  }
  if (item.queryType !== 0) return [];
  const found: Diagnostic[] = [];
  const problems = refusals(text, catalog);
  for (const reason of problems) {
    found.push(workbookDiagnostic('workbook-kql', subject.parsed.place([...path, 'query']), { item: label, reason }));
  }
  const bounded =
    item.timeContextFromParameter !== undefined ||
    (item.durationMs ?? 0) > 0 ||
    /\bago\s*\(|\bbetween\s*\(|TimeGenerated/.test(text);
  if (!bounded)
    found.push(
      workbookDiagnostic('workbook-time-unbounded', subject.parsed.place([...path, 'query']), { item: label }),
    );
  const { columns } = problems.length > 0 ? { columns: undefined } : analyze(text, catalog);
  return columns ? [...found, ...unknownColumns(subject, item, columns)] : found;
}

/** A value for every declared name: what it starts with, else something that fits any place. */
function sampleScope(subject: LintSubject): Map<string, ParameterValue> {
  const scope = new Map<string, ParameterValue>();
  for (const item of walkItems(subject.model.items)) for (const value of samples(item)) scope.set(value.name, value);
  return scope;
}

const NOW = new Date('2026-01-02T00:00:00Z');

function samples(item: Item): ParameterValue[] {
  const plain = (name: string, value: string): ParameterValue => ({
    name,
    kind: 'text',
    status: 'set',
    values: [{ value, label: value }],
    multi: false,
    quote: '',
    delimiter: ',',
  });
  if (item.kind === 'parameters') return item.parameters.map((one) => sampleOf(one, plain));
  if (item.kind === 'query') {
    return [
      ...item.exports.map(
        (one): ParameterValue => ({
          ...plain(one.parameterName, one.defaultValue || '1'),
          multi: item.exportMultiple,
          quote: one.quote,
          delimiter: one.delimiter,
        }),
      ),
      ...(item.timeBrushParameterName
        ? [{ ...plain(item.timeBrushParameterName, '1'), kind: 'time' as const, time: relativeRange(86_400_000, NOW) }]
        : []),
    ];
  }
  return declaredBy(item).map((name) => plain(name, '1'));
}

function sampleOf(
  definition: ParameterDefinition,
  plain: (name: string, value: string) => ParameterValue,
): ParameterValue {
  const { name, multiSelect: multi, quote, delimiter } = definition;
  if (definition.type === 4) return { ...plain(name, '1'), kind: 'time', time: relativeRange(86_400_000, NOW) };
  if (definition.type === 6)
    return { ...plain(name, subscriptionsOf(previewResources())[0]!.id), kind: 'resource', multi, quote, delimiter };
  if (definition.type === 5)
    return { ...plain(name, previewResources()[0]!.id), kind: 'resource', multi, quote, delimiter };
  const saved = textOf(listOf(definition.value)[0]);
  const json = tableOf(parseLooseJson(textOf(definition.jsonData) ?? '[]') ?? []).rows[0]?.[0];
  const all = filledTextOf(definition.settings.selectAllValue);
  const value = saved && !saved.startsWith('value::') ? saved : (textOf(json) ?? all ?? '1');
  return { ...plain(name, value), kind: 'choice', multi: multi || definition.type === 9, quote, delimiter };
}

interface ColumnUse {
  use: string;
  column: string;
  path: (string | number)[];
}

function unknownColumns(subject: LintSubject, item: QueryItem, columns: readonly Column[]): Diagnostic[] {
  const names = new Set(columns.map((column) => column.name));
  return columnUses(item)
    .filter((one) => !known(one.column, names))
    .map((one) =>
      workbookDiagnostic(
        'workbook-column-unknown',
        subject.parsed.place([...subject.path(item), 'content', ...one.path]),
        {
          item: itemLabel(item),
          use: one.use,
          column: one.column,
          columns: [...names].join(', '),
        },
      ),
    );
}

// `$gen_group` and its like are columns that Azure makes; patterns have to match one column.
function known(column: string, names: ReadonlySet<string>): boolean {
  if (names.has(column) || column.startsWith('$gen_')) return true;
  if (!/[\\^$.*+?()[\]{}|]/.test(column)) return false;
  try {
    const pattern = new RegExp(`^(?:${column})$`);
    return [...names].some((name) => pattern.test(name));
  } catch {
    return false;
  }
}

function columnUses(item: QueryItem): ColumnUse[] {
  const { content } = item;
  const uses: ColumnUse[] = [];
  const add = (use: string, value: unknown, ...path: (string | number)[]): void => {
    const column = filledTextOf(value);
    if (column !== undefined) uses.push({ use, column, path });
  };
  const shape = chartShape(item.visualization, false);
  if (item.visualization === '' || item.visualization === 'table') gridUses(recordOf(content.gridSettings), add);
  if (item.visualization === 'tiles') {
    const tiles = recordOf(content.tileSettings);
    for (const part of ['title', 'subtitle', 'left', 'right', 'secondary']) {
      add('A tile', recordOf(tiles[`${part}Content`]).columnMatch, 'tileSettings', `${part}Content`, 'columnMatch');
    }
    add('The order of the tiles', tiles.sortCriteriaField, 'tileSettings', 'sortCriteriaField');
  }
  if (shape) {
    const chart = recordOf(content.chartSettings);
    add('The x axis', chart.xAxis, 'chartSettings', 'xAxis');
    add('The grouping', chart.group, 'chartSettings', 'group');
    for (const one of listOf(chart.yAxis)) add('The y axis', one, 'chartSettings', 'yAxis');
  }
  if (item.visualization === 'map') {
    const map = recordOf(content.mapSettings);
    for (const key of ['latitude', 'longitude', 'sizeSettings', 'labelSettings', 'legendMetric', 'locInfoColumn'])
      add('The map', map[key], 'mapSettings', key);
  }
  // Charts export x, y, series and label instead of columns.
  if (!shape && item.visualization !== 'map' && item.visualization !== 'graph') {
    for (const one of item.exports)
      add(
        'An export',
        one.fieldName,
        one.fieldName === textOf(content.exportFieldName) ? 'exportFieldName' : 'exportedParameters',
      );
  }
  return uses;
}

function gridUses(grid: JsonRecord, add: (use: string, value: unknown, ...path: (string | number)[]) => void): void {
  readRules(grid.formatters).forEach((rule, index) => {
    add('A formatter', rule.columnMatch, 'gridSettings', 'formatters', index);
  });
  listOf(grid.labelSettings)
    .filter(isRecord)
    .forEach((one, index) => {
      add('A label', one.columnId, 'gridSettings', 'labelSettings', index);
    });
  const hierarchy = recordOf(grid.hierarchySettings);
  for (const one of listOf(hierarchy.groupBy)) add('The grouping', one, 'gridSettings', 'hierarchySettings');
  for (const key of ['finalBy', 'idColumn', 'parentColumn', 'expanderColumn'])
    add('The tree', hierarchy[key], 'gridSettings', 'hierarchySettings', key);
}
