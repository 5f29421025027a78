/**
 * The parsed model of a workbook: the items of the gallery format with their settings read leniently.
 * Source of the names: schema/workbook.json and Documentation/ of microsoft/Application-Insights-Workbooks.
 */
import { filledTextOf, flagOf, isRecord, type JsonRecord, listOf, numberOf, recordOf, textOf } from './lenient.ts';
import { parseLooseJson } from './loose-json.ts';

export interface Condition {
  parameterName: string;
  comparison: 'isEqualTo' | 'isNotEqualTo';
  /** Absent: compared with "no value". */
  value: string;
}

export interface ItemStyle {
  margin?: string;
  padding?: string;
  maxWidth?: string;
  showBorder?: boolean;
}

interface ItemBase {
  /** Place in the document, such as `3` or `3.0.2`; unique and stable while the file keeps its shape. */
  id: string;
  name: string;
  /** Percent of the row that the item takes. */
  width?: number;
  conditions: Condition[];
  style: ItemStyle;
}

export interface TextItem extends ItemBase {
  kind: 'text';
  markdown: string;
  /** info, warning, error, success, upsell, empty, or a `{Parameter}`. */
  look: string;
}

/** One parameter that a click on a row, tile or chart element sets. */
export interface ExportDefinition {
  /** Empty: the whole row as JSON. */
  fieldName: string;
  parameterName: string;
  parameterType: number;
  defaultValue: string;
  quote: string;
  delimiter: string;
}

export interface QueryItem extends ItemBase {
  kind: 'query';
  query: string;
  queryType: number;
  title: string;
  /** Lower case; empty: a table, or what the query's `render` says. */
  visualization: string;
  size: number;
  timeContextFromParameter?: string;
  /** 0 or absent: the query sets its own time range. */
  durationMs?: number;
  resources: string[];
  exports: ExportDefinition[];
  exportMultiple: boolean;
  timeBrushParameterName?: string;
  timeBrushExportOnlyWhenBrushed: boolean;
  noDataMessage?: string;
  noDataMessageStyle?: number;
  showExportToExcel: boolean;
  /** The settings blocks, read by the visualisation that is in force. */
  content: JsonRecord;
}

export interface ParameterDefinition {
  name: string;
  label: string;
  description: string;
  type: number;
  isRequired: boolean;
  isGlobal: boolean;
  isHidden: boolean;
  multiSelect: boolean;
  quote: string;
  delimiter: string;
  value: unknown;
  defaultValue: unknown;
  query?: string;
  queryType: number;
  jsonData: unknown;
  criteria: JsonRecord[];
  settings: JsonRecord;
  timeContextFromParameter?: string;
  durationMs?: number;
  resources: string[];
}

export interface ParametersItem extends ItemBase {
  kind: 'parameters';
  title: string;
  presentation: 'pills' | 'above' | 'formHorizontal' | 'formVertical';
  parameters: ParameterDefinition[];
}

export interface LinkDefinition {
  /** `parameter`, `Url`, `OpenBlade`, ... as in the file. */
  target: string;
  label: string;
  cellValue: string;
  subTarget: string;
  preText: string;
  postText: string;
  look: string;
}

export interface LinksItem extends ItemBase {
  kind: 'links';
  layout: 'tabs' | 'list' | 'bullets' | 'paragraph' | 'nav' | 'toolbar';
  title: string;
  links: LinkDefinition[];
}

export interface GroupItem extends ItemBase {
  kind: 'group';
  title: string;
  loadType: 'always' | 'lazy' | 'explicit';
  loadButtonText: string;
  exportParameters: boolean;
  /** Set for a group whose items live in another template. */
  loadFromTemplateId?: string;
  items: Item[];
}

export interface MetricsItem extends ItemBase {
  kind: 'metrics';
  title: string;
}

/** An item of a type that is not documented. */
export interface UnknownItem extends ItemBase {
  kind: 'unknown';
  type: string;
}

export type Item = TextItem | QueryItem | ParametersItem | LinksItem | GroupItem | MetricsItem | UnknownItem;

export interface WorkbookModel {
  items: Item[];
  /** Every name that a parameter, tab, export or time brush declares anywhere. */
  declared: ReadonlySet<string>;
  /** Names of global parameters: exports into one reach the whole workbook, items above included. */
  globals: ReadonlySet<string>;
  fromTemplateId?: string;
}

/** The model of a workbook's JSON. Never throws: what is not an object becomes an empty workbook. */
export function parseWorkbook(json: unknown): WorkbookModel {
  const root = recordOf(json);
  const items = parseItems(root.items, '');
  const declared = new Set<string>();
  const globals = new Set<string>();
  for (const item of walkItems(items)) {
    for (const name of declaredBy(item)) declared.add(name);
    if (item.kind === 'parameters') for (const one of item.parameters) if (one.isGlobal) globals.add(one.name);
  }
  const fromTemplateId = filledTextOf(root.fromTemplateId);
  return { items, declared, globals, ...(fromTemplateId === undefined ? {} : { fromTemplateId }) };
}

