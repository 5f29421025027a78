/** The markup of grids, tiles, cards and charts, for the live page and for files. */
import type { CellView, LinkView } from '../view/cell.ts';
import type { ChartView } from '../view/chart.ts';
import type { GraphView } from '../view/graph.ts';
import type { GridRow, GridView } from '../view/grid.ts';
import type { QueryBody } from '../view/item-view.ts';
import type { MapView } from '../view/map.ts';
import { readableOn } from '../view/palette.ts';
import type { CardView, StatView, TilesView, TileView } from '../view/tiles.ts';
import { html, raw, type SafeHtml, type StyleMode, style } from './html.ts';
import { iconHtml } from './icons.ts';
import { renderMarkdown } from './markdown.ts';

/** How a chart becomes markup: a place for the script to draw in, or a picture. */
export type DrawChart = (view: ChartView | MapView | GraphView, size: QueryBody['size']) => SafeHtml;

export interface Rendering {
  mode: StyleMode;
  drawChart: DrawChart;
}

export function renderVisualization(body: QueryBody, label: string, rendering: Rendering): SafeHtml {
  const view = body.visualization;
  switch (view.kind) {
    case 'grid':
      return renderGrid(view, label, rendering, body.selectable !== undefined);
    case 'tiles':
      return renderTiles(view, rendering, body.selectable !== undefined);
    case 'card':
      return renderCard(view);
    case 'stat':
      return renderStat(view, rendering);
    default:
      return renderChart(view, body, label, rendering);
  }
}

function renderChart(
  view: ChartView | MapView | GraphView,
  body: QueryBody,
  label: string,
  rendering: Rendering,
): SafeHtml {
  const metrics = view.kind === 'graph' ? [] : view.metrics;
  const note = view.kind === 'chart' ? view.note : undefined;
  const unplaced = view.kind === 'map' && view.unplaced.length > 0 ? view.unplaced.join(', ') : undefined;
  return html`<figure class="figure">${rendering.drawChart(view, body.size)}${
    metrics.length > 0 && body.size !== 'tiny'
      ? html`<ul class="metrics">${metrics.map((one) => html`<li><span class="metric-value">${one.value}</span> <span class="metric-label">${one.label}</span></li>`)}</ul>`
      : ''
  }${unplaced ? html`<p class="note">Not on the map: ${unplaced}</p>` : ''}${note ? html`<p class="note">${note}</p>` : ''}</figure>${
    body.data && rendering.mode === 'live'
      ? html`<details class="data"><summary>Show as table</summary>${renderGrid(body.data, `Data of ${label}`, rendering, false)}</details>`
      : ''
  }`;
}

/** The place where the script of the live page draws. */
export const liveChart: DrawChart = (view, size) =>
  html`<div class="chart size-${size}" role="img" aria-label="${view.summary}" data-chart></div>`;

export function renderGrid(view: GridView, label: string, rendering: Rendering, selectable: boolean): SafeHtml {
  const live = rendering.mode === 'live';
  const role = live && view.tree ? raw('role="treegrid"') : live && selectable ? raw('role="grid"') : raw('');
  const more =
    view.rows.filter((row) => row.source >= 0).length < view.total
      ? html`<p class="note">${view.rows.filter((row) => row.source >= 0).length} of ${view.total} rows are shown.</p>`
      : '';
  return html`${
    live && view.filter
      ? html`<input class="filter" type="search" placeholder="Search" aria-label="Search in ${label}">`
      : ''
  }<div class="scroll" ${live ? raw('tabindex="0" role="region"') : raw('')} aria-label="${label}"><table class="grid" ${role} ${live ? html`aria-label="${label}"` : ''}>
<thead><tr>${view.columns.map((column, at) => header(view, column, at, rendering))}</tr></thead>
<tbody>${view.rows.map((row) => gridRow(view, row, rendering, selectable))}</tbody></table></div>${more}`;
}

