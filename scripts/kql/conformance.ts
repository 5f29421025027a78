/** Files of queries and their answers, one JSON object a line: how engines are compared. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../diagnostics/errors.ts';
import type { Column, QueryEngine, Value } from '../engines/query-engine.ts';

export interface Case {
  id: string;
  query: string;
}

export type Answer =
  | { id: string; columns: readonly Column[]; rows: Value[][] }
  | { id: string; error: { code: string; message: string } };

/** @throws UserError with the line that is not a case */
export async function readCases(file: string): Promise<Case[]> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new UserError('CASES_NOT_FOUND', {
      what: cause.message,
      place: file,
      remedy: 'name an NDJSON file of cases',
    });
  });
  return text.split('\n').flatMap((line, i) => {
    if (!line.trim()) return [];
    try {
      const { id, query } = JSON.parse(line) as Partial<Case>;
      if (typeof id === 'string' && typeof query === 'string') return [{ id, query }];
    } catch {
      // Told below.
    }
    throw new UserError('CASES_SYNTAX', {
      what: 'this is not a case',
      place: `${file}:${i + 1}`,
      remedy: 'put {"id": "...", "query": "..."} on each line',
    });
  });
}

/** The answer of one case; whatever goes wrong is an answer with `error`. */
export async function answerCase(
  engine: QueryEngine,
  { id, query }: Case,
  options: { now?: Date; timeout: number },
): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(options.timeout);
    const { columns, rows } = await engine.query(query, { ...(options.now && { now: options.now }), signal });
    return { id, columns, rows };
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    return { id, error: { code: typeof code === 'string' ? code : 'INTERNAL', message: String(message ?? error) } };
  }
}

export interface Difference {
  id: string;
  query: string;
  what: string;
}

/** The cases whose answers differ in columns, types, values or refusal; rows are compared as a bag. */
export async function compareEngines(
  local: QueryEngine,
  other: QueryEngine,
  cases: readonly Case[],
  options: { now?: Date; timeout: number },
): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const testCase of cases) {
    const [ours, theirs] = await Promise.all([
      answerCase(local, testCase, options),
      answerCase(other, testCase, options),
    ]);
    const what = difference(ours, theirs);
    if (what) differences.push({ ...testCase, what });
  }
  return differences;
}

/** How two answers differ, local first; undefined where they agree. Two refusals agree. */
export function difference(ours: Answer, theirs: Answer): string | undefined {
  if ('error' in ours) {
    return 'error' in theirs
      ? undefined
      : `local refuses (${ours.error.code}: ${ours.error.message}), the other answers`;
  }
  if ('error' in theirs) return `local answers, the other refuses (${theirs.error.code}: ${theirs.error.message})`;
  const columns = (answer: { columns: readonly Column[] }) =>
    answer.columns.map((c) => `${c.name}:${c.type}`).join(', ');
  if (columns(ours) !== columns(theirs)) return `columns: local ${columns(ours)}; the other ${columns(theirs)}`;
  const rows = (answer: { rows: Value[][] }) =>
    answer.rows.map((row) => JSON.stringify(row.map(comparableValue))).sort();
  const [a, b] = [rows(ours), rows(theirs)];
  if (a.length !== b.length) return `rows: local ${a.length}; the other ${b.length}`;
  const at = a.findIndex((row, i) => row !== b[i]);
  return at < 0 ? undefined : `row: local ${a[at]}; the other ${b[at]}`;
}

/** Reals to ten digits, since the last ones depend on the order of a sum; keys of a bag in order. */
function comparableValue(value: Value): Value {
  if (typeof value === 'number') return Number(value.toPrecision(10));
  if (Array.isArray(value)) return value.map(comparableValue);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, comparableValue(value[key] ?? null)]),
  );
}