/** All items, groups before their children. */
export function* walkItems(items: readonly Item[]): Generator<Item> {
  for (const item of items) {
    yield item;
    if (item.kind === 'group') yield* walkItems(item.items);
  }
}

/** The parameter names that an item brings into being. */
export function declaredBy(item: Item): string[] {
  switch (item.kind) {
    case 'parameters':
      return item.parameters.map((parameter) => parameter.name);
    case 'links':
      return item.links.filter(isParameterLink).map((link) => link.cellValue);
    case 'query':
      return [
        ...item.exports.map((one) => one.parameterName),
        ...(item.timeBrushParameterName === undefined ? [] : [item.timeBrushParameterName]),
      ];
    default:
      return [];
  }
}

export function isParameterLink(link: LinkDefinition): boolean {
  return link.target.toLowerCase() === 'parameter' && link.cellValue !== '';
}

// JSON of any depth reaches this; deeper than this is no workbook (Azure nests groups up to five deep in practice).
const MAX_DEPTH = 40;

function parseItems(value: unknown, prefix: string): Item[] {
  if (prefix.split('.').length > MAX_DEPTH) return [];
  return listOf(value).flatMap((item, index) => (isRecord(item) ? [parseItem(item, `${prefix}${index}`)] : []));
}

function parseItem(item: JsonRecord, id: string): Item {
  const content = recordOf(item.content);
  const base = parseBase(item, content, id);
  switch (numberOf(item.type)) {
    case 1:
      return { ...base, kind: 'text', markdown: textOf(content.json) ?? '', look: textOf(content.style) ?? '' };
    case 3:
      return { ...base, ...parseQuery(content) };
    case 9:
      return {
        ...base,
        kind: 'parameters',
        title: textOf(content.title) ?? '',
        presentation: parameterStyle(textOf(content.style)),
        parameters: listOf(content.parameters).filter(isRecord).map(parseParameter),
      };
    case 10:
      return { ...base, kind: 'metrics', title: textOf(content.title) ?? '' };
    case 11:
      return {
        ...base,
        kind: 'links',
        title: textOf(content.title) ?? '',
        layout: linksLayout(textOf(content.style)),
        links: listOf(content.links).filter(isRecord).map(parseLink),
      };
    case 12: {
      const template = textOf(content.groupType) === 'template' ? filledTextOf(content.loadFromTemplateId) : undefined;
      const loadType = textOf(content.loadType)?.toLowerCase();
      return {
        ...base,
        kind: 'group',
        title: textOf(content.title) ?? '',
        loadType: loadType === 'explicit' || loadType === 'lazy' ? loadType : 'always',
        loadButtonText: filledTextOf(content.loadButtonText) ?? 'Show more',
        exportParameters: flagOf(content.exportParameters) ?? false,
        ...(template === undefined ? {} : { loadFromTemplateId: template }),
        items: parseItems(content.items, `${id}.`),
      };
    }
    default:
      return { ...base, kind: 'unknown', type: textOf(item.type) ?? 'none' };
  }
}

function parseBase(item: JsonRecord, content: JsonRecord, id: string): ItemBase {
  const width = numberOf(textOf(item.customWidth)?.replace('%', ''));
  const style = recordOf(item.styleSettings ?? content.styleSettings);
  const margin = filledTextOf(style.margin);
  const padding = filledTextOf(style.padding);
  const maxWidth = filledTextOf(style.maxWidth);
  const showBorder = flagOf(style.showBorder);
  return {
    id,
    name: textOf(item.name) ?? '',
    ...(width === undefined || width <= 0 || width >= 100 ? {} : { width }),
    conditions: parseConditions(item),
    style: {
      ...(margin === undefined ? {} : { margin }),
      ...(padding === undefined ? {} : { padding }),
      ...(maxWidth === undefined ? {} : { maxWidth }),
      ...(showBorder === undefined ? {} : { showBorder }),
    },
  };
}

function parseConditions(item: JsonRecord): Condition[] {
  const conditions: Condition[] = [];
  for (const raw of [...listOf(item.conditionalVisibility), ...listOf(item.conditionalVisibilities)]) {
    if (!isRecord(raw)) continue;
    const parameterName = filledTextOf(raw.parameterName)?.trim();
    if (parameterName === undefined) continue;
    const comparison = textOf(raw.comparison)?.toLowerCase() === 'isnotequalto' ? 'isNotEqualTo' : 'isEqualTo';
    conditions.push({ parameterName, comparison, value: textOf(raw.value) ?? '' });
  }
  return conditions;
}

