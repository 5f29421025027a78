/**
 * Evaluates a workbook: walks its items in order, resolves parameters, decides what is visible, runs queries side by
 * side and emits one view an item as soon as it is known. Pure but for the environment that answers queries.
 */
import pLimit from 'p-limit';
import type { WorkbookEnvironment } from './environment.ts';
import { exportedParameters } from './exports.ts';
import type { GroupItem, Item, LinksItem, ParametersItem, QueryItem, WorkbookModel } from './model.ts';
import { isParameterLink } from './model.ts';
import { type ParameterValue, textParameter } from './parameter-value.ts';
import { resolveParameter } from './parameters.ts';
import { type Answered, evaluateQuery } from './query-item.ts';
import type { WorkbookState } from './state.ts';
import { displayText, type Scope, substitute } from './substitute.ts';
import { absoluteRange } from './time-range.ts';
import { type ItemView, linkView } from './view/item-view.ts';
import { isVisible } from './visibility.ts';

/** Receives each item's view once it is known, in no promised order. */
export type Emit = (view: ItemView) => void;

/** Queries at a time; the local engine gains nothing from more. */
const PARALLEL_QUERIES = 4;

export interface Run {
  readonly model: WorkbookModel;
  readonly state: WorkbookState;
  readonly environment: WorkbookEnvironment;
  readonly emit: Emit;
  readonly signal: AbortSignal | undefined;
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  /** What became of query items by item name, for merges. */
  readonly results: Map<string, Promise<Answered>>;
  /** Done once every item has begun: a merge may stand before what it merges. */
  readonly walked: Promise<void>;
  readonly tasks: Promise<void>[];
}

/** Runs to the end; everything is emitted when it resolves. */
export async function evaluateWorkbook(
  model: WorkbookModel,
  state: WorkbookState,
  environment: WorkbookEnvironment,
  emit: Emit,
  signal?: AbortSignal,
): Promise<void> {
  let finished: () => void = () => undefined;
  const walked = new Promise<void>((resolve) => (finished = resolve));
  const run: Run = {
    model,
    state,
    environment,
    emit,
    signal,
    limit: pLimit(PARALLEL_QUERIES),
    results: new Map(),
    walked,
    tasks: [],
  };
  try {
    await walk(run, model.items, await globalParameters(run));
  } finally {
    finished();
  }
  await Promise.all(run.tasks);
}

/** A global parameter can be used before the place where it stands, so these are resolved ahead. */
async function globalParameters(run: Run): Promise<Map<string, ParameterValue>> {
  const globals = new Map<string, ParameterValue>();
  if (run.model.globals.size === 0) return globals;
  const silent: Run = { ...run, emit: () => undefined, results: new Map(), tasks: [] };
  const scope = new Map<string, ParameterValue>();
  await walkParameters(silent, run.model.items, scope);
  for (const [name, value] of scope) if (value.isGlobal) globals.set(name, value);
  return globals;
}

/** Only what sets parameters, without running the items' own queries. */
async function walkParameters(run: Run, items: readonly Item[], scope: Map<string, ParameterValue>): Promise<void> {
  for (const item of items) {
    if (item.kind === 'parameters') await parametersItem(run, item, scope, isVisible(item.conditions, scope));
    else if (!isVisible(item.conditions, scope)) continue;
    else if (item.kind === 'links') tabs(run, item, scope);
    else if (item.kind === 'query') for (const value of exportsOf(run, item)) scope.set(value.name, value);
    else if (item.kind === 'group' && isLoaded(run, item)) {
      const inner = new Map(scope);
      await walkParameters(run, item.items, inner);
      leaveGroup(item, inner, scope);
    }
  }
}

async function walk(run: Run, items: readonly Item[], scope: Map<string, ParameterValue>): Promise<void> {
  for (const item of items) {
    run.signal?.throwIfAborted();
    const visible = isVisible(item.conditions, scope);
    if (item.kind === 'parameters') {
      await parametersItem(run, item, scope, visible);
      continue;
    }
    if (!visible) {
      run.emit({ ...head(item), status: 'hidden' });
      continue;
    }
    switch (item.kind) {
      case 'group':
        await group(run, item, scope);
        break;
      case 'links':
        links(run, item, scope);
        break;
      case 'query': {
        const snapshot: Scope = new Map(scope);
        const result = evaluateQuery(run, item, snapshot);
        run.results.set(item.name, result);
        run.tasks.push(result.then(() => undefined));
        for (const value of exportsOf(run, item)) scope.set(value.name, value);
        break;
      }
      default:
        run.emit(simpleView(run, item, scope));
    }
  }
}

function head(item: Item): { id: string; name: string; kind: Item['kind']; notes: string[] } {
  return { id: item.id, name: item.name, kind: item.kind, notes: [] };
}

function simpleView(
  run: Run,
  item: Exclude<Item, GroupItem | LinksItem | ParametersItem | QueryItem>,
  scope: Scope,
): ItemView {
  const { declared } = run.model;
  switch (item.kind) {
    case 'text': {
      const filled = substitute(item.markdown, scope, declared, 'text');
      const look = displayText(item.look, scope, declared);
      const notes = filled.unknownFormats.map((token) => `Unknown format in ${token}: Azure leaves it as it is.`);
      return { ...head(item), status: 'rendered', notes, body: { kind: 'text', markdown: filled.text, look } };
    }
    case 'metrics':
      return unavailable(
        item,
        displayText(item.title, scope, declared),
        'Metrics are read from Azure Monitor and are not available offline.',
      );
    default:
      return unavailable(item, '', `Items of type ${item.type} are not documented and not available offline.`);
  }
}

