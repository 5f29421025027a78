/**
 * The script of the preview page: sends what the user did, puts what comes back into the page, draws charts. It makes
 * no markup of its own out of data; what the server sends is escaped there, and markdown is sanitised here once more.
 */
import DOMPurify from '/assets/purify.mjs';
import { filterTable, openShownParents, sortTable, toggleRow } from '/assets/tables.mjs';
import { withTheme } from '/assets/theme.mjs';

const root = document.documentElement;
const page = document.getElementById('workbook');
const stateKey = `preview:${document.body.dataset.workbook}`;
const state = readState();
/** By item: hash of what is shown, its charts, its rows that can be exported. */
const shown = new Map();
let running;
let echartsModule;

function readState() {
  const initial = JSON.parse(document.body.dataset.state);
  if (document.body.dataset.fixed !== undefined) return initial;
  try {
    return { ...initial, ...JSON.parse(sessionStorage.getItem(stateKey) ?? '{}') };
  } catch {
    return initial;
  }
}

async function refresh() {
  running?.abort();
  const own = new AbortController();
  running = own;
  root.dataset.state = 'loading';
  sessionStorage.setItem(stateKey, JSON.stringify(state));
  const received = new Set();
  const busy = setTimeout(() => {
    for (const section of page.querySelectorAll('.item')) {
      if (!section.hidden && !received.has(section.dataset.item)) section.setAttribute('aria-busy', 'true');
    }
  }, 150);
  try {
    const response = await fetch('/render', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(state),
      signal: own.signal,
    });
    if (!response.ok || !response.body) throw new Error(`the preview answered ${response.status}`);
    const drawing = [];
    for await (const line of lines(response.body)) {
      const message = JSON.parse(line);
      if (message.type === 'item') {
        received.add(message.id);
        drawing.push(apply(message));
      } else if (message.type === 'data') {
        document.getElementById('source').textContent = message.source;
        document.body.dataset.now = message.now;
      } else if (message.type === 'failure') announce(message.text, true);
    }
    await Promise.all(drawing);
    root.dataset.renders = String(Number(root.dataset.renders ?? 0) + 1);
    root.dataset.state = 'ready';
  } catch (error) {
    if (own.signal.aborted) return;
    announce(`The preview cannot be reached: ${error.message}. Is the command still running?`, true);
    root.dataset.state = 'failed';
  } finally {
    clearTimeout(busy);
    if (!own.signal.aborted)
      for (const section of page.querySelectorAll('[aria-busy]')) section.removeAttribute('aria-busy');
  }
}

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    rest += value;
    const parts = rest.split('\n');
    rest = parts.pop();
    for (const part of parts) if (part) yield part;
  }
  if (rest) yield rest;
}

async function apply(message) {
  const section = document.getElementById(`item-${message.id}`);
  if (!section) return;
  section.removeAttribute('aria-busy');
  // A bar of hidden parameters takes no room; a group without a title still holds its items.
  section.hidden = message.status === 'hidden' || (message.html === '' && !section.classList.contains('kind-group'));
  section.dataset.status = message.status;
  const before = shown.get(message.id);
  if (before?.hash === message.hash) return;
  for (const chart of before?.charts ?? []) {
    places.unobserve(chart.getDom());
    chart.dispose();
  }
  const entry = {
    hash: message.hash,
    charts: [],
    rows: message.rows,
    multiple: message.multiple,
    message,
  };
  shown.set(message.id, entry);
  const body = section.querySelector(':scope > .body');
  const focus = focusKey(body);
  const template = document.createElement('template');
  template.innerHTML = message.html;
  for (const element of template.content.querySelectorAll('.markdown')) {
    element.innerHTML = DOMPurify.sanitize(element.innerHTML, {
      ALLOWED_ATTR: ['href', 'target', 'rel', 'class', 'start'],
      ALLOW_DATA_ATTR: false,
    });
  }
  for (const element of template.content.querySelectorAll('[data-style]')) applyStyle(element);
  const openDetails = body.querySelector('details.multi[open] summary')?.id;
  body.replaceChildren(template.content);
  if (openDetails) document.getElementById(openDetails)?.parentElement?.setAttribute('open', '');
  if (focus) body.querySelector(focus)?.focus({ preventScroll: true });
  openShownParents(body);
  markSelected(message.id);
  if (message.option) {
    try {
      await draw(section, entry, message);
    } catch (error) {
      section.dataset.failed = error.message;
    }
  }
}

function applyStyle(element) {
  for (const part of element.dataset.style.split(';')) {
    const at = part.indexOf(':');
    if (at > 0) element.style.setProperty(part.slice(0, at), part.slice(at + 1));
  }
}

function focusKey(body) {
  const active = document.activeElement;
  if (!active || !body.contains(active)) return undefined;
  if (active.id) return `#${CSS.escape(active.id)}`;
  for (const name of ['data-set', 'data-row', 'data-time', 'data-column']) {
    const value = active.getAttribute(name);
    if (value === null) continue;
    const more =
      name === 'data-set'
        ? `[data-value="${CSS.escape(active.dataset.value)}"]`
        : name === 'data-time'
          ? `[data-part="${active.dataset.part}"]`
          : '';
    return `[${name}="${CSS.escape(value)}"]${more}`;
  }
  return undefined;
}

