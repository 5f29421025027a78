/** The markup of items. */
import type { Choice } from '../parameter-value.ts';
import type { ParameterView } from '../parameters.ts';
import type { ItemBody, ItemView, LinkItemView, MessageTone } from '../view/item-view.ts';
import { html, raw, type SafeHtml } from './html.ts';
import { iconHtml } from './icons.ts';
import { renderMarkdown } from './markdown.ts';
import { type Rendering, renderVisualization } from './render-visualization.ts';

/** What stands inside an item's place. */
export function renderItem(view: ItemView, rendering: Rendering): SafeHtml {
  const notes =
    view.notes.length > 0 ? html`<ul class="notes">${view.notes.map((note) => html`<li>${note}</li>`)}</ul>` : '';
  return html`${view.body ? renderBody(view, view.body, rendering) : ''}${notes}`;
}

function renderBody(view: ItemView, body: ItemBody, rendering: Rendering): SafeHtml {
  switch (body.kind) {
    case 'text': {
      const look = callout(body.look);
      const content = html`<div class="markdown">${renderMarkdown(body.markdown)}</div>`;
      return look
        ? html`<div class="callout ${look}">${iconHtml(CALLOUT_ICON[look] ?? 'info')}${content}</div>`
        : content;
    }
    case 'message':
      return html`${title(body.title)}${message(body.tone, body.text)}`;
    case 'parameters':
      return html`${title(body.title)}${renderParameters(body, view.id, rendering)}`;
    case 'links':
      return renderLinks(body, rendering);
    case 'group':
      return html`${body.title ? html`<h2 class="group-title">${body.title}</h2>` : ''}${
        body.button ? html`<button type="button" class="primary" data-load="${view.id}">${body.button}</button>` : ''
      }`;
    case 'query': {
      const label = body.title || view.name || 'Results';
      const live = rendering.mode === 'live';
      return html`<div class="item-head">${title(body.title)}${
        live
          ? html`<div class="tools">${body.brush ? html`<button type="button" class="tool" data-brush-reset="${body.brush}">Whole range</button>` : ''}<button type="button" class="tool" data-export="${view.id}" aria-label="Download ${label} as CSV">CSV</button></div>`
          : ''
      }</div>${renderVisualization(body, label, rendering)}`;
    }
  }
}

function title(text: string): SafeHtml {
  return text ? html`<h3 class="item-title">${text}</h3>` : raw('');
}

type Callout = 'info' | 'warning' | 'error' | 'success' | 'upsell';
const CALLOUT_ICON: Record<Callout, string> = {
  info: 'info',
  warning: 'warning',
  error: 'error',
  success: 'success',
  upsell: 'flag',
};

function callout(look: string): Callout | undefined {
  const known = Object.keys(CALLOUT_ICON) as Callout[];
  return known.find((one) => one === look.trim().toLowerCase());
}

const TONE_ICON: Record<MessageTone, string> = {
  info: 'info',
  success: 'success',
  warning: 'warning',
  error: 'error',
  waiting: 'pending',
  unavailable: 'disabled',
  empty: 'info',
};

export function message(tone: MessageTone, text: string): SafeHtml {
  return html`<div class="message ${tone}">${iconHtml(TONE_ICON[tone])}<p>${text}</p></div>`;
}

function renderParameters(body: Extract<ItemBody, { kind: 'parameters' }>, id: string, rendering: Rendering): SafeHtml {
  const shown = body.parameters.filter((parameter) => !parameter.hidden);
  if (shown.length === 0) return raw('');
  if (rendering.mode === 'file') {
    return html`<dl class="chosen">${shown.map((one) => html`<div><dt>${one.label}</dt><dd>${chosenLabels(one)}</dd></div>`)}</dl>`;
  }
  return html`<form class="parameters look-${body.presentation}">${shown.map((one, at) => renderParameter(one, `parameter-${id}-${at}`))}</form>`;
}

function chosenLabels(parameter: ParameterView): string {
  const label = (value: string) => parameter.choices.find((choice) => choice.value === value)?.label ?? value;
  return parameter.chosen.map(label).join(', ') || 'none';
}

function renderParameter(parameter: ParameterView, id: string): SafeHtml {
  const hint = parameter.message ? html`<span class="hint" id="${id}-hint">${parameter.message}</span>` : '';
  const described = parameter.message ? html`aria-describedby="${id}-hint"` : '';
  const label = html`${parameter.label}${parameter.required ? html`<span class="required" aria-hidden="true">*</span>` : ''}`;
  const about = parameter.description ? html`title="${parameter.description}"` : '';
  const common = html`id="${id}" data-parameter="${parameter.name}" ${described} ${parameter.required ? raw('aria-required="true"') : ''}`;
  switch (parameter.control) {
    case 'multiline':
      return html`<div class="parameter" ${about}><label for="${id}">${label}</label><textarea rows="3" ${common}>${parameter.chosen[0] ?? ''}</textarea>${hint}</div>`;
    case 'text':
    case 'password':
      return html`<div class="parameter" ${about}><label for="${id}">${label}</label><input type="${parameter.control}" autocomplete="off" ${common} value="${parameter.chosen[0] ?? ''}">${hint}</div>`;
    case 'values':
      return html`<div class="parameter" ${about}><label for="${id}">${label}</label><input type="text" autocomplete="off" placeholder="values, separated by commas" ${common} data-list value="${parameter.chosen.join(', ')}">${hint}</div>`;
    case 'multiselect':
      return multiSelect(parameter, id, label, about, hint);
    case 'options':
      return html`<fieldset class="parameter options" ${about}><legend>${label}</legend>${parameter.choices.map(
        (choice, at) =>
          html`<label><input type="radio" name="${id}" id="${id}-${at}" data-parameter="${parameter.name}" value="${choice.value}" ${checked(parameter, choice.value)}>${choice.label}</label>`,
      )}${hint}</fieldset>`;
    case 'time':
      return timePicker(parameter, id, label, about, common, hint);
    default:
      return html`<div class="parameter" ${about}><label for="${id}">${label}</label><select ${common}>${
        parameter.required && parameter.chosen.length > 0
          ? ''
          : html`<option value="">${parameter.required ? 'choose' : 'none'}</option>`
      }${options(parameter)}</select>${hint}</div>`;
  }
}

