/** The KQL of the package parses, binds, and stands alone when deployed. */
import { checkDiagnostic } from '../../diagnostics/checks.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { KqlDiagnostic } from '../../kql/errors.ts';
import { functionParameters } from '../catalog.ts';
import { calledFunctions, deployableQuery, queryLengthLimit } from '../deployable-query.ts';
import type { WorkspaceFunction } from '../model.ts';
import type { CheckContext, QuerySite } from './check-context.ts';

/** Longer texts are not handed to the parser: nothing that Sentinel accepts has that length. */
const parseLimit = 100_000;

export function checkKql(context: CheckContext): Diagnostic[] {
  return context.querySites().flatMap((site) => {
    if (site.query.length > parseLimit) return [];
    const { text, offset } = standalone(context, site);
    const analysis = context.analyze(text);
    const place = (finding: KqlDiagnostic) =>
      context.placeInQuery(site, Math.min(Math.max(0, finding.start - offset), site.query.length), finding.length);
    const findings = analysis.diagnostics.filter((item) => item.severity === 'error' || item.severity === 'warning');
    const told = findings.map((item) =>
      checkDiagnostic(item.severity === 'error' ? 'kql-error' : 'kql-warning', place(item), {
        code: item.code,
        message: item.message.replace(/\.$/, ''),
      }),
    );
    if (told.some((item) => item.severity === 'error')) return told;
    if (site.kind !== 'function' && analysis.columns === undefined) {
      told.push(checkDiagnostic('kql-no-table', context.place(site.source, site.path, 'key'), {}));
      return told;
    }
    return [...told, ...(site.kind === 'function' ? [] : checkDeployable(context, site))];
  });
}

/** A function's body is bound with its parameters in scope: as the body of a `let` of the same signature. */
function standalone(context: CheckContext, site: QuerySite): { text: string; offset: number } {
  if (site.kind !== 'function') return { text: site.query, offset: 0 };
  const { value } = context.content.functions.find((item) => item.source === site.source) as {
    value: WorkspaceFunction;
  };
  const head = `let __function = (${functionParameters(value)}) {\n`;
  return { text: `${head}${site.query}\n};\nprint 1`, offset: head.length };
}

function checkDeployable(context: CheckContext, site: QuerySite): Diagnostic[] {
  const key = context.place(site.source, site.path, 'key');
  let deployed: string;
  try {
    deployed = deployableQuery(site.query, context.content);
  } catch (error) {
    return [checkDiagnostic('function-cycle', key, { detail: (error as Error).message })];
  }
  if (site.kind === 'rule' && deployed.length > queryLengthLimit) {
    const functions = calledFunctions(site.query, context.content).map((item) => item.FunctionAlias);
    const parameters = { length: deployed.length, limit: queryLengthLimit, functions: functions.join(', ') };
    return [checkDiagnostic('query-too-long', key, parameters)];
  }
  if (deployed === site.query.trim()) return [];
  const error = context.analyzeAlone(deployed).diagnostics.find((item) => item.severity === 'error');
  return error ? [checkDiagnostic('query-not-self-contained', key, { code: error.code, message: error.message })] : [];
}
