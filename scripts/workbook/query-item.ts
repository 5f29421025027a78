/** One query item: substitution, its time window, its source, and the view of what came back. */
import type { QueryResult } from '../engines/query-engine.ts';
import { NOT_IN_DATA, type QueryOutcome } from './environment.ts';
import type { Run } from './evaluate.ts';
import { mergeInputs, parseMerge, runMerge } from './merge.ts';
import { type QueryItem, walkItems } from './model.ts';
import { staticJsonResult } from './static-json.ts';
import { displayText, type Scope, type Substituted, substitute, tokensOf } from './substitute.ts';
import { itemWindow } from './time-window.ts';
import { gridView } from './view/grid.ts';
import {
  type ItemBody,
  type ItemStatus,
  type ItemView,
  type MessageTone,
  type Selectable,
  sizeOf,
} from './view/item-view.ts';
import { visualize } from './view/visualize.ts';

/** Sources by query type (inferred from the `version` strings in public workbooks). */
const SOURCES: Readonly<Record<number, string>> = {
  1: 'Azure Resource Graph',
  4: 'Azure Health',
  9: 'Azure Data Explorer',
  10: 'a custom endpoint',
  11: 'Intune',
  12: 'Azure Resource Manager',
  13: 'Change Analysis',
  14: 'Microsoft Graph',
  16: 'Prometheus',
};

/** Azure shows at most ten thousand rows of a query. */
const MAX_RESULT_ROWS = 10_000;
/** Rows of the table that stands beside a chart for those who cannot see it. */
const MAX_DATA_ROWS = 50;

/** What became of a query item, for the items that merge it. */
export interface Answered {
  status: ItemStatus;
  result?: QueryResult;
}

/** Evaluates and emits; resolves to what became of the item. Never rejects but on abort. */
export async function evaluateQuery(run: Run, item: QueryItem, scope: Scope): Promise<Answered> {
  const title = displayText(item.title, scope, run.model.declared);
  const say = (status: ItemStatus, tone: MessageTone, why: string, notes: string[] = []): Answered => {
    run.emit({
      id: item.id,
      name: item.name,
      kind: 'query',
      status,
      why,
      notes,
      body: { kind: 'message', tone, title, text: why },
    });
    return { status };
  };
  const show = (result: QueryResult): Answered => {
    try {
      run.emit(
        notes.some((note) => note.startsWith(NOT_IN_DATA)) && result.columns.length === 0
          ? withoutSource(item, title, notes)
          : showResult(run, item, scope, title, result, notes),
      );
    } catch (error) {
      // One item that cannot be drawn must not take the page with it.
      const reason = error instanceof Error ? error.message : String(error);
      say('failed', 'error', `This item cannot be drawn: ${reason}`, notes);
    }
    return { status: 'rendered', result };
  };
  const filled = substitute(item.query, scope, run.model.declared, 'query');
  const waiting = waitsFor(run, item, scope, filled);
  if (waiting.length > 0) {
    return say('waiting', 'waiting', `Choose a value for ${waiting.join(', ')} to see this.`);
  }
  if (filled.unavailable.length > 0) {
    const why = `The source of ${filled.unavailable.join(', ')} is not available offline.`;
    return say('unavailable', 'unavailable', why);
  }
  const notes = filled.unknownFormats.map((token) => `Unknown format in ${token}: Azure leaves it as it is.`);
  const outcome = await answer(run, item, scope, filled.text);
  run.signal?.throwIfAborted();
  if (outcome.status === 'waiting') return say('waiting', 'waiting', outcome.message, notes);
  if (outcome.status === 'unavailable') return say('unavailable', 'unavailable', outcome.message, notes);
  if (outcome.status === 'error') {
    const empty = withoutValue(item, scope, run.model.declared);
    if (empty.length === 0) return say('error', 'error', outcome.message, notes);
    // `in ({Apps})` is no KQL once nothing can be chosen: the data is what is missing, as with an unknown table.
    notes.push(`${NOT_IN_DATA}: values for ${empty.join(', ')}. Azure shows an error until there are some.`);
    return show({ columns: [], rows: [] });
  }
  if (outcome.status === 'failed') return say('failed', 'error', outcome.message, notes);
  if (outcome.note !== undefined) notes.push(outcome.note);
  return show(cutRows(outcome.result, notes));
}

