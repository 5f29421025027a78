/** From KQL to one SQL statement. */
import type { Catalog } from './catalog.ts';
import { type KqlDiagnostic, KqlError, rangeAt } from './errors.ts';
import { withoutMissingLegs } from './fuzzy-union.ts';
import { analyze } from './language-service.ts';
import { once } from './lowering/calls.ts';
import { relationOf } from './lowering/pipeline.ts';
import { orderBy, type Relation } from './lowering/relation.ts';
import { Environment } from './lowering/scope.ts';
import { runStatements } from './lowering/statements.ts';
import { type TranslatedQuery, Translation } from './lowering/translation.ts';
import { walk } from './references.ts';
import type { Analysis } from './syntax.ts';

/**
 * Parses, binds and lowers a query.
 * @throws KqlError where Kusto refuses the query, KqlUnsupported where only the local engine does.
 */
export function translate(query: string, catalog: Catalog): TranslatedQuery {
  const bound = analyze(query, catalog);
  // What does not parse is refused as it stands, before anything is taken out of it.
  const broken = bound.diagnostics.filter(({ severity, code }) => severity === 'error' && code.startsWith('KS0'));
  if (broken.length > 0) throw new KqlError(broken);
  const present = withoutMissingLegs(bound);
  const analysis = present === undefined ? bound : analyze(present, catalog);
  const errors = analysis.diagnostics.filter(
    (finding) => finding.severity === 'error' && !isTolerated(finding, analysis),
  );
  if (errors.length > 0) throw new KqlError(errors);
  const one = lowered(query, analysis, catalog, false);
  const each = once(() => lowered(query, analysis, catalog, true));
  return {
    columns: one.relation.columns.map(({ name, type }) => ({ name, type })),
    sql: (bounds) => one.t.render(one.relation, orderBy(one.relation), bounds),
    sqlOfEachRun: (bounds) => each().t.render(each().relation, orderBy(each().relation), bounds),
    runtime: [...one.t.runtime],
    tables: [...one.t.tables.values()],
    ...(one.t.visualization && { visualization: one.t.visualization }),
  };
}

function lowered(
  query: string,
  analysis: Analysis,
  catalog: Catalog,
  eachRun: boolean,
): { t: Translation; relation: Relation } {
  const usesIngestion = /\bingestion_time\b/.test(query) || catalogUsesIngestion(catalog);
  const t = new Translation(query, catalog, { usesIngestion, eachRun });
  const { scope, expression } = runStatements(analysis.root.items('Statements'), { environment: new Environment() }, t);
  if (!expression) {
    throw new KqlError([
      {
        code: 'KQL_NO_RESULT',
        severity: 'error',
        message: 'the query has no tabular statement',
        ...rangeAt(query, 0, 0),
      },
    ]);
  }
  if (expression.result?.kind !== 'table') return t.unsupported('a statement that does not answer a table', expression);
  return { t, relation: relationOf(expression, scope, t) };
}

/** What the binder refuses and Kusto does not: `count(x)` counts the rows, whatever `x` is. */
function isTolerated(finding: KqlDiagnostic, analysis: Analysis): boolean {
  if (finding.code !== 'KS107') return false;
  for (const node of walk(analysis.root)) {
    if (node.start !== finding.start || node.end !== finding.start + finding.length) continue;
    for (let up = node.parent; up && up.end - up.start < 200; up = up.parent) {
      if (up.kind === 'FunctionCallExpression') return up.field('Name')?.text === 'count';
    }
  }
  return false;
}

function catalogUsesIngestion(catalog: Catalog): boolean {
  return catalog.functions.some((f) => /\bingestion_time\b/.test(f.body));
}
