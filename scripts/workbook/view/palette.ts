/** Colour names and palettes of workbooks, as colours that keep contrast in both themes. */

const COLORS: Readonly<Record<string, string>> = {
  blue: '#2b7cd3',
  bluedark: '#0f4c8a',
  bluedarkdark: '#0a3460',
  lightblue: '#6cb8f6',
  turquoise: '#1aa5a5',
  green: '#3c9a3c',
  greendark: '#0e6b0e',
  greendarkdark: '#0a4a0a',
  lightgreen: '#8fcf8f',
  yellow: '#f2c811',
  yellowdark: '#c19c00',
  yellowgreen: '#b5c334',
  orange: '#e8842c',
  orangedark: '#b85a00',
  orangelight: '#f5b67a',
  brown: '#8a5a2b',
  red: '#d64545',
  redbright: '#e5242b',
  reddark: '#a4161a',
  lightred: '#f1a3a3',
  pink: '#d84f92',
  magenta: '#b4009e',
  purple: '#7a4fb5',
  purpledark: '#4b2c80',
  lightpurple: '#b9a0dd',
  gray: '#7a7d80',
  lightgray: '#b8bbbe',
  graydark: '#55585b',
  black: '#202122',
  white: '#ffffff',
};

/** Two or more stops, low to high. */
const PALETTES: Readonly<Record<string, readonly string[]>> = {
  greenred: ['#3c9a3c', '#f2c811', '#d64545'],
  redgreen: ['#d64545', '#f2c811', '#3c9a3c'],
  yellowred: ['#f9e07f', '#d64545'],
  yelloworangered: ['#f9e07f', '#f0964a', '#c93a3a'],
  yellowgreenblue: ['#f9e07f', '#5fb87a', '#2b7cd3'],
  yelloworangebrown: ['#f9e07f', '#e8842c', '#8a5a2b'],
  coldhot: ['#2b7cd3', '#b9d7f2', '#f2b8b8', '#d64545'],
  greenblue: ['#8fcf8f', '#2b7cd3'],
  bluegreen: ['#2b7cd3', '#3c9a3c'],
  whiteblack: ['#ffffff', '#202122'],
  rainbow: ['#7a4fb5', '#2b7cd3', '#3c9a3c', '#f2c811', '#e8842c', '#d64545'],
  orangered: ['#f5b67a', '#d64545'],
  orangeblue: ['#e8842c', '#f4ead9', '#2b7cd3'],
  purplered: ['#b9a0dd', '#d64545'],
  redblue: ['#d64545', '#eeeeee', '#2b7cd3'],
};

/** The colour of a name such as `redBright`; undefined where it is none (also for `categorical`, `auto`). */
export function namedColor(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const key = name.trim().toLowerCase();
  if (/^#[0-9a-f]{6}$/.test(key)) return key;
  return Object.hasOwn(COLORS, key) ? COLORS[key] : undefined;
}

/** The colour at a fraction (0 to 1) of a palette; a single colour grows from pale to full. */
export function paletteColor(name: string | undefined, fraction: number): string {
  const key = (name ?? 'blue').trim().toLowerCase();
  const at = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
  const stops = Object.hasOwn(PALETTES, key) ? PALETTES[key] : undefined;
  if (stops) return mixStops(stops, at);
  const base = namedColor(key) ?? COLORS.blue!;
  return mixStops([mix('#ffffff', base, 0.18), base], at);
}

function mixStops(stops: readonly string[], at: number): string {
  const position = at * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(position));
  return mix(stops[index]!, stops[index + 1]!, position - index);
}

function channels(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function mix(from: string, to: string, at: number): string {
  const [a, b] = [channels(from), channels(to)];
  const part = (index: 0 | 1 | 2) =>
    Math.round(a[index] + (b[index] - a[index]) * at)
      .toString(16)
      .padStart(2, '0');
  return `#${part(0)}${part(1)}${part(2)}`;
}

/** Black or white, whichever reads better on a colour (WCAG relative luminance). */
export function readableOn(color: string): string {
  const [r, g, b] = channels(color).map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? '#000000' : '#ffffff';
}

/** The colours of series in order, told apart by people with colour vision deficiencies as well. */
export const SERIES_COLORS: readonly string[] = [
  '#2b7cd3',
  '#e8842c',
  '#1aa5a5',
  '#b4009e',
  '#7a8c00',
  '#7a4fb5',
  '#d64545',
  '#0f4c8a',
  '#8a5a2b',
  '#5b6770',
];
