/**
 * The append-only journal of every write: who, when, what was there before, what is there after. One JSON object a line;
 * a write that was cut off has a `started` line without an end.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../diagnostics/errors.ts';
import { canonical, type Json, type JsonObject } from './json.ts';
import type { Kind } from './kinds.ts';
import { redact } from './redact.ts';

export type WriteStatus = 'started' | 'succeeded' | 'failed' | 'unknown';

export interface JournalEntry {
  /** Of one run of the tool; names what `rollback --to` goes back before. */
  run: string;
  /** Of one write within the run; its lines share it. */
  write: number;
  time: string;
  who: string;
  target: string;
  key: string;
  kind: Kind;
  id: string;
  name: string;
  version: string;
  /** The version that was deployed before, where one was. */
  previousVersion?: string;
  resourceId: string;
  apiVersion: string;
  action: 'create' | 'update' | 'delete' | 'record';
  status: WriteStatus;
  /** The resource before; null where there was none. Absent in the lines that end a write. */
  before?: Json;
  after?: Json;
  /** A secret was taken out of `before`, so that it cannot be restored from here. */
  incomplete?: boolean;
  error?: string;
}

export interface Journal {
  readonly run: string;
  append(entry: Omit<JournalEntry, 'run' | 'time' | 'who' | 'target'>): void;
  close(): void;
}

export const defaultJournalFile = 'out/journal.ndjson';

/** Opens (or makes) the journal for appending. Each line is on the disk before the next request is sent. */
export function openJournal(file: string, header: { run: string; who: string; target: string }): Journal {
  let descriptor: number;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    descriptor = openSync(file, 'a', 0o600);
  } catch (error) {
    throw new UserError('journal-unwritable', {
      what: `cannot write the journal ${file}: ${(error as Error).message}`,
      remedy: 'nothing is deployed without a journal; give another file with --journal',
    });
  }
  return journalTo(
    header,
    (line) => {
      writeSync(descriptor, line);
      fsyncSync(descriptor);
    },
    () => closeSync(descriptor),
  );
}

/** A journal whose lines go to `write`. */
export function journalTo(
  header: { run: string; who: string; target: string },
  write: (line: string) => void,
  close: () => void = () => {},
): Journal {
  return {
    run: header.run,
    append: (entry) => {
      const { before, after, ...rest } = entry;
      const line: JournalEntry = {
        run: header.run,
        time: new Date().toISOString(),
        who: header.who,
        target: header.target,
        ...rest,
      };
      if (before !== undefined) {
        line.before = redact(before);
        if (canonical(line.before) !== canonical(before)) line.incomplete = true;
      }
      if (after !== undefined) line.after = redact(after);
      if (line.error !== undefined) line.error = String(redact(line.error));
      write(`${JSON.stringify(line)}\n`);
    },
    close,
  };
}

/** The lines of a journal; a last line that was cut off is left out. @throws UserError where the file cannot be read. */
export function readJournal(file: string): JournalEntry[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new UserError('journal-unreadable', {
      what: `cannot read the journal ${file}`,
      remedy: 'give the journal of the deployment with --journal FILE',
    });
  }
  const lines = text.split('\n');
  const entries: JournalEntry[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      entries.push(JSON.parse(line) as JournalEntry);
    } catch {
      if (index >= lines.length - 2) continue;
      throw new UserError('journal-damaged', {
        what: 'the line is not JSON',
        place: `${file}:${index + 1}`,
        remedy: 'restore the journal from a copy; it is only ever appended to',
      });
    }
  }
  return entries;
}

/** A resource without what the service adds to every answer, for the journal. */
export function withoutSystemData(resource: JsonObject | undefined): Json {
  if (resource === undefined) return null;
  const { systemData, ...rest } = resource;
  void systemData;
  return rest;
}