function checked(parameter: ParameterView, value: string): SafeHtml {
  return parameter.chosen.includes(value) ? raw('checked') : raw('');
}

function options(parameter: ParameterView): SafeHtml {
  const known = new Set(parameter.choices.map((choice) => choice.value));
  const custom = parameter.chosen.filter((one) => !known.has(one)).map((value): Choice => ({ value, label: value }));
  const choices = [...parameter.choices, ...custom];
  const groups = [...new Set(choices.map((choice) => choice.group ?? ''))];
  const draw = (group: string) =>
    html`${choices
      .filter((choice) => (choice.group ?? '') === group)
      .map(
        (choice) =>
          html`<option value="${choice.value}" ${parameter.chosen.includes(choice.value) ? raw('selected') : ''}>${choice.label}</option>`,
      )}`;
  return html`${groups.map((group) => (group === '' ? draw(group) : html`<optgroup label="${group}">${draw(group)}</optgroup>`))}`;
}

function multiSelect(
  parameter: ParameterView,
  id: string,
  label: SafeHtml,
  about: SafeHtml | string,
  hint: SafeHtml | string,
): SafeHtml {
  const names = chosenLabels(parameter);
  const text = parameter.chosen.length > 2 ? `${parameter.chosen.length} selected` : names;
  return html`<div class="parameter" ${about}><span class="label" id="${id}-label">${label}</span><details class="multi"><summary id="${id}" aria-label="${parameter.label}: ${text}">${text}</summary><fieldset class="choices" aria-labelledby="${id}-label">${parameter.choices.map(
    (choice, at) =>
      html`<label><input type="checkbox" id="${id}-${at}" data-parameter="${parameter.name}" value="${choice.value}" ${checked(parameter, choice.value)}>${choice.label}</label>`,
  )}${parameter.choices.length === 0 ? raw('<p class="hint">No values in this data.</p>') : ''}</fieldset></details>${hint}</div>`;
}

function timePicker(
  parameter: ParameterView,
  id: string,
  label: SafeHtml,
  about: SafeHtml | string,
  common: SafeHtml,
  hint: SafeHtml | string,
): SafeHtml {
  const chosen = parameter.chosen[0] ?? '';
  const absolute = chosen.includes('/') ? chosen.split('/') : undefined;
  const input = (part: 'from' | 'to', value: string | undefined) =>
    html`<label class="absolute">${part === 'from' ? 'From' : 'To'} (UTC)<input type="datetime-local" data-time="${parameter.name}" data-part="${part}" value="${value?.slice(0, 16) ?? ''}"></label>`;
  return html`<div class="parameter time" ${about}><label for="${id}">${label}</label><select ${common}>${options({ ...parameter, chosen: absolute ? [] : parameter.chosen })}${
    parameter.allowCustom ? html`<option value="custom" ${absolute ? raw('selected') : ''}>Custom</option>` : ''
  }</select>${absolute ? html`${input('from', absolute[0])}${input('to', absolute[1])}` : ''}${hint}</div>`;
}

function renderLinks(body: Extract<ItemBody, { kind: 'links' }>, rendering: Rendering): SafeHtml {
  if (rendering.mode === 'file') return raw('');
  const head = title(body.title);
  if (body.layout === 'tabs') {
    const anyCurrent = body.links.some((link) => link.parameter?.current);
    return html`${head}<div class="tabs" role="tablist" aria-label="${body.title || 'Tabs'}">${body.links.map((link, at) => tab(link, anyCurrent ? (link.parameter?.current ?? false) : at === 0))}</div>`;
  }
  const drawn = body.links.map(
    (link) => html`<span class="link-part">${link.before}${renderLink(link)}${link.after}</span>`,
  );
  if (body.layout === 'paragraph') return html`${head}<p class="links">${drawn.map((link) => html`${link} `)}</p>`;
  if (body.layout === 'nav' || body.layout === 'toolbar')
    return html`${head}<nav class="links ${body.layout}" aria-label="${body.title || 'Links'}">${drawn}</nav>`;
  return html`${head}<ul class="links ${body.layout}">${drawn.map((link) => html`<li>${link}</li>`)}</ul>`;
}

function tab(link: LinkItemView, current: boolean): SafeHtml {
  if (!link.parameter) {
    return html`<span role="tab" class="tab" aria-selected="false" tabindex="-1" title="${link.href ?? link.portal ?? ''}">${link.label}</span>`;
  }
  return html`<button type="button" role="tab" class="tab" aria-selected="${String(current)}" tabindex="${current ? 0 : -1}" data-set="${link.parameter.name}" data-value="${link.parameter.value}">${link.label}</button>`;
}

function renderLink(link: LinkItemView): SafeHtml {
  if (link.parameter) {
    const look = link.look === 'primary' || link.look === 'secondary' ? link.look : 'link';
    return html`<button type="button" class="${look}" data-set="${link.parameter.name}" data-value="${link.parameter.value}">${link.label}</button>`;
  }
  if (link.href) return html`<a href="${link.href}" target="_blank" rel="noopener noreferrer">${link.label}</a>`;
  return html`<span class="portal" title="Opens in the Azure portal (${link.portal ?? ''})">${link.label}</span>`;
}