function parseQuery(content: JsonRecord): Omit<QueryItem, keyof ItemBase> {
  const timeContextFromParameter = filledTextOf(content.timeContextFromParameter);
  const durationMs = numberOf(recordOf(content.timeContext).durationMs);
  const brush = filledTextOf(content.timeBrushParameterName);
  const noDataMessage = filledTextOf(content.noDataMessage);
  const noDataMessageStyle = numberOf(content.noDataMessageStyle);
  return {
    kind: 'query',
    query: textOf(content.query) ?? '',
    queryType: numberOf(content.queryType) ?? 0,
    title: textOf(content.title) ?? '',
    visualization: (textOf(content.visualization) ?? '').trim().toLowerCase(),
    size: numberOf(content.size) ?? 0,
    ...(timeContextFromParameter === undefined ? {} : { timeContextFromParameter }),
    ...(durationMs === undefined ? {} : { durationMs }),
    resources: listOf(content.crossComponentResources).flatMap((one) => filledTextOf(one) ?? []),
    exports: parseExports(content),
    exportMultiple: flagOf(content.exportMultipleValues) ?? false,
    ...(brush === undefined ? {} : { timeBrushParameterName: brush }),
    timeBrushExportOnlyWhenBrushed: flagOf(content.timeBrushExportOnlyWhenBrushed) ?? false,
    ...(noDataMessage === undefined ? {} : { noDataMessage }),
    ...(noDataMessageStyle === undefined ? {} : { noDataMessageStyle }),
    showExportToExcel: flagOf(content.showExportToExcel) ?? false,
    content,
  };
}

function parseExports(content: JsonRecord): ExportDefinition[] {
  const read = (raw: JsonRecord, prefix: boolean): ExportDefinition[] => {
    const parameterName = filledTextOf(prefix ? raw.exportParameterName : raw.parameterName)?.trim();
    if (parameterName === undefined) return [];
    return [
      {
        parameterName,
        fieldName: textOf(prefix ? raw.exportFieldName : raw.fieldName) ?? '',
        parameterType: numberOf(raw.parameterType) ?? 0,
        defaultValue: textOf(prefix ? raw.exportDefaultValue : raw.defaultValue) ?? '',
        quote: textOf(raw.quote) ?? '',
        delimiter: textOf(raw.delimiter) ?? ',',
      },
    ];
  };
  return [
    ...read(content, true),
    ...listOf(content.exportedParameters)
      .filter(isRecord)
      .flatMap((one) => read(one, false)),
  ];
}

function parseParameter(raw: JsonRecord): ParameterDefinition {
  // Old editors kept these settings as JSON text.
  const settings = recordOf(typeof raw.typeSettings === 'string' ? parseLooseJson(raw.typeSettings) : raw.typeSettings);
  const query = filledTextOf(raw.query);
  const timeContextFromParameter = filledTextOf(raw.timeContextFromParameter);
  const durationMs = numberOf(recordOf(raw.timeContext).durationMs);
  const name = textOf(raw.name)?.trim() ?? '';
  return {
    name,
    label: filledTextOf(raw.label) ?? name,
    description: textOf(raw.description) ?? '',
    type: numberOf(raw.type) ?? 1,
    isRequired: flagOf(raw.isRequired) ?? false,
    isGlobal: flagOf(raw.isGlobal) ?? false,
    isHidden: flagOf(raw.isHiddenWhenLocked) ?? false,
    multiSelect: flagOf(raw.multiSelect) ?? false,
    quote: textOf(raw.quote) ?? '',
    delimiter: textOf(raw.delimiter) ?? ',',
    value: raw.value,
    defaultValue: raw.defaultValue,
    ...(query === undefined ? {} : { query }),
    queryType: numberOf(raw.queryType) ?? 0,
    jsonData: raw.jsonData,
    criteria: listOf(raw.criteriaData)
      .filter(isRecord)
      .map((one) => recordOf(one.criteriaContext ?? one)),
    settings,
    ...(timeContextFromParameter === undefined ? {} : { timeContextFromParameter }),
    ...(durationMs === undefined ? {} : { durationMs }),
    resources: listOf(raw.crossComponentResources).flatMap((one) => filledTextOf(one) ?? []),
  };
}

function parseLink(raw: JsonRecord): LinkDefinition {
  return {
    target: textOf(raw.linkTarget) ?? '',
    label: textOf(raw.linkLabel) ?? textOf(raw.cellValue) ?? '',
    cellValue: textOf(raw.cellValue)?.trim() ?? '',
    subTarget: textOf(raw.subTarget) ?? '',
    preText: textOf(raw.preText) ?? '',
    postText: textOf(raw.postText) ?? '',
    look: textOf(raw.style) ?? '',
  };
}

function parameterStyle(style: string | undefined): ParametersItem['presentation'] {
  const known = ['pills', 'above', 'formHorizontal', 'formVertical'] as const;
  return known.find((one) => one.toLowerCase() === style?.toLowerCase()) ?? 'pills';
}

function linksLayout(style: string | undefined): LinksItem['layout'] {
  const known = ['tabs', 'list', 'bullets', 'paragraph', 'nav', 'toolbar'] as const;
  return known.find((one) => one === style?.toLowerCase()) ?? 'bullets';
}
