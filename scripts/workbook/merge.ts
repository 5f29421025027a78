/** Merge queries (query type 7): joins and unions of the results of other items (Documentation/DataSources/Merge.md). */
import type { Column, QueryResult, Value } from '../engines/query-engine.ts';
import { evaluateCriteria } from './criteria.ts';
import { isRecord, type JsonRecord, listOf, recordOf, textOf } from './lenient.ts';
import { parseLooseJson } from './loose-json.ts';

interface MergeStep {
  id: string;
  type: string;
  leftTable: string;
  rightTable: string;
  leftColumn: string;
  rightColumn: string;
}

interface Projection {
  from: string;
  name: string | undefined;
  criteria: JsonRecord[] | undefined;
}

export interface MergePlan {
  steps: MergeStep[];
  projections: Projection[];
}

/** The plan in a merge query's text; undefined where it has none. */
export function parseMerge(query: string): MergePlan | undefined {
  const source = recordOf(parseLooseJson(query));
  const steps = listOf(source.merges)
    .filter(isRecord)
    .map((merge) => ({
      id: textOf(merge.id) ?? '',
      type: (textOf(merge.mergeType) ?? 'table').toLowerCase(),
      leftTable: textOf(merge.leftTable) ?? '',
      rightTable: textOf(merge.rightTable) ?? '',
      leftColumn: textOf(merge.leftColumn) ?? '',
      rightColumn: textOf(merge.rightColumn) ?? '',
    }));
  if (steps.length === 0) return undefined;
  const projections = listOf(source.projectRename)
    .filter(isRecord)
    .map((one) => ({
      from: textOf(one.originalName) ?? '',
      name: textOf(one.mergedName),
      criteria: Array.isArray(one.newItemData)
        ? one.newItemData.filter(isRecord).map((item) => recordOf(item.criteriaContext ?? item))
        : undefined,
    }));
  return { steps, projections };
}

/** The names of the items that a plan reads. */
export function mergeInputs(plan: MergePlan): string[] {
  const ids = new Set(plan.steps.map((step) => step.id));
  const names = plan.steps.flatMap((step) => [step.leftTable, step.type === 'table' ? '' : step.rightTable]);
  return [...new Set(names.filter((name) => name !== '' && !ids.has(name)))];
}

/** Columns carry the table they came from, `[table].column`, until the projection names them. */
interface Working {
  columns: { label: string; column: Column }[];
  rows: Value[][];
}

/** Runs a plan. `inputs` has every name of `mergeInputs`; where one is missing the result is undefined. */
export function runMerge(plan: MergePlan, inputs: ReadonlyMap<string, QueryResult>): QueryResult | undefined {
  const done = new Map<string, Working>();
  let last: Working | undefined;
  const table = (name: string): Working | undefined => {
    const before = done.get(name);
    if (before) return before;
    const input = inputs.get(name);
    if (!input) return undefined;
    return {
      columns: input.columns.map((column) => ({ label: `[${name}].${column.name}`, column })),
      rows: input.rows,
    };
  };
  for (const step of plan.steps) {
    // A later step that starts from a table already merged goes on from the result so far.
    const merged = last !== undefined && [...done.keys()].includes(step.leftTable) ? last : undefined;
    const left = merged ?? table(step.leftTable);
    if (!left) return undefined;
    if (step.type === 'table') last = left;
    else {
      const right = table(step.rightTable);
      if (!right) return undefined;
      last = step.type === 'union' ? union(left, right) : join(left, right, step);
    }
    for (const name of [step.id, step.leftTable, step.rightTable]) if (name !== '') done.set(name, last);
  }
  return last ? project(last, plan.projections) : undefined;
}

function union(left: Working, right: Working): Working {
  const columns = [...left.columns];
  const places = right.columns.map((one) => {
    const at = columns.findIndex((column) => column.column.name === one.column.name);
    return at >= 0 ? at : columns.push(one) - 1;
  });
  const widen = (row: Value[]): Value[] => columns.map((_, at) => row[at] ?? null);
  const moved = right.rows.map((row) => {
    const target: Value[] = columns.map(() => null);
    places.forEach((place, at) => {
      target[place] = row[at] ?? null;
    });
    return target;
  });
  return { columns, rows: [...left.rows.map(widen), ...moved] };
}