/** Parameters in the query that offer nothing to choose from here. */
function withoutValue(item: QueryItem, scope: Scope, declared: ReadonlySet<string>): string[] {
  const names = tokensOf(item.query, declared).map((token) => token.name);
  return [...new Set(names)].filter((name) => {
    const parameter = scope.get(name);
    return parameter?.status === 'unset' && parameter.kind === 'choice' && parameter.multi;
  });
}

function waitsFor(run: Run, item: QueryItem, scope: Scope, filled: Substituted): string[] {
  const waiting = new Set(filled.waitingFor);
  for (const resource of item.resources) {
    for (const name of substitute(resource, scope, run.model.declared, 'text').waitingFor) waiting.add(name);
  }
  if (item.timeContextFromParameter !== undefined && itemWindow(item, scope, run.environment.now) === 'waiting') {
    waiting.add(item.timeContextFromParameter);
  }
  return [...waiting];
}

/** A merge can also wait: for an item that waits. */
type ItemOutcome = QueryOutcome | { status: 'waiting'; message: string };

async function answer(run: Run, item: QueryItem, scope: Scope, query: string): Promise<ItemOutcome> {
  switch (item.queryType) {
    case 0: {
      if (query.trim() === '')
        return { status: 'rows', result: { columns: [], rows: [] }, note: 'This item has no query.' };
      const window = itemWindow(item, scope, run.environment.now);
      const { signal } = run;
      return run.limit(() => run.environment.runQuery(query, window === 'waiting' ? undefined : window, signal));
    }
    case 8: {
      const result = staticJsonResult(query);
      return result
        ? { status: 'rows', result }
        : { status: 'error', message: 'The JSON of this item cannot be read.' };
    }
    case 7:
      return merged(run, item, scope, query);
    default:
      return {
        status: 'unavailable',
        message: `${SOURCES[item.queryType] ?? `Query type ${item.queryType}`} is not available offline.`,
      };
  }
}

async function merged(run: Run, item: QueryItem, scope: Scope, query: string): Promise<ItemOutcome> {
  const plan = parseMerge(query);
  if (!plan) return { status: 'error', message: 'The merge of this item cannot be read.' };
  const names = mergeInputs(plan);
  if (names.some((name) => mergesItself(run.model, name, item.name))) {
    return { status: 'error', message: 'The merge of this item needs its own result.' };
  }
  // Names recur in other groups of a workbook, so the one that stands next before this item is meant.
  const before = new Map(run.results);
  const inputs = new Map<string, QueryResult>();
  for (const name of names) {
    const { status, result } = await (before.get(name) ?? mergeSource(run, name, scope));
    if (result) inputs.set(name, result);
    else if (status === 'waiting') return { status, message: `Merges "${name}", which waits for a parameter.` };
    else if (status === 'hidden') return { status: 'error', message: `Merges "${name}", which is no item here.` };
    else return { status: 'unavailable', message: `Merges "${name}", which has no result here.` };
  }
  const result = runMerge(plan, inputs);
  return result
    ? { status: 'rows', result }
    : { status: 'error', message: 'The merge names tables that do not exist.' };
}

/** An item that comes later, or is not shown: authors hide what they only merge. */
async function mergeSource(run: Run, name: string, scope: Scope): Promise<Answered> {
  await run.walked;
  const known = run.results.get(name);
  if (known) return known;
  const source = queryNamed(run.model, name);
  if (!source) return { status: 'hidden' };
  const answered = evaluateQuery({ ...run, emit: () => undefined }, source, scope);
  run.results.set(name, answered);
  return answered;
}

