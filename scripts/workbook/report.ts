/** The evidence pack: a workbook, tab by tab, as one file that needs nothing else and prints well. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as echarts from 'echarts';
import type { Content } from '../content/model.ts';
import { UserError } from '../diagnostics/errors.ts';
import { launchChromium } from './browser.ts';
import type { WorkbookEnvironment } from './environment.ts';
import { evaluateWorkbook } from './evaluate.ts';
import { type Item, isParameterLink, type LinksItem, type WorkbookModel, walkItems } from './model.ts';
import { html, raw, type SafeHtml } from './page/html.ts';
import { renderItem } from './page/render-item.ts';
import type { DrawChart, Rendering } from './page/render-visualization.ts';
import { INITIAL_STATE } from './state.ts';
import type { ItemView } from './view/item-view.ts';
import { WORLD_MAP } from './view/map.ts';
import { worldOutlines } from './view/world.ts';

export interface ReportSubject {
  model: WorkbookModel;
  environment: WorkbookEnvironment;
  name: string;
  version: string | undefined;
  /** What the queries ran on. */
  source: string;
  values: Readonly<Record<string, unknown>>;
  content: Pick<Content, 'rules' | 'playbooks'>;
}

interface Section {
  title: string;
  views: Map<string, ItemView>;
}

/** The report as HTML: no script, no address is fetched. */
export async function workbookReport(subject: ReportSubject): Promise<string> {
  echarts.registerMap(WORLD_MAP, worldOutlines() as never);
  const sections = await evaluateTabs(subject);
  const rendering: Rendering = { mode: 'file', drawChart: svgChart };
  const made = subject.environment.now.toISOString().slice(0, 16).replace('T', ' ');
  const shared = sections[0] ? shell(subject.model.items, sections[0].views, rendering) : raw('');
  return html`<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${subject.name}: evidence of ${made} UTC</title>
<style>${raw(styles())}</style>
</head>
<body>
<header class="report-head"><h1>${subject.name}</h1>
<dl class="chosen"><div><dt>As of</dt><dd>${made} UTC</dd></div><div><dt>Data</dt><dd>${subject.source}</dd></div>${
    subject.version ? html`<div><dt>Workbook version</dt><dd>${subject.version}</dd></div>` : ''
  }</dl>${shared}
<nav aria-label="Contents"><ol>${sections.map((section, at) => html`<li><a href="#section-${at}">${section.title}</a></li>`)}<li><a href="#made-with">What watched the accounts</a></li></ol></nav></header>
<main>${sections.map((section, at) => html`<section class="report-section" id="section-${at}"><h2>${section.title}</h2>${inside(subject.model.items, section.views, rendering)}</section>`)}
<section class="report-section" id="made-with"><h2>What watched the accounts</h2>${rulesTable(subject.content)}</section></main>
</body>
</html>
`.text;
}

/** One evaluation a tab of the first row of tabs; one for the whole workbook where there are none. */
async function evaluateTabs(subject: ReportSubject): Promise<Section[]> {
  const tabs = [...walkItems(subject.model.items)].find(
    (item): item is LinksItem => item.kind === 'links' && item.layout === 'tabs' && item.links.some(isParameterLink),
  );
  const links = tabs?.links.filter(isParameterLink) ?? [];
  const sections: Section[] = [];
  const add = async (title: string, values: Record<string, unknown>): Promise<void> => {
    const views = new Map<string, ItemView>();
    const loaded = [...walkItems(subject.model.items)].filter((item) => item.kind === 'group').map((item) => item.id);
    await evaluateWorkbook(subject.model, { ...INITIAL_STATE, values, loaded }, subject.environment, (view) =>
      views.set(view.id, view),
    );
    sections.push({ title, views });
  };
  for (const link of links) await add(link.label, { ...subject.values, [link.cellValue]: link.subTarget });
  if (links.length === 0) await add(subject.name, { ...subject.values });
  return sections;
}

/** What stands above the tabs on every one of them: the title's text is the report's, the parameters are said once. */
function shell(items: readonly Item[], views: ReadonlyMap<string, ItemView>, rendering: Rendering): SafeHtml {
  return html`${items.filter((item) => item.kind === 'parameters').map((item) => draw(item, views, rendering))}`;
}