function header(view: GridView, column: GridView['columns'][number], at: number, rendering: Rendering): SafeHtml {
  const sorted = view.sorted?.column === at ? (view.sorted.descending ? 'descending' : 'ascending') : undefined;
  const size = style(rendering.mode, { 'min-width': column.width });
  const numeric = column.numeric ? 'number' : '';
  if (rendering.mode === 'file') return html`<th scope="col" class="${numeric}" ${size}>${column.label}</th>`;
  return html`<th scope="col" class="${numeric}" ${size} ${sorted ? html`aria-sort="${sorted}"` : ''}><button type="button" class="sort" data-column="${at}">${column.label}</button></th>`;
}

function gridRow(view: GridView, row: GridRow, rendering: Rendering, selectable: boolean): SafeHtml {
  const live = rendering.mode === 'live';
  const attributes = live
    ? html`${selectable && row.source >= 0 ? html` tabindex="0" data-row="${row.source}" aria-selected="false"` : ''}${
        view.tree
          ? html` data-depth="${row.depth}" aria-level="${row.depth + 1}"${row.parent ? raw(' aria-expanded="false"') : ''}`
          : ''
      }${row.closed ? raw(' hidden') : ''}`
    : '';
  return html`<tr${attributes}>${row.cells.map((cell, at) => {
    const key = row.sortKeys[at] ?? '';
    const align = cell.align === 'right' ? 'number' : '';
    const toggle =
      view.tree && at === 0
        ? html`<span class="indent" ${style(rendering.mode, { width: `${row.depth * 1.25}rem` })}></span>${
            row.parent && live
              ? raw('<button type="button" class="toggle" aria-label="Open or close"></button>')
              : raw('<span class="toggle-gap"></span>')
          }`
        : '';
    return html`<td class="${align}${live ? lengthClass(cell.text) : ''}" ${live ? html`data-key="${String(key)}" data-type="${typeof key === 'number' ? 'n' : 's'}"` : ''}>${toggle}${renderCell(cell, rendering)}</td>`;
  })}</tr>`;
}

/** Times, ids and words of a table stay on one line, and prose gets room, however many columns there are. */
function lengthClass(text: string): string {
  const limit = /\d/.test(text) ? '00000000-0000-0000-0000-000000000000'.length : '2026-11-23 08:19:12'.length;
  return text.length <= limit ? ' short' : text.length > 40 ? ' prose' : '';
}

/** A cell with its link; the text stays readable without colour and without pictures. */
export function renderCell(cell: CellView, rendering: Rendering): SafeHtml {
  const inner = cellContent(cell, rendering);
  const linked = cell.link ? renderLink(cell.link, inner, cell.text, rendering) : inner;
  return cell.tooltip ? html`<span title="${cell.tooltip}">${linked}</span>` : linked;
}

function cellContent(cell: CellView, rendering: Rendering): SafeHtml {
  const { mode } = rendering;
  switch (cell.kind) {
    case 'bar':
      return html`<span class="bar ${cell.under ? 'under' : ''}"><span class="bar-track"><span class="bar-fill" ${style(mode, { width: percent(cell.fraction), background: cell.color })}></span></span><span class="bar-text">${cell.text}</span></span>`;
    case 'heat':
    case 'color':
      return html`<span class="heat" ${style(mode, { background: cell.color, color: readableOn(cell.color) })}>${cell.text}</span>`;
    case 'icon':
      return html`<span class="icon-text">${iconHtml(cell.icon)}<span>${cell.text}</span></span>`;
    case 'spark':
      return spark(cell, mode);
    case 'big':
      return html`<span class="big">${cell.text}</span>`;
    case 'composite':
      return html`<span class="composite"><span class="composite-bar">${cell.segments.map((segment) => html`<span class="segment" title="${segment.label}" ${style(mode, { width: percent(segment.fraction), background: segment.color })}></span>`)}</span><span class="composite-text">${cell.text}</span></span>`;
    default:
      return long(cell.text);
  }
}

const LONG_TEXT = 400;