function queryNamed(model: Run['model'], name: string): QueryItem | undefined {
  for (const item of walkItems(model.items)) if (item.kind === 'query' && item.name === name) return item;
  return undefined;
}

/** Whether the merge called `name` reads `wanted`, be it through others: two that wait for one another never end. */
function mergesItself(model: Run['model'], name: string, wanted: string, seen: readonly string[] = []): boolean {
  if (name === wanted) return true;
  const item = queryNamed(model, name);
  if (item?.queryType !== 7 || seen.includes(name)) return false;
  const plan = parseMerge(item.query);
  return plan !== undefined && mergeInputs(plan).some((one) => mergesItself(model, one, wanted, [...seen, name]));
}

function cutRows(result: QueryResult, notes: string[]): QueryResult {
  if (result.partial !== undefined) notes.push(result.partial);
  if (result.rows.length <= MAX_RESULT_ROWS) return result;
  notes.push(`The query answered ${result.rows.length} rows; the first ${MAX_RESULT_ROWS} are used, as in Azure.`);
  return { ...result, rows: result.rows.slice(0, MAX_RESULT_ROWS) };
}

function showResult(
  run: Run,
  item: QueryItem,
  scope: Scope,
  title: string,
  result: QueryResult,
  notes: string[],
): ItemView {
  const head = { id: item.id, name: item.name, kind: 'query' as const };
  const expand = (text: string) => displayText(text, scope, run.model.declared);
  if (result.rows.length === 0) {
    const text = expand(item.noDataMessage ?? 'The query returned no results.');
    const body: ItemBody = { kind: 'message', tone: emptyTone(item.noDataMessageStyle), title, text };
    return { ...head, status: 'rendered', notes, body };
  }
  const visualization = visualize(item, result, expand);
  const drawn = visualization.kind === 'chart' || visualization.kind === 'map' || visualization.kind === 'graph';
  const body: ItemBody = {
    kind: 'query',
    title,
    size: sizeOf(item.size),
    visualization,
    ...(drawn ? { data: gridView(result, { rowLimit: MAX_DATA_ROWS }, expand) } : {}),
    ...(item.exports.length > 0 ? { selectable: selectable(run, item, result) } : {}),
    ...(item.timeBrushParameterName === undefined ? {} : { brush: item.timeBrushParameterName }),
  };
  return { ...head, status: 'rendered', notes, body, result };
}

/** What the author says of an empty answer, such as "no attack was found", would be untrue here: nobody has looked. */
function withoutSource(item: QueryItem, title: string, notes: string[]): ItemView {
  const text = 'Nothing was asked: this data has no such source.';
  const body: ItemBody = { kind: 'message', tone: 'unavailable', title, text };
  return { id: item.id, name: item.name, kind: 'query', status: 'rendered', notes, body };
}

// Styles of the message in the editor's order: info, error, success, upsell, warning.
function emptyTone(style: number | undefined): MessageTone {
  return style === undefined
    ? 'empty'
    : ((['empty', 'info', 'error', 'success', 'info', 'warning'] as const)[style] ?? 'empty');
}

function selectable(run: Run, item: QueryItem, result: QueryResult): Selectable {
  const whole = item.exports.some((one) => one.fieldName === '');
  const fields = new Set(item.exports.map((one) => one.fieldName));
  const wanted = result.columns.flatMap((column, at) =>
    whole || fields.has(column.name) ? [{ name: column.name, at }] : [],
  );
  const named = item.exports.map((one) => ({ parameter: one.parameterName, field: one.fieldName }));
  const isGlobal = (one: { parameter: string }) => run.model.globals.has(one.parameter);
  return {
    multiple: item.exportMultiple,
    rows: result.rows.map((row) => Object.fromEntries(wanted.map(({ name, at }) => [name, row[at] ?? null]))),
    sets: named.filter(isGlobal),
    keeps: named.filter((one) => !isGlobal(one)),
  };
}