function join(left: Working, right: Working, step: MergeStep): Working {
  const leftAt = columnIndex(left, step.leftColumn);
  const rightAt = columnIndex(right, step.rightColumn);
  const key = (value: Value | undefined): string => JSON.stringify(value ?? null);
  const byKey = new Map<string, Value[][]>();
  for (const row of right.rows) {
    const list = byKey.get(key(row[rightAt])) ?? [];
    list.push(row);
    byKey.set(key(row[rightAt]), list);
  }
  const kind = step.type.replace(/[\s-]/g, '');
  const leftEmpty: Value[] = left.columns.map(() => null);
  const rightEmpty: Value[] = right.columns.map(() => null);
  const rows: Value[][] = [];
  const seen = new Set<string>();
  const used = new Set<Value[]>();
  for (const row of left.rows) {
    const own = key(row[leftAt]);
    if (kind === 'innerunique' && seen.has(own)) continue;
    seen.add(own);
    const found = leftAt < 0 || rightAt < 0 ? [] : (byKey.get(own) ?? []);
    for (const match of found) used.add(match);
    if (kind === 'leftanti') {
      if (found.length === 0) rows.push(row);
    } else if (kind === 'leftsemi') {
      if (found.length > 0) rows.push(row);
    } else if (kind === 'rightanti' || kind === 'rightsemi') {
      // decided below, from the right side
    } else if (found.length > 0) for (const match of found) rows.push([...row, ...match]);
    else if (kind === 'leftouter' || kind === 'fullouter') rows.push([...row, ...rightEmpty]);
  }
  if (kind === 'rightanti') return { columns: right.columns, rows: right.rows.filter((row) => !used.has(row)) };
  if (kind === 'rightsemi') return { columns: right.columns, rows: right.rows.filter((row) => used.has(row)) };
  if (kind === 'leftanti' || kind === 'leftsemi') return { columns: left.columns, rows };
  if (kind === 'rightouter' || kind === 'fullouter') {
    for (const row of right.rows) if (!used.has(row)) rows.push([...leftEmpty, ...row]);
  }
  return { columns: [...left.columns, ...right.columns], rows };
}

function columnIndex(table: Working, name: string): number {
  const exact = table.columns.findIndex((one) => one.column.name === name);
  return exact >= 0 ? exact : table.columns.findIndex((one) => one.column.name.toLowerCase() === name.toLowerCase());
}

function project(table: Working, projections: readonly Projection[]): QueryResult {
  const named = projections.filter((one) => one.name !== undefined && one.name !== '');
  if (named.length === 0) {
    const dropped = new Set(projections.map((one) => one.from));
    const keep = table.columns.flatMap((one, at) => (dropped.has(one.label) ? [] : [at]));
    return unique(
      keep.map((at) => table.columns[at]!.column),
      table.rows.map((row) => keep.map((at) => row[at] ?? null)),
    );
  }
  const columns: Column[] = [];
  const readers: ((row: Value[], soFar: Value[]) => Value)[] = [];
  for (const { from, name, criteria } of named) {
    if (criteria) {
      columns.push({ name: name!, type: 'string' });
      readers.push((_, soFar) => {
        const lookup = (wanted: string) => {
          const at = columns.findIndex((one) => one.name === wanted);
          return at < 0 || at >= soFar.length ? undefined : displayed(soFar[at]);
        };
        return evaluateCriteria(criteria, lookup, (text) => expandColumns(text, lookup)) ?? '';
      });
      continue;
    }
    const at = table.columns.findIndex((one) => one.label === from);
    const source = at >= 0 ? table.columns[at] : undefined;
    columns.push({ name: name!, type: source?.column.type ?? 'string' });
    readers.push((row) => (at >= 0 ? (row[at] ?? null) : null));
  }
  const rows = table.rows.map((row) => {
    const result: Value[] = [];
    for (const read of readers) result.push(read(row, result));
    return result;
  });
  return unique(columns, rows);
}

function displayed(value: Value | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function expandColumns(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(/\["([^"\]]+)"\]/g, (token, name: string) => lookup(name) ?? token);
}

function unique(columns: Column[], rows: Value[][]): QueryResult {
  const seen = new Map<string, number>();
  const named = columns.map((column) => {
    const count = seen.get(column.name) ?? 0;
    seen.set(column.name, count + 1);
    return count === 0 ? column : { ...column, name: `${column.name}${count}` };
  });
  return { columns: named, rows };
}