/* Charts */

function echarts() {
  echartsModule ??= import('/assets/echarts.mjs');
  return echartsModule;
}

let worldReady;
async function world(library) {
  worldReady ??= fetch('/assets/world.json')
    .then((response) => response.json())
    .then((outlines) => library.registerMap('world', outlines));
  return worldReady;
}

async function draw(section, entry, message) {
  const target = section.querySelector('[data-chart]');
  if (!target) return;
  const library = await echarts();
  if (message.option.geo) await world(library);
  if (shown.get(message.id) !== entry) return;
  const chart = library.init(target, null, { renderer: 'canvas' });
  entry.charts.push(chart);
  chartsByPlace.set(target, chart);
  places.observe(target);
  chart.setOption(withTheme(message.option));
  if (message.exportable) {
    chart.on('click', (event) => chartClicked(message.id, message, event));
  }
  if (message.brush && message.time) {
    chart.dispatchAction({
      type: 'takeGlobalCursor',
      key: 'brush',
      brushOption: { brushType: 'lineX', brushMode: 'single' },
    });
    chart.on('brushEnd', (event) => {
      const range = event.areas[0]?.coordRange;
      if (!range) return;
      const [start, end] = range.map((time) => new Date(time).toISOString());
      state.brushes[message.brush] = { start, end };
      refresh();
    });
  }
}

function chartClicked(id, message, event) {
  const value = Array.isArray(event.value) ? event.value : [event.name, event.value];
  const x = message.time ? new Date(value[0]).toISOString() : event.name;
  const selection = {
    x,
    y: value[1] ?? value[0],
    series: event.seriesName ?? event.name,
    label: message.shape === 'pie' ? event.name : (event.seriesName ?? event.name),
  };
  choose(id, selection, message.multiple);
}

/** Each chart follows its own place: the page grows with every item that comes, and to draw all of them then is slow. */
const places = new ResizeObserver((changes) => {
  for (const { target } of changes) {
    const chart = chartsByPlace.get(target);
    if (chart && (chart.getWidth() !== target.clientWidth || chart.getHeight() !== target.clientHeight)) chart.resize();
  }
});
const chartsByPlace = new WeakMap();

function redrawAll() {
  for (const entry of shown.values())
    for (const chart of entry.charts) chart.setOption(withTheme(entry.message.option), true);
}

/* Selection of rows and tiles */

/** What was clicked; before any click the rows that were named when the page was opened. */
function selectedRows(id) {
  if (Object.hasOwn(state.selections, id)) return state.selections[id];
  const { rows = [], multiple, keeps = [] } = shown.get(id)?.message ?? {};
  const given = keeps.filter(({ parameter, field }) => field !== '' && Object.hasOwn(state.values, parameter));
  if (given.length === 0) return [];
  const named = rows.filter((row) =>
    given.every(({ parameter, field }) => [state.values[parameter]].flat().map(String).includes(String(row[field]))),
  );
  return multiple ? named : named.slice(0, 1);
}

function markSelected(id) {
  const section = document.getElementById(`item-${id}`);
  const entry = shown.get(id);
  if (!section || !entry?.rows) return;
  const keys = new Set(selectedRows(id).map((row) => JSON.stringify(row)));
  for (const element of section.querySelectorAll('[data-row]')) {
    const on = keys.has(JSON.stringify(entry.rows[Number(element.dataset.row)]));
    element.setAttribute(element.getAttribute('role') === 'button' ? 'aria-pressed' : 'aria-selected', String(on));
  }
}

/** Selects a row or chart element, or takes it back; `add` keeps what is selected already. */
function choose(id, row, add) {
  const { sets = [], keeps = [] } = shown.get(id)?.message ?? {};
  setGlobals(sets, row);
  const key = JSON.stringify(row);
  const before = selectedRows(id);
  const rest = before.filter((one) => JSON.stringify(one) !== key);
  if (rest.length < before.length) state.selections[id] = rest;
  else if (keeps.length > 0) state.selections[id] = add ? [...before, row] : [row];
  markSelected(id);
  refresh();
}

/** Exports into global parameters, such as a tile that opens a tab. */
function setGlobals(sets, row) {
  for (const { parameter, field } of sets) {
    const value = field === '' ? row : row[field];
    state.values[parameter] = typeof value === 'object' ? JSON.stringify(value) : String(value ?? '');
  }
}

function selectRow(element, event) {
  const id = element.closest('.item').dataset.item;
  const entry = shown.get(id);
  const row = entry?.rows?.[Number(element.dataset.row)];
  if (!row) return;
  const add =
    entry.multiple &&
    (event.ctrlKey || event.metaKey || event.type === 'keydown' || element.getAttribute('role') === 'button');
  choose(id, row, add);
}

/* Events */

