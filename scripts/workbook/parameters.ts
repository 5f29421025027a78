/** Resolving the parameters of a workbook: sources, defaults, what the user chose, criteria. */
import type { QueryResult } from '../engines/query-engine.ts';
import { evaluateCriteria, matches, scopeLookup } from './criteria.ts';
import { resourceGraphQuery, subscriptionsOf, WORKSPACE_TYPE, type WorkbookEnvironment } from './environment.ts';
import { filledTextOf, flagOf, isRecord, listOf, numberOf, recordOf, textOf } from './lenient.ts';
import { parseLooseJson } from './loose-json.ts';
import type { ParameterDefinition } from './model.ts';
import { type Choice, type ParameterKind, type ParameterValue, resourcePart } from './parameter-value.ts';
import { tableOf } from './static-json.ts';
import { displayText, type Scope, substitute } from './substitute.ts';
import { durationLabel, parseTimeRange, relativeRange, selectableDurations } from './time-range.ts';
import { itemWindow } from './time-window.ts';
import { valueText } from './view/number-format.ts';

/** What a parameter looks like in the bar. */
export interface ParameterView {
  name: string;
  label: string;
  description: string;
  control: 'text' | 'multiline' | 'password' | 'select' | 'multiselect' | 'options' | 'time' | 'values';
  required: boolean;
  hidden: boolean;
  choices: Choice[];
  /** Chosen values; for text the text. */
  chosen: string[];
  allowCustom: boolean;
  /** Why nothing can be chosen, or what is wrong with the value. */
  message?: string;
}

export interface ResolvedParameter {
  value: ParameterValue;
  view: ParameterView;
}

/** Azure lists at most 1,000 items, and lets 100 be chosen. */
const MAX_CHOICES = 1000;
const MAX_CHOSEN = 100;

export interface ResolveContext {
  scope: Scope;
  declared: ReadonlySet<string>;
  environment: WorkbookEnvironment;
  /** What the user chose; undefined where nothing. */
  chosen: unknown;
  signal?: AbortSignal;
}

/** Resolves one parameter; never throws for what the workbook or the user says. */
export async function resolveParameter(
  definition: ParameterDefinition,
  context: ResolveContext,
): Promise<ResolvedParameter> {
  if (definition.type === 4) return timeParameter(definition, context);
  if (definition.type === 1) return textParameter(definition, context);
  if (definition.type === 9) return valuesParameter(definition, context);
  return choiceParameter(definition, context);
}

function newValue(
  definition: ParameterDefinition,
  kind: ParameterKind,
  values: Choice[],
  more: Partial<ParameterValue> = {},
): ParameterValue {
  const status = values.length > 0 ? 'set' : definition.isRequired ? 'waiting' : 'unset';
  return {
    name: definition.name,
    kind,
    status,
    values,
    multi: definition.multiSelect,
    quote: definition.quote,
    delimiter: definition.delimiter,
    isGlobal: definition.isGlobal,
    ...more,
  };
}

function viewOf(
  definition: ParameterDefinition,
  context: ResolveContext,
  more: Omit<Partial<ParameterView>, 'control'> & { control: ParameterView['control'] },
): ParameterView {
  const expand = (text: string) => displayText(text, context.scope, context.declared);
  return {
    name: definition.name,
    label: expand(definition.label),
    description: expand(definition.description),
    required: definition.isRequired,
    hidden: definition.isHidden,
    choices: [],
    chosen: [],
    allowCustom: false,
    ...more,
  };
}

function timeParameter(definition: ParameterDefinition, context: ResolveContext): ResolvedParameter {
  const { now } = context.environment;
  const durations = selectableDurations(definition.settings);
  // Azure gives a time range without a value the last 24 hours.
  const time =
    parseTimeRange(context.chosen, now) ??
    parseTimeRange(definition.value, now) ??
    parseTimeRange(definition.defaultValue, now) ??
    relativeRange(86_400_000, now);
  const key =
    time.kind === 'relative' ? String(time.durationMs) : `${time.start.toISOString()}/${time.end.toISOString()}`;
  const choices = [...new Set([...durations, ...(time.kind === 'relative' ? [time.durationMs] : [])])]
    .sort((a, b) => a - b)
    .map((duration): Choice => ({ value: String(duration), label: `Last ${durationLabel(duration)}` }));
  return {
    value: newValue(definition, 'time', [{ value: key, label: key }], { time, multi: false }),
    view: viewOf(definition, context, {
      control: 'time',
      choices,
      chosen: [key],
      allowCustom: flagOf(definition.settings.allowCustom) ?? true,
    }),
  };
}

