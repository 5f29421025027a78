/** The view model: what each item shows, as plain data. */
import type { QueryResult } from '../../engines/query-engine.ts';
import type { Item, LinkDefinition, ParametersItem } from '../model.ts';
import type { ParameterView } from '../parameters.ts';
import { displayText, type Scope } from '../substitute.ts';
import { safeUrl } from './cell.ts';
import type { GridView } from './grid.ts';
import type { VisualizationView } from './visualize.ts';

/**
 * rendered: shows what it has, be it empty. waiting: a parameter has no value. unavailable: its source is not offline.
 * error: Azure shows an error as well. failed: it could not be shown here. hidden: a condition hides it.
 */
export type ItemStatus = 'rendered' | 'waiting' | 'unavailable' | 'error' | 'failed' | 'hidden';

export interface ItemView {
  id: string;
  name: string;
  kind: Item['kind'];
  status: ItemStatus;
  why?: string;
  /** Said beside the item: what the data lacks, what was cut. */
  notes: string[];
  body?: ItemBody;
  /** The rows behind a query's view, for downloads and reports. */
  result?: QueryResult;
}

export type MessageTone = 'info' | 'success' | 'warning' | 'error' | 'waiting' | 'unavailable' | 'empty';

export type ItemBody =
  | { kind: 'text'; markdown: string; look: string }
  | { kind: 'message'; tone: MessageTone; title: string; text: string }
  | { kind: 'parameters'; title: string; presentation: ParametersItem['presentation']; parameters: ParameterView[] }
  | { kind: 'links'; layout: string; title: string; links: LinkItemView[] }
  | { kind: 'group'; title: string; button?: string }
  | QueryBody;

export interface QueryBody {
  kind: 'query';
  title: string;
  visualization: VisualizationView;
  /** The rows behind a chart, map or graph, for those who cannot see it. */
  data?: GridView;
  /** Size word of the item: how high a chart is. */
  size: 'small' | 'medium' | 'large' | 'full' | 'tiny';
  /** Rows by their index that a click can export; absent where nothing is exported. */
  selectable?: Selectable;
  /** The parameter that a range of the time axis sets. */
  brush?: string;
}

export interface Selectable {
  multiple: boolean;
  rows: Record<string, unknown>[];
  /** Exports that set a global parameter, whatever else is selected; an empty field is the whole row. */
  sets: { parameter: string; field: string }[];
  /** Exports that stand for what is selected. */
  keeps: { parameter: string; field: string }[];
}

export interface LinkItemView {
  label: string;
  before: string;
  after: string;
  look: string;
  /** Sets a parameter. */
  parameter?: { name: string; value: string; current: boolean };
  href?: string;
  /** Works in Azure only: what it would open. */
  portal?: string;
}

export function linkView(
  link: LinkDefinition,
  scope: Scope,
  declared: ReadonlySet<string>,
  isTab: boolean,
): LinkItemView {
  const expand = (text: string) => displayText(text, scope, declared);
  const view: LinkItemView = {
    label: expand(link.label) || expand(link.cellValue),
    before: expand(link.preText),
    after: expand(link.postText),
    look: link.look,
  };
  switch (link.target.toLowerCase()) {
    case 'parameter': {
      const current = scope.get(link.cellValue)?.values[0]?.value === link.subTarget;
      return { ...view, parameter: { name: link.cellValue, value: link.subTarget, current: isTab && current } };
    }
    case 'url': {
      const href = safeUrl(expand(link.cellValue));
      return href === undefined ? { ...view, portal: 'an address that is not http(s)' } : { ...view, href };
    }
    default:
      return { ...view, portal: link.target || 'nothing' };
  }
}

/** Size ids of items; the meaning of the numbers is inferred from how public workbooks use them. */
export function sizeOf(size: number): QueryBody['size'] {
  return (['medium', 'small', 'large', 'full', 'tiny'] as const)[size] ?? 'medium';
}