function unavailable(item: Item, title: string, why: string): ItemView {
  return {
    ...head(item),
    status: 'unavailable',
    why,
    body: { kind: 'message', tone: 'unavailable', title, text: why },
  };
}

async function parametersItem(
  run: Run,
  item: ParametersItem,
  scope: Map<string, ParameterValue>,
  visible: boolean,
): Promise<void> {
  const views = [];
  const faults: string[] = [];
  for (const definition of item.parameters) {
    if (definition.name === '') continue;
    // A block hidden by a condition still computes, but gives way to one of the same name that is seen.
    if (!visible && scope.has(definition.name)) continue;
    const chosen = Object.hasOwn(run.state.values, definition.name) ? run.state.values[definition.name] : undefined;
    const resolved = await resolveParameter(definition, {
      scope,
      declared: run.model.declared,
      environment: run.environment,
      chosen,
      ...(run.signal === undefined ? {} : { signal: run.signal }),
    });
    scope.set(definition.name, resolved.value);
    views.push(resolved.view);
    const { status, message } = resolved.value;
    if (status === 'failed') faults.push(`${resolved.view.label}: ${message ?? 'its values cannot be read'}`);
  }
  const title = displayText(item.title, scope, run.model.declared);
  run.emit(
    visible
      ? {
          ...head(item),
          ...(faults.length > 0
            ? { status: 'error' as const, why: faults.join(' ') }
            : { status: 'rendered' as const }),
          body: { kind: 'parameters', title, presentation: item.presentation, parameters: views },
        }
      : { ...head(item), status: 'hidden' },
  );
}

/** Sets the parameters of tabs: what was chosen, else the first tab's. Answers which tab is on, by parameter. */
function tabs(run: Run, item: LinksItem, scope: Map<string, ParameterValue>): void {
  const byParameter = new Map<string, LinksItem['links']>();
  for (const link of item.links.filter(isParameterLink)) {
    byParameter.set(link.cellValue, [...(byParameter.get(link.cellValue) ?? []), link]);
  }
  for (const [name, choices] of byParameter) {
    const asked = Object.hasOwn(run.state.values, name) ? String(run.state.values[name] ?? '') : undefined;
    if (item.layout !== 'tabs') {
      // Buttons and links set their parameter only when clicked.
      if (asked !== undefined) scope.set(name, textParameter(name, asked));
      continue;
    }
    const before = scope.get(name)?.values[0]?.value;
    const current = choices.find((link) => link.subTarget === (asked ?? before)) ?? choices[0];
    if (current) {
      const label = displayText(current.label, scope, run.model.declared);
      scope.set(name, { ...textParameter(name, current.subTarget), values: [{ value: current.subTarget, label }] });
    }
  }
}

function links(run: Run, item: LinksItem, scope: Map<string, ParameterValue>): void {
  tabs(run, item, scope);
  const { declared } = run.model;
  run.emit({
    ...head(item),
    status: 'rendered',
    body: {
      kind: 'links',
      layout: item.layout,
      title: displayText(item.title, scope, declared),
      links: item.links.map((link) => linkView(link, scope, declared, item.layout === 'tabs')),
    },
  });
}

function isLoaded(run: Run, item: GroupItem): boolean {
  return item.loadFromTemplateId === undefined && (item.loadType !== 'explicit' || run.state.loaded.includes(item.id));
}

async function group(run: Run, item: GroupItem, scope: Map<string, ParameterValue>): Promise<void> {
  const title = displayText(item.title, scope, run.model.declared);
  if (item.loadFromTemplateId !== undefined) {
    run.emit(unavailable(item, title, `The template ${item.loadFromTemplateId} is not available offline.`));
    return;
  }
  const loaded = isLoaded(run, item);
  const button = displayText(item.loadButtonText, scope, run.model.declared);
  run.emit({ ...head(item), status: 'rendered', body: { kind: 'group', title, ...(loaded ? {} : { button }) } });
  if (!loaded) return;
  const inner = new Map(scope);
  await walk(run, item.items, inner);
  leaveGroup(item, inner, scope);
}

function leaveGroup(
  item: GroupItem,
  inner: ReadonlyMap<string, ParameterValue>,
  scope: Map<string, ParameterValue>,
): void {
  for (const [name, value] of inner) if (item.exportParameters || value.isGlobal) scope.set(name, value);
}

function exportsOf(run: Run, item: QueryItem): ParameterValue[] {
  const selected = Object.hasOwn(run.state.selections, item.id) ? run.state.selections[item.id] : undefined;
  // A click that exports into a global parameter sets it as its own control does; the page sends it among the values.
  const own = item.exports.filter((one) => !run.model.globals.has(one.parameterName));
  const values = exportedParameters(own, item.exportMultiple, selected, run.state.values);
  const brush = item.timeBrushParameterName;
  if (brush !== undefined) values.push(...brushed(run, item, brush));
  return values;
}

function brushed(run: Run, item: QueryItem, name: string): ParameterValue[] {
  const range = Object.hasOwn(run.state.brushes, name) ? run.state.brushes[name] : undefined;
  const time = range ? absoluteRange(range.start, range.end) : undefined;
  if (!time && item.timeBrushExportOnlyWhenBrushed) return [];
  const values = time ? [{ value: `${range?.start}/${range?.end}`, label: 'brushed' }] : [];
  return [
    {
      name,
      kind: 'time',
      status: time ? 'set' : 'unset',
      values,
      multi: false,
      quote: '',
      delimiter: ',',
      ...(time ? { time } : {}),
    },
  ];
}