async function textParameter(definition: ParameterDefinition, context: ResolveContext): Promise<ResolvedParameter> {
  const { settings } = definition;
  const expand = (text: string) => substitute(text, context.scope, context.declared, 'query').text;
  const control = flagOf(settings.isPassword) ? 'password' : flagOf(settings.multiLineText) ? 'multiline' : 'text';
  const chosen = firstText(context.chosen);
  let text = chosen ?? firstText(definition.value) ?? firstText(definition.defaultValue) ?? '';
  let source: Source = { status: 'rows', choices: [] };
  if (chosen === undefined && definition.criteria.length > 0) {
    text = evaluateCriteria(definition.criteria, scopeLookup(context.scope), expand) ?? text;
  } else if (chosen === undefined && definition.query !== undefined) {
    source = await queryChoices(definition, context);
    if (source.status === 'rows') text = source.choices[0]?.value ?? text;
  }
  const problem = invalid(text, listOf(settings.paramValidationRules));
  const value = newValue(definition, 'text', text === '' ? [] : [{ value: text, label: text }], { multi: false });
  return {
    value: withSource(value, source),
    view: viewOf(definition, context, {
      control,
      chosen: [text],
      allowCustom: true,
      ...(source.message ? { message: source.message } : problem ? { message: problem } : {}),
    }),
  };
}

function firstText(value: unknown): string | undefined {
  return textOf(Array.isArray(value) ? value[0] : value);
}

function invalid(text: string, rules: readonly unknown[]): string | undefined {
  for (const rule of rules.filter(isRecord)) {
    const pattern = filledTextOf(rule.regExp);
    if (pattern === undefined || text === '') continue;
    if (matches(text, pattern) !== (flagOf(rule.match) ?? true))
      return textOf(rule.message) ?? 'The value is not valid.';
  }
  return undefined;
}

function valuesParameter(definition: ParameterDefinition, context: ResolveContext): ResolvedParameter {
  const source = context.chosen ?? definition.value ?? definition.defaultValue;
  const values = listOf(typeof source === 'string' && source.startsWith('[') ? parseLooseJson(source) : source)
    .flatMap((one) => filledTextOf(isRecord(one) ? one.value : one) ?? [])
    .slice(0, MAX_CHOSEN);
  return {
    value: newValue(
      definition,
      'choice',
      values.map((value) => ({ value, label: value })),
      { multi: true },
    ),
    view: viewOf(definition, context, { control: 'values', chosen: values, allowCustom: true }),
  };
}

/** Where the choices came from, and what stood in the way. */
interface Source {
  status: 'rows' | 'waiting' | 'failed' | 'unavailable';
  choices: Choice[];
  message?: string;
}

