/** What a refused query tells: the binder's findings, or what the local engine does not answer. */
import { UserError } from '../diagnostics/errors.ts';

/** A place in the query text: zero-based offset and length, and the one-based line and column of its start. */
export interface KqlRange {
  start: number;
  length: number;
  line: number;
  column: number;
}

export interface KqlDiagnostic extends KqlRange {
  /** Kusto's code, such as `KS142`. */
  code: string;
  severity: 'error' | 'warning' | 'suggestion' | 'information' | 'hidden';
  message: string;
}

/** Line and column of an offset in a text. */
export function rangeAt(text: string, start: number, length: number): KqlRange {
  const before = text.slice(0, start);
  const line = before.split('\n').length;
  return { start, length, line, column: start - before.lastIndexOf('\n') };
}

/** A query that is refused: it does not parse or bind, or Kusto refuses it when it runs. */
export class KqlError extends UserError {
  readonly diagnostics: readonly KqlDiagnostic[];

  constructor(diagnostics: readonly KqlDiagnostic[], remedy = 'mend the query at the place named') {
    const first = diagnostics[0];
    super(first?.code ?? 'KQL', {
      what: first ? `${first.message} (line ${first.line}, column ${first.column})` : 'the query is refused',
      remedy,
    });
    this.name = 'KqlError';
    this.diagnostics = diagnostics;
  }
}

/** The code of everything that Kusto answers and the local engine does not. */
export const UNSUPPORTED = 'KQL_UNSUPPORTED';

/** Valid KQL that the local engine does not answer exactly, so it answers nothing. */
export class KqlUnsupported extends KqlError {
  /** The operator, function, aggregate or option that is not supported. */
  readonly feature: string;

  constructor(feature: string, range: KqlRange, why?: string) {
    super(
      [
        {
          ...range,
          code: UNSUPPORTED,
          severity: 'error',
          message: `the local engine does not support ${feature}${why ? `: ${why}` : ''}`,
        },
      ],
      'rewrite that part, or run the query on a workspace (`breakglass kql support` lists what the local engine answers)',
    );
    this.name = 'KqlUnsupported';
    this.feature = feature;
  }
}

/** An error that Kusto raises while a query runs, which the binder cannot see. */
export class KqlRuntimeError extends KqlError {
  constructor(message: string, range: KqlRange = { start: 0, length: 0, line: 1, column: 1 }) {
    super([{ ...range, code: 'KQL_RUNTIME', severity: 'error', message }]);
    this.name = 'KqlRuntimeError';
  }
}