function long(text: string): SafeHtml {
  return text.length > LONG_TEXT
    ? html`<span title="${text.slice(0, 4000)}">${text.slice(0, LONG_TEXT)}…</span>`
    : html`${text}`;
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 1000) / 10}%`;
}

function spark(cell: Extract<CellView, { kind: 'spark' }>, mode: StyleMode): SafeHtml {
  const { points } = cell;
  const [width, height] = [96, 20];
  const [min, max] = [Math.min(0, ...points), Math.max(...points)];
  const y = (value: number) => (max > min ? height - 1 - ((value - min) / (max - min)) * (height - 2) : height / 2);
  const x = (at: number) => (points.length > 1 ? (at / (points.length - 1)) * width : width / 2);
  const line = points.map((value, at) => `${at === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const step = width / points.length;
  const shape =
    cell.shape === 'bars'
      ? html`${points.map((value, at) => html`<rect x="${(at * step).toFixed(1)}" y="${y(value).toFixed(1)}" width="${Math.max(1, step - 1).toFixed(1)}" height="${(height - y(value)).toFixed(1)}" fill="${cell.color}"/>`)}`
      : html`${cell.shape === 'area' ? html`<path d="${line}L${width} ${height}L0 ${height}Z" fill="${cell.color}" fill-opacity="0.25"/>` : ''}<path d="${line}" fill="none" stroke="${cell.color}" stroke-width="1.5"/>`;
  return html`<svg class="spark" viewBox="0 0 ${width} ${height}" role="img" aria-label="${cell.text}" ${style(mode, {})}>${shape}</svg>`;
}

function renderLink(link: LinkView, inner: SafeHtml, text: string, rendering: Rendering): SafeHtml {
  const label = link.label === text || link.label === '' ? inner : html`${link.label}`;
  if (link.kind === 'url' && link.href !== undefined) {
    return html`<a href="${link.href}" target="_blank" rel="noopener noreferrer">${label}</a>`;
  }
  if (rendering.mode === 'file') return label;
  if (link.kind === 'details') {
    return html`<button type="button" class="link" data-details="${(link.details ?? '').slice(0, 20_000)}">${label}</button>`;
  }
  return html`<span class="portal" title="Opens in the Azure portal (${link.target ?? ''})">${label}</span>`;
}

function renderTiles(view: TilesView, rendering: Rendering, selectable: boolean): SafeHtml {
  const more =
    view.tiles.length < view.total
      ? html`<p class="note">${view.tiles.length} of ${view.total} tiles are shown.</p>`
      : '';
  const live = rendering.mode === 'live' && selectable;
  return html`<ul class="tiles tiles-${view.size}">${view.tiles.map((tile) => {
    const content = renderTile(tile, rendering);
    const border = view.border ? 'border' : '';
    return live
      ? html`<li><div class="tile ${border} selectable" role="button" tabindex="0" aria-pressed="false" data-row="${tile.source}">${content}</div></li>`
      : html`<li><div class="tile ${border}">${content}</div></li>`;
  })}</ul>${more}`;
}

function renderTile(tile: TileView, rendering: Rendering): SafeHtml {
  const part = (name: string, cell: CellView | undefined) =>
    cell ? html`<div class="tile-${name}">${renderCell(cell, rendering)}</div>` : '';
  const middle =
    tile.left || tile.right
      ? html`<div class="tile-middle">${part('left', tile.left)}${part('right', tile.right)}</div>`
      : '';
  return html`${part('title', tile.title)}${part('subtitle', tile.subtitle)}${middle}${part('secondary', tile.secondary)}`;
}

function renderCard(view: CardView): SafeHtml {
  if (view.style === 'markdown') return html`<div class="markdown">${renderMarkdown(view.text)}</div>`;
  if (view.style === 'editor') return html`<pre class="card-editor" tabindex="0">${view.text}</pre>`;
  return html`<p class="card card-${view.style}">${view.text}</p>`;
}

function renderStat(view: StatView, rendering: Rendering): SafeHtml {
  return html`<p class="stat" ${style(rendering.mode, { 'border-color': view.color })}><span class="stat-value">${view.text}</span><span class="stat-label">${view.label}</span></p>`;
}