async function choiceParameter(definition: ParameterDefinition, context: ResolveContext): Promise<ResolvedParameter> {
  const isResource = definition.type >= 5 && definition.type <= 8;
  let source = await choicesOf(definition, context);
  // Where a picker's own query cannot be asked here, it offers what the preview has.
  if (isResource && source.choices.length === 0 && (definition.query === undefined || source.status !== 'rows')) {
    source = { status: 'rows', choices: resourceChoices(definition, context) };
  }
  const choices = source.choices
    .slice(0, MAX_CHOICES)
    // Azure calls a resource by its name where the picker's query gives no label.
    .map((one) => (isResource && one.label === one.value ? { ...one, label: resourcePart(one.value, 'name') } : one));
  const { settings } = definition;
  const all = filledTextOf(settings.selectAllValue);
  const allowCustom = flagOf(settings.allowCustom) ?? false;
  const pick = (wanted: unknown) => pickChoices(wanted, choices, { ...definition, all, allowCustom });
  const asked = context.chosen === undefined ? undefined : pick(context.chosen);
  let values = asked ?? pick(definition.value);
  if (context.chosen === undefined && values.length === 0) values = choices.filter((choice) => choice.selected);
  if (context.chosen === undefined && values.length === 0) values = pick(definition.defaultValue);
  // One workspace and one subscription are all there is here, and an options group always has one option on.
  const preselect = isResource || definition.type === 10;
  if (context.chosen === undefined && values.length === 0 && preselect && choices[0]) values = [choices[0]];
  const multi = definition.multiSelect;
  const offered = all !== undefined || (multi && offersAll(settings));
  return {
    value: withSource(
      newValue(
        definition,
        isResource ? 'resource' : 'choice',
        multi ? values.slice(0, MAX_CHOSEN) : values.slice(0, 1),
      ),
      source,
    ),
    view: viewOf(definition, context, {
      control: definition.type === 10 ? 'options' : multi ? 'multiselect' : 'select',
      choices: offered ? [{ value: ALL, label: 'All' }, ...choices] : choices,
      chosen: values.some((one) => one.value === all) ? [ALL] : values.map((one) => one.value),
      allowCustom,
      ...(source.message
        ? { message: source.message }
        : choices.length === 0
          ? { message: 'No values in this data.' }
          : {}),
    }),
  };
}

const ALL = 'value::all';

function offersAll(settings: Record<string, unknown>): boolean {
  return flagOf(settings.includeAll) === true || listOf(settings.additionalResourceOptions).includes(ALL);
}

function withSource(value: ParameterValue, source: Source): ParameterValue {
  if (value.values.length > 0 || source.status === 'rows') return value;
  // A picker that may stay empty does not hold the page up because its source could not be asked.
  if (value.status === 'unset' && source.status === 'unavailable') return { ...value, message: source.message ?? '' };
  return { ...value, status: source.status, ...(source.message === undefined ? {} : { message: source.message }) };
}

async function choicesOf(definition: ParameterDefinition, context: ResolveContext): Promise<Source> {
  const json =
    filledTextOf(definition.jsonData) ??
    (isRecord(definition.jsonData) || Array.isArray(definition.jsonData)
      ? JSON.stringify(definition.jsonData)
      : undefined);
  if (definition.query !== undefined) return queryChoices(definition, context);
  if (json !== undefined) return jsonChoices(substitute(json, context.scope, context.declared, 'text').text);
  return { status: 'rows', choices: [] };
}

function jsonChoices(text: string): Source {
  const parsed = parseLooseJson(text);
  if (parsed === undefined) return { status: 'failed', choices: [], message: 'Its JSON data cannot be read.' };
  return { status: 'rows', choices: rowsToChoices(tableOf(parsed)) };
}

async function queryChoices(definition: ParameterDefinition, context: ResolveContext): Promise<Source> {
  const { environment, scope, declared } = context;
  const filled = substitute(definition.query ?? '', scope, declared, 'query');
  const resourceWords = definition.resources.map((one) => substitute(one, scope, declared, 'text'));
  const waiting = [...new Set([...filled.waitingFor, ...resourceWords.flatMap((one) => one.waitingFor)])];
  if (waiting.length > 0) return { status: 'waiting', choices: [], message: `Waits for ${waiting.join(', ')}.` };
  if (definition.queryType === 8) return jsonSource(filled.text);
  if (definition.queryType !== 0 && definition.queryType !== 1) {
    return { status: 'unavailable', choices: [], message: 'Its source cannot be reached offline.' };
  }
  const graph = definition.queryType === 1;
  const text = graph ? resourceGraphQuery(filled.text, environment.resources) : filled.text;
  const window = graph ? undefined : itemWindow(definition, scope, environment.now);
  if (window === 'waiting') {
    return { status: 'waiting', choices: [], message: `Waits for ${definition.timeContextFromParameter}.` };
  }
  const outcome = await environment.runQuery(text, window, context.signal);
  if (outcome.status === 'rows') {
    const source: Source = { status: 'rows', choices: rowsToChoices(outcome.result) };
    return outcome.note === undefined ? source : { ...source, message: outcome.note };
  }
  if (graph) return { status: 'unavailable', choices: [], message: 'Azure Resource Graph cannot be reached offline.' };
  if (outcome.status === 'unavailable') return { status: 'unavailable', choices: [], message: outcome.message };
  return { status: 'failed', choices: [], message: outcome.message };
}

