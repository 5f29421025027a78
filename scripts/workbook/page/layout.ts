/** The frame that items stand in. */
import type { Item, WorkbookModel } from '../model.ts';
import { html, type SafeHtml, style } from './html.ts';

/** Places for all items, nested as in the workbook; hidden until their views arrive. */
export function renderLayout(model: WorkbookModel): SafeHtml {
  return html`<div class="flow">${model.items.map(place)}</div>`;
}

function place(item: Item): SafeHtml {
  const border = item.style.showBorder ? 'border' : '';
  const sizes = style('live', {
    '--width': item.width === undefined ? undefined : `${item.width}%`,
    margin: spacing(item.style.margin),
    padding: spacing(item.style.padding),
    'max-width': spacing(item.style.maxWidth),
  });
  return html`<section class="item kind-${item.kind} ${border}" id="item-${item.id}" data-item="${item.id}" ${sizes} hidden><div class="body"></div>${
    item.kind === 'group' ? html`<div class="flow">${item.items.map(place)}</div>` : ''
  }</section>`;
}

/** One to four lengths, as the style settings of an item have them; anything else is left out. */
export function spacing(text: string | undefined): string | undefined {
  return text !== undefined && /^\s*(-?\d{1,4}(\.\d+)?(px|%|em|rem|ch)?\s*){1,4}$/.test(text) ? text.trim() : undefined;
}
