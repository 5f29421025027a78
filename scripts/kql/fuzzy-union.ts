/** `union isfuzzy=true`: a leg whose table does not exist is no part of the query, its columns included. */
import type { Catalog } from './catalog.ts';
import { bodyAsQuery } from './function-body.ts';
import { analyze } from './language-service.ts';
import { walk } from './references.ts';
import type { Analysis, SyntaxNode } from './syntax.ts';

/** The binder's warning for such a table (Kusto.Language, DiagnosticFacts.GetFuzzyEntityNotDefined). */
const MISSING = 'KS205';

/**
 * The query with every missing leg written over by spaces, so that all other places stay where they are; undefined where
 * nothing is missing, or where a union would be left without a leg.
 */
export function withoutMissingLegs(analysis: Analysis): string | undefined {
  const missing = analysis.diagnostics.filter((finding) => finding.code === MISSING);
  if (missing.length === 0) return undefined;
  let text = analysis.text;
  const blank = (start: number, end: number): void => {
    text = text.slice(0, start) + text.slice(start, end).replace(/[^\r\n]/g, ' ') + text.slice(end);
  };
  for (const node of walk(analysis.root)) {
    if (node.kind !== 'UnionOperator') continue;
    const legs = node.items('Expressions');
    const isMissing = (leg: SyntaxNode): boolean =>
      missing.some((finding) => finding.start >= leg.start && finding.start + finding.length <= leg.end);
    const kept = legs.filter((leg) => !isMissing(leg));
    if (kept.length === 0 || kept.length === legs.length) continue;
    for (const [i, leg] of legs.entries()) {
      if (!isMissing(leg)) continue;
      // With the leg goes the comma before it, or the one behind it where no leg before it stays.
      const stays = legs.slice(0, i).some((other) => !isMissing(other));
      const before = legs[i - 1];
      const after = legs[i + 1];
      if (stays && before) blank(before.end, leg.end);
      else if (after) blank(leg.start, after.start);
    }
  }
  return text === analysis.text ? undefined : text;
}

/**
 * The catalogue with the bodies of its functions written as the binder has to see them where tables are missing.
 * @param tables names of the missing tables
 */
export function functionsWithoutMissingLegs(catalog: Catalog, tables: readonly string[]): Catalog {
  const functions = catalog.functions.map((stored) => {
    if (!tables.some((table) => stored.body.includes(table))) return stored;
    const { text, offset } = bodyAsQuery(stored);
    const present = withoutMissingLegs(analyze(text, catalog));
    // What is missing is written over by spaces, so the body is as long as before.
    return present === undefined ? stored : { ...stored, body: present.slice(offset, offset + stored.body.length) };
  });
  return { ...catalog, functions };
}