function inside(items: readonly Item[], views: ReadonlyMap<string, ItemView>, rendering: Rendering): SafeHtml {
  const shown = items.filter((item) => item.conditions.length > 0 || item.kind === 'query');
  return html`<div class="flow">${(shown.length > 0 ? shown : items).map((item) => draw(item, views, rendering))}</div>`;
}

function draw(item: Item, views: ReadonlyMap<string, ItemView>, rendering: Rendering): SafeHtml {
  const view = views.get(item.id);
  if (!view || view.status === 'hidden' || item.kind === 'links') return raw('');
  // What waits for a click has nothing to say on paper.
  if (view.status === 'waiting') return raw('');
  const below =
    item.kind === 'group' ? html`<div class="flow">${item.items.map((one) => draw(one, views, rendering))}</div>` : '';
  const width = item.width === undefined ? '' : html` style="--width:${item.width}%"`;
  return html`<section class="item kind-${item.kind}"${width}><div class="body">${renderItem(view, rendering)}</div>${below}</section>`;
}

const CHART_SIZE = { tiny: 120, small: 200, medium: 270, large: 380, full: 380 };

/** A chart as a picture in the file. */
const svgChart: DrawChart = (view, size) => {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 920, height: CHART_SIZE[size] });
  try {
    const geo =
      view.kind === 'map'
        ? { geo: { ...(view.option.geo as object), itemStyle: { areaColor: '#d5dae1', borderColor: '#fff' } } }
        : {};
    chart.setOption({ ...view.option, ...geo, animation: false });
    const svg = chart.renderToSVGString();
    return html`<div class="chart-picture" role="img" aria-label="${view.summary}">${raw(svg)}</div>`;
  } finally {
    chart.dispose();
  }
};

function rulesTable(content: ReportSubject['content']): SafeHtml {
  if (content.rules.length === 0) return html`<p>No analytics rules are in this package.</p>`;
  const rows = [...content.rules].sort((a, b) => a.value.name.localeCompare(b.value.name));
  return html`<p>Analytics rules of this package, in the versions that were current when this was made.</p><table class="grid"><thead><tr><th scope="col">Rule</th><th scope="col">Severity</th><th scope="col">Runs</th><th scope="col">Version</th></tr></thead><tbody>${rows.map(
    ({ value }) =>
      html`<tr><td>${value.name}</td><td>${value.severity}</td><td>${value.kind === 'NRT' ? 'near real time' : `every ${value.queryFrequency ?? ''}`}</td><td>${value.version}</td></tr>`,
  )}</tbody></table>`;
}

function styles(): string {
  const read = (name: string) => readFileSync(new URL(`./client/${name}`, import.meta.url), 'utf8');
  return `${read('preview.css')}\n${read('report.css')}`;
}

/** Writes the report; a name that ends in .pdf is printed through Chromium. Nothing half written is left. */
export async function writeReport(text: string, out: string): Promise<void> {
  const kind = /\.(html?|pdf)$/i.exec(out)?.[1]?.toLowerCase();
  if (kind === undefined) {
    throw new UserError('REPORT_FORMAT', {
      what: `${out} is neither .html nor .pdf`,
      remedy: 'name a file that ends in .html or .pdf',
    });
  }
  await mkdir(dirname(resolve(out)), { recursive: true });
  const temporary = `${out}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await writeFile(temporary, kind === 'pdf' ? await printed(text) : text);
    await rename(temporary, out);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function printed(text: string): Promise<Buffer> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.setContent(text, { waitUntil: 'load' });
    return await page.pdf({
      format: 'A4',
      printBackground: true,
      displayHeaderFooter: true,
      headerTemplate: '<span></span>',
      footerTemplate:
        '<div style="font-size:8px;width:100%;padding:0 12mm;color:#555;display:flex;justify-content:space-between"><span class="title"></span><span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>',
      margin: { top: '12mm', bottom: '16mm', left: '10mm', right: '10mm' },
      outline: true,
      tagged: true,
    });
  } finally {
    await browser.close();
  }
}
