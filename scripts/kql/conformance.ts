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
