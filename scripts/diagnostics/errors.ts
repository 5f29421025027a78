/** The process exit codes, the same for every command. */
export const ExitCode = {
  ok: 0,
  /** Findings, a scenario not as expected, a failed write. */
  failed: 1,
  /** Wrong command line or unreadable input. */
  usage: 2,
  /** `plan` and `drift`: something differs. */
  changes: 10,
  /** A defect of the tool itself. */
  defect: 70,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * A mistake that the user can mend: told in three parts, without a stack trace. Everything else that is thrown is a
 * defect of the tool.
 */
export class UserError extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly exitCode: ExitCode;
  /** `file`, `file:line` or `file:line:column` where that is known. */
  readonly place: string | undefined;

  constructor(
    code: string,
    options: { what: string; remedy: string; place?: string; exitCode?: ExitCode; cause?: unknown },
  ) {
    super(options.what, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'UserError';
    this.code = code;
    this.remedy = options.remedy;
    this.place = options.place;
    this.exitCode = options.exitCode ?? ExitCode.usage;
  }

  /** The text for a terminal: where, what happened, what to do. */
  report(): string {
    return `${this.place ? `${this.place}: ` : ''}${this.message} (${this.code})\n  remedy: ${this.remedy}`;
  }

  /** The form for machines. */
  toJSON(): { code: string; message: string; remedy: string; place?: string } {
    return {
      code: this.code,
      message: this.message,
      remedy: this.remedy,
      ...(this.place === undefined ? {} : { place: this.place }),
    };
  }
}

export function isUserError(error: unknown): error is UserError {
  return error instanceof UserError;
}