function jsonSource(text: string): Source {
  const parsed = recordOf(parseLooseJson(text));
  const content = typeof parsed.content === 'string' ? parsed.content : JSON.stringify(parsed.content ?? null);
  return jsonChoices(content);
}

/** Columns by name (`value`, `label`, `selected`, `group`), else by place. */
function rowsToChoices(result: QueryResult): Choice[] {
  const named = (name: string) => result.columns.findIndex((column) => column.name.toLowerCase() === name);
  const at = { value: named('value'), label: named('label'), selected: named('selected'), group: named('group') };
  if (at.value < 0) Object.assign(at, { value: 0, label: at.label < 0 ? 1 : at.label });
  const text = (row: QueryResult['rows'][number], index: number) =>
    index < 0 || index >= result.columns.length ? '' : valueText(row[index], result.columns[index]);
  const seen = new Set<string>();
  const choices: Choice[] = [];
  for (const row of result.rows) {
    const value = text(row, at.value);
    if (seen.has(value) || choices.length >= MAX_CHOICES) continue;
    seen.add(value);
    const group = text(row, at.group);
    const selected = flagOf(row[at.selected]) ?? false;
    choices.push({
      value,
      label: text(row, at.label) || value,
      ...(group === '' ? {} : { group }),
      ...(selected ? { selected } : {}),
    });
  }
  return choices;
}

function resourceChoices(definition: ParameterDefinition, context: ResolveContext): Choice[] {
  const { resources } = context.environment;
  switch (definition.type) {
    case 6:
      return subscriptionsOf(resources).map(({ id, name }) => ({ value: id, label: name }));
    case 7:
      return [...new Set(resources.map((one) => one.type))].map((type) => ({ value: type, label: type }));
    case 8:
      return [...new Set(resources.map((one) => one.location))].map((place) => ({ value: place, label: place }));
    default: {
      const wanted = Object.entries(recordOf(definition.settings.resourceTypeFilter))
        .filter(([, on]) => flagOf(on))
        .map(([type]) => type.toLowerCase());
      return resources
        .filter((one) => (wanted.length === 0 ? one.type === WORKSPACE_TYPE : wanted.includes(one.type)))
        .map((one) => ({ value: one.id, label: one.name }));
    }
  }
}

interface PickOptions {
  all: string | undefined;
  allowCustom: boolean;
  multiSelect: boolean;
}

/** The choices that a saved or chosen value means, `value::all`, `value::1` and the like included. */
function pickChoices(value: unknown, choices: readonly Choice[], options: PickOptions): Choice[] {
  let wanted = value;
  if (typeof value === 'string' && value.trim().startsWith('[')) wanted = parseLooseJson(value) ?? value;
  const picked: Choice[] = [];
  for (const one of listOf(wanted)) {
    const text = textOf(isRecord(one) ? (one.value ?? one.id) : one);
    if (text === undefined || text === '') continue;
    const special = /^value::(all|selected|\d+)$/i.exec(text)?.[1]?.toLowerCase();
    if (special === 'all') {
      if (options.all !== undefined) return [{ value: options.all, label: 'All' }];
      picked.push(...(options.multiSelect ? choices : choices.slice(0, 1)));
    } else if (special === 'selected') picked.push(...choices.filter((choice) => choice.selected));
    else if (special !== undefined) picked.push(...choices.slice(0, numberOf(special) ?? 1));
    else {
      const known = choices.find((choice) => choice.value === text);
      if (known) picked.push(known);
      else if (options.all === text) return [{ value: text, label: 'All' }];
      // With nothing to choose from there is nothing that the saved value contradicts.
      else if (options.allowCustom || choices.length === 0) picked.push({ value: text, label: text });
    }
  }
  return [...new Map(picked.map((choice) => [choice.value, choice])).values()];
}
