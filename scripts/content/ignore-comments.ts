/** Findings that are meant to be are silenced where they stand, with a reason; a comment that silences nothing is a finding. */
import { checkDiagnostic } from '../diagnostics/checks.ts';
import { contentDiagnostic } from '../diagnostics/content.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { hygieneDiagnostic } from '../diagnostics/hygiene.ts';
import { playbookDiagnostic } from '../diagnostics/playbook.ts';
import { scenarioDiagnostic } from '../diagnostics/scenarios.ts';
import { workbookDiagnostic } from '../diagnostics/workbook.ts';
import { closest } from './closest.ts';

interface IgnoreComment {
  file: string;
  line: number;
  column: number;
  code: string;
  reason: string;
  /** Lines whose findings it silences; undefined: the whole file. */
  lines: readonly number[] | undefined;
}

/** Every code that a finding can have. */
export function knownCodes(): string[] {
  const factories = [
    contentDiagnostic,
    checkDiagnostic,
    hygieneDiagnostic,
    scenarioDiagnostic,
    workbookDiagnostic,
    playbookDiagnostic,
  ];
  return factories.flatMap((factory) => Object.keys(factory.catalogue));
}

/**
 * Leaves out findings that a comment `# breakglass-ignore <code>: reason` (in KQL `//`, in Markdown `<!-- -->`) silences:
 * on its own line, in the next line that is no comment, or, from the head of the file, everywhere in it. Adds findings
 * for comments without a reason, with an unknown code, or without anything to silence.
 */
export function applyIgnoreComments(
  diagnostics: readonly Diagnostic[],
  texts: readonly { file: string; text: string }[],
): Diagnostic[] {
  const comments = texts.flatMap(({ file, text }) =>
    text.includes('breakglass-ignore') ? ignoreComments(file, text) : [],
  );
  if (comments.length === 0) return [...diagnostics];
  const used = new Set<IgnoreComment>();
  const kept = diagnostics.filter(({ code, place }) => {
    const matching = comments.filter(
      (comment) =>
        comment.file === place.file &&
        comment.code === code &&
        (comment.lines === undefined || (place.start !== undefined && comment.lines.includes(place.start.line))),
    );
    for (const comment of matching) used.add(comment);
    return matching.length === 0;
  });
  const codes = knownCodes();
  for (const comment of comments) {
    const place = { file: comment.file, start: { line: comment.line, column: comment.column } };
    const { code } = comment;
    if (!codes.includes(code)) {
      const suggestion = closest(code, codes);
      kept.push(
        hygieneDiagnostic('ignore-unknown', place, { code, ...(suggestion === undefined ? {} : { suggestion }) }),
      );
    } else if (comment.reason.length < 10) {
      kept.push(hygieneDiagnostic('ignore-without-reason', place, { code }));
    } else if (!used.has(comment)) {
      kept.push(hygieneDiagnostic('ignore-stale', place, { code }));
    }
  }
  return kept;
}

const comment = /(?:#|\/\/|<!--)\s*breakglass-ignore\s+([\w-]+)\s*(?::\s*(.*?))?\s*(?:-->)?\s*$/;
const onlyComment = /^\s*(?:#|\/\/|<!--)|^\s*$/;

function ignoreComments(file: string, text: string): IgnoreComment[] {
  const lines = text.split(/\r?\n/);
  const head = lines.findIndex((line) => !onlyComment.test(line));
  return lines.flatMap((line, index): IgnoreComment[] => {
    const match = comment.exec(line);
    if (match === null) return [];
    const [, code = '', reason = ''] = match;
    let next = index + 1;
    while (next < lines.length && onlyComment.test(lines[next] as string)) next++;
    const inHead = onlyComment.test(line) && (head === -1 || index < head);
    const scope = inHead ? undefined : onlyComment.test(line) ? [index + 1, next + 1] : [index + 1];
    return [{ file, line: index + 1, column: match.index + 1, code, reason, lines: scope }];
  });
}
