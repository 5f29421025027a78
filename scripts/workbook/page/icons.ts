/** Icons of thresholds and severities, drawn as small inline pictures with a name for screen readers. */
import { html, raw, type SafeHtml } from './html.ts';

interface Icon {
  /** Path in a box of 16 by 16. */
  path: string;
  tone: 'good' | 'bad' | 'warn' | 'info' | 'muted';
  name: string;
}

const DISC = 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z';
const CHECK = `${DISC}M7 11 3.9 7.9l1.2-1.2L7 8.6l4-4 1.2 1.2z`;
const CROSS = `${DISC}M11.2 10 10 11.2 8 9.2l-2 2L4.8 10l2-2-2-2L6 4.8l2 2 2-2L11.2 6l-2 2z`;
const BANG = `${DISC}M7.2 4h1.6v5H7.2zM7.2 10.4h1.6V12H7.2z`;
const TRIANGLE = 'M8 1.2 15.4 14.5H.6zM7.2 6v4.2h1.6V6zM7.2 11.4V13h1.6v-1.6z';
const INFO = `${DISC}M7.2 7h1.6v5H7.2zM7.2 4h1.6v1.6H7.2z`;
const QUESTION = `${DISC}M5.6 6.2a2.4 2.4 0 1 1 3.2 2.3v1h-1.6V7.3h.8a.8.8 0 1 0-.8-1.1zM7.2 10.6h1.6v1.5H7.2z`;
const STOP = `${DISC}M5 5h6v6H5z`;
const BLOCKED = `${DISC}M4 7.2h8v1.6H4z`;
const UP = 'M8 2l5.5 6.5h-3.6V14H6.1V8.5H2.5z';
const DOWN = 'M8 14 2.5 7.5h3.6V2h3.8v5.5h3.6z';
const PERSON = 'M8 8a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 8 8zm0 1.4c-3.2 0-6 1.7-6 4v1h12v-1c0-2.3-2.8-4-6-4z';
const GEAR =
  'M6.8 1h2.4l.4 1.8 1.5.7 1.6-.9 1.7 1.7-.9 1.6.7 1.5 1.8.4v2.4l-1.8.4-.7 1.5.9 1.6-1.7 1.7-1.6-.9-1.5.7L9.2 15H6.8l-.4-1.8-1.5-.7-1.6.9-1.7-1.7.9-1.6-.7-1.5L1 9.2V6.8l1.8-.4.7-1.5-.9-1.6 1.7-1.7 1.6.9 1.5-.7zM8 5.5A2.5 2.5 0 1 0 8 10.5 2.5 2.5 0 0 0 8 5.5z';
const CLOCK = `${DISC}M7.2 4h1.6v3.7l2.6 1.5-.8 1.4-3.4-2z`;
const FLAG = 'M3 1.5h1.4v.8h8.8L11.4 5.5l1.8 3.2H4.4v5.8H3z';

const good = (name: string, path = CHECK): Icon => ({ path, tone: 'good', name });
const bad = (name: string, path = CROSS): Icon => ({ path, tone: 'bad', name });
const warn = (name: string, path = TRIANGLE): Icon => ({ path, tone: 'warn', name });
const info = (name: string, path = INFO): Icon => ({ path, tone: 'info', name });
const muted = (name: string, path = DISC): Icon => ({ path, tone: 'muted', name });

/** By representation in lower case. Numbers are the severities of older workbooks, 1 the gravest. */
const ICONS: Readonly<Record<string, Icon>> = {
  success: good('success'),
  available: good('available'),
  healthy: good('healthy'),
  resolved: good('resolved'),
  checkmark: good('done'),
  critical: bad('critical'),
  error: bad('error'),
  failed: bad('failed'),
  unavailable: bad('unavailable'),
  sev0: bad('severity 0', BANG),
  sev1: bad('severity 1', BANG),
  sev2: warn('severity 2', BANG),
  sev3: info('severity 3'),
  sev4: info('severity 4'),
  high: bad('high', BANG),
  medium: warn('medium', BANG),
  low: info('low'),
  informational: info('informational'),
  info: info('information'),
  1: warn('warning'),
  2: warn('warning'),
  3: warn('attention', BANG),
  4: bad('critical'),
  warning: warn('warning'),
  degraded: warn('degraded'),
  unknown: muted('unknown', QUESTION),
  question: muted('unknown', QUESTION),
  pending: info('pending', CLOCK),
  clock: info('time', CLOCK),
  stopped: muted('stopped', STOP),
  disabled: muted('disabled', BLOCKED),
  cancelled: muted('cancelled', BLOCKED),
  canceled: muted('cancelled', BLOCKED),
  blocked: bad('blocked', BLOCKED),
  up: good('up', UP),
  trendup: good('up', UP),
  down: bad('down', DOWN),
  trenddown: bad('down', DOWN),
  person: info('person', PERSON),
  user: info('person', PERSON),
  gear: muted('settings', GEAR),
  flag: warn('flag', FLAG),
  normal: good('normal'),
  more: muted('more'),
};

/** The picture of a representation; nothing for `Blank`; a neutral dot for names that have none. */
export function iconHtml(representation: string): SafeHtml {
  const key = representation
    .trim()
    .toLowerCase()
    .replace(/[\s_-]/g, '');
  if (key === '' || key === 'blank' || key === 'null' || key === 'none') return raw('');
  const icon = Object.hasOwn(ICONS, key) ? ICONS[key]! : muted(representation);
  return html`<svg class="icon tone-${icon.tone}" viewBox="0 0 16 16" role="img" aria-label="${icon.name}"><path fill-rule="evenodd" d="${icon.path}"/></svg>`;
}
