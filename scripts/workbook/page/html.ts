/** HTML as text that is escaped unless it was made here. */

/** Markup made by `html`, `raw` or the markdown renderer; anything else is escaped. */
export class SafeHtml {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

type Part = SafeHtml | string | number | undefined | false | readonly Part[];

/** Template tag: every value is escaped, lists are joined, undefined and false are nothing. */
export function html(strings: TemplateStringsArray, ...values: Part[]): SafeHtml {
  let text = strings[0] ?? '';
  values.forEach((value, at) => {
    text += render(value) + (strings[at + 1] ?? '');
  });
  return new SafeHtml(text);
}

function render(value: Part): string {
  if (value === undefined || value === false) return '';
  if (value instanceof SafeHtml) return value.text;
  if (Array.isArray(value)) return value.map((one) => render(one as Part)).join('');
  return escapeHtml(String(value));
}

/** Markup that is trusted because this project wrote it. */
export function raw(text: string): SafeHtml {
  return new SafeHtml(text);
}

/**
 * Inline style of an element. The page's policy forbids style attributes, so the live page carries them as `data-style`
 * and the script sets each property; a file without script carries plain ones. Values are of ours, never of the data.
 */
export type StyleMode = 'live' | 'file';

export function style(mode: StyleMode, declarations: Record<string, string | undefined>): SafeHtml {
  const text = Object.entries(declarations)
    .filter((entry): entry is [string, string] => entry[1] !== undefined && /^[-\w#%.,() ]+$/.test(entry[1]))
    .map(([name, value]) => `${name}:${value}`)
    .join(';');
  if (text === '') return raw('');
  return raw(`${mode === 'live' ? 'data-style' : 'style'}="${escapeHtml(text)}"`);
}