page.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  const set = target.closest('[data-set]');
  if (set) {
    state.values[set.dataset.set] = set.dataset.value;
    refresh();
    return;
  }
  const load = target.closest('[data-load]');
  if (load) {
    state.loaded.push(load.dataset.load);
    refresh();
    return;
  }
  const reset = target.closest('[data-brush-reset]');
  if (reset) {
    delete state.brushes[reset.dataset.brushReset];
    refresh();
    return;
  }
  const details = target.closest('[data-details]');
  if (details) return showDetails(details.dataset.details);
  const download = target.closest('[data-export]');
  if (download) return downloadCsv(download.dataset.export);
  const sort = target.closest('.sort');
  if (sort) return sortTable(sort);
  const toggle = target.closest('.toggle');
  if (toggle) return toggleRow(toggle.closest('tr'));
  const row = target.closest('[data-row]');
  if (row && !target.closest('a')) selectRow(row, event);
});

page.addEventListener('keydown', (event) => {
  const target = event.target;
  if (target.matches('[data-row]') && (event.key === 'Enter' || event.key === ' ')) {
    event.preventDefault();
    selectRow(target, event);
  } else if (target.matches('tr[aria-expanded]') && (event.key === 'ArrowRight' || event.key === 'ArrowLeft')) {
    if ((event.key === 'ArrowRight') !== (target.getAttribute('aria-expanded') === 'true')) toggleRow(target);
  } else if (target.matches('[role=tab]')) moveTab(event);
});

function moveTab(event) {
  const tabs = [...event.target.closest('[role=tablist]').querySelectorAll('button[role=tab]')];
  const at = tabs.indexOf(event.target);
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  const tab = tabs[(next + tabs.length) % tabs.length];
  tab.focus();
  tab.click();
}

page.addEventListener('change', (event) => {
  const control = event.target;
  if (control.dataset.parameter) parameterChanged(control);
  else if (control.dataset.time) absoluteTimeChanged(control);
});
page.addEventListener('submit', (event) => event.preventDefault());
page.addEventListener('input', (event) => {
  if (event.target.matches('.filter')) filterTable(event.target);
});

function parameterChanged(control) {
  const name = control.dataset.parameter;
  if (control.type === 'checkbox') {
    const boxes = [...control.closest('fieldset').querySelectorAll('input')];
    if (control.value === 'value::all') state.values[name] = control.checked ? ['value::all'] : [];
    else state.values[name] = boxes.filter((box) => box.checked && box.value !== 'value::all').map((box) => box.value);
  } else if (control.dataset.list !== undefined) {
    state.values[name] = control.value
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
  } else if (control.value === 'custom' && control.closest('.time')) {
    const end = new Date(Number(document.body.dataset.now));
    state.values[name] = `${new Date(end - 86400000).toISOString()}/${end.toISOString()}`;
  } else state.values[name] = control.value === '' && control.tagName === 'SELECT' ? [] : control.value;
  refresh();
}

function absoluteTimeChanged(control) {
  const box = control.closest('.time');
  const read = (part) => box.querySelector(`[data-part=${part}]`).value;
  const [from, to] = [read('from'), read('to')];
  if (!from || !to) return;
  const [start, end] = [new Date(`${from}Z`), new Date(`${to}Z`)];
  control.setCustomValidity(start < end ? '' : 'The start has to be before the end.');
  if (!control.reportValidity()) return;
  state.values[control.dataset.time] = `${start.toISOString()}/${end.toISOString()}`;
  refresh();
}

/* Details, download, theme, reload */

const dialog = document.getElementById('details');
function showDetails(text) {
  dialog.querySelector('pre').textContent = text;
  dialog.showModal();
}
dialog.addEventListener('click', (event) => {
  if (event.target === dialog || event.target.matches('[data-close]')) dialog.close();
});

async function downloadCsv(id) {
  const response = await fetch(`/export?item=${encodeURIComponent(id)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(state),
  });
  if (!response.ok) return announce('This item has nothing to download.', true);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = response.headers.get('x-file-name') ?? 'rows.csv';
  link.click();
  URL.revokeObjectURL(link.href);
  announce(`Downloaded ${link.download}.`);
}

function announce(text, isError = false) {
  const box = document.getElementById('announcement');
  box.textContent = text;
  box.classList.toggle('error', isError);
}

const themeButton = document.getElementById('theme');
const dark = matchMedia('(prefers-color-scheme: dark)');
function setTheme(name) {
  root.dataset.theme = name;
  themeButton.setAttribute('aria-pressed', String(name === 'dark'));
  redrawAll();
}
themeButton.addEventListener('click', () => {
  const next = root.dataset.theme === 'dark' ? 'light' : 'dark';
  localStorage.setItem('theme', next);
  setTheme(next);
});
dark.addEventListener('change', () => setTheme(dark.matches ? 'dark' : 'light'));
setTheme(localStorage.getItem('theme') ?? (dark.matches ? 'dark' : 'light'));

document.getElementById('reset').addEventListener('click', () => {
  sessionStorage.removeItem(stateKey);
  location.reload();
});

for (const element of page.querySelectorAll('[data-style]')) applyStyle(element);
new EventSource('/events').addEventListener('reload', () => location.reload());
refresh();
// The library of charts is large: it is read while the queries run.
if (page.querySelector('.kind-query')) requestIdleCallback(() => echarts().catch(() => undefined));
