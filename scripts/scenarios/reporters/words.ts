/** How times, durations and rows read in reports. */
import type { Row } from '../../sentinel/alert.ts';
import { textOf } from '../../sentinel/text.ts';

/** `45s`, `3m`, `1h 05m`, `2d 3h`; seconds only below two minutes. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours}h` : `${hours}h ${String(minutes % 60).padStart(2, '0')}m`;
  return hours % 24 === 0 ? `${hours / 24}d` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** `2026-11-23 08:21:00Z`, without fractions of zero. */
export function time(iso: string): string {
  return iso.replace('T', ' ').replace(/\.0+Z$/, 'Z');
}

/** A row on one line: the columns that hold something, each cut to `width` characters. */
export function rowLine(row: Row, width = 60): string {
  return Object.entries(row)
    .map(([name, value]) => [name, textOf(value)] as const)
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `${name}=${text.length > width ? `${text.slice(0, width - 1)}…` : text}`)
    .join('  ');
}

/** Breaks text at spaces; words longer than a line stay whole. */
export function wrap(text: string, width: number, indent: string): string {
  return text
    .split('\n')
    .map((paragraph) => {
      const lines: string[] = [''];
      for (const word of paragraph.split(/\s+/)) {
        const line = lines.at(-1)!;
        if (line !== '' && line.length + 1 + word.length > width - indent.length) lines.push(word);
        else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
      }
      return lines.map((line) => (line === '' ? '' : `${indent}${line}`)).join('\n');
    })
    .join('\n');
}

/** What comes from logs is printed, never obeyed: control characters (terminal sequences) become visible marks. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\u{FFFD}');
}
