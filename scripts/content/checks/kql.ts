/** The KQL of the package parses, binds, and stands alone when deployed. */
import { checkDiagnostic } from '../../diagnostics/checks.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { KqlDiagnostic } from '../../kql/errors.ts';
import type { Analysis } from '../../kql/syntax.ts';
import { closest } from '../closest.ts';
import { deployableQuery, queryLengthLimit } from '../deployable-query.ts';
import { referencedNames } from '../kql-tokens.ts';
import type { CheckContext, QuerySite } from './check-context.ts';

/** Binding, one finding a mistake. A query whose functions do not bind is not blamed for it. */
export function checkKql(context: CheckContext): Diagnostic[] {
  const broken = new Set<string>();
  const ofFunctions = context.content.functions.flatMap(({ source, value }) => {
    const site = { kind: 'function', source, path: ['FunctionQuery'], query: value.FunctionQuery } as const;
    const { analysis, offset } = context.analyzeFunction(value);
    const told = bindingFindings(context, site, analysis, offset);
    if (told.some((item) => item.severity === 'error')) broken.add(value.FunctionAlias);
    return told.map((diagnostic) => ({ diagnostic, value }));
  });
  const callsBroken = (query: string, own?: string): boolean =>
    (context.functionsCalledBy(query) ?? []).some(
      (item) => item.FunctionAlias !== own && broken.has(item.FunctionAlias),
    );
  const sites = context.querySites().filter((site) => site.kind !== 'function');
  return [
    ...ofFunctions
      .filter(
        ({ diagnostic, value }) =>
          diagnostic.severity !== 'error' || !callsBroken(value.FunctionQuery, value.FunctionAlias),
      )
      .map(({ diagnostic }) => diagnostic),
    ...sites.filter((site) => !callsBroken(site.query)).flatMap((site) => checkSite(context, site)),
  ];
}

/** Whether a query binds, by itself and through its functions; other checks leave alone what does not. */
export function binds(context: CheckContext, query: string): boolean {
  const { diagnostics, columns } = context.analyze(query);
  const complete = context.functionsCalledBy(query) !== undefined;
  return complete && columns !== undefined && !diagnostics.some((item) => item.severity === 'error');
}

function checkSite(context: CheckContext, site: QuerySite): Diagnostic[] {
  const analysis = context.analyze(site.query);
  const told = bindingFindings(context, site, analysis, 0);
  if (told.some((item) => item.severity === 'error')) return told;
  if (analysis.columns === undefined) {
    return [...told, checkDiagnostic('kql-no-table', context.place(site.source, site.path, 'key'), {})];
  }
  return [...told, ...checkDeployable(context, site)];
}

function bindingFindings(context: CheckContext, site: QuerySite, analysis: Analysis, offset: number): Diagnostic[] {
  const findings = analysis.diagnostics.filter((item) => item.severity === 'error' || item.severity === 'warning');
  // Under `isfuzzy` an unknown name is a warning and what depends on it an error at the same place: the name is the cause.
  const causes = findings.filter((item) => item.severity === 'warning');
  const told = new Set<string>();
  return findings.flatMap((item): Diagnostic[] => {
    if (item.severity === 'error' && causes.some((cause) => cause.start === item.start)) return [];
    const identity = unknownName(item) ?? `${item.code} ${item.message}`;
    if (told.has(identity)) return [];
    told.add(identity);
    const start = Math.min(Math.max(0, item.start - offset), site.query.length);
    const place = context.placeInQuery(site, start, item.length);
    const message = item.message.replace(/\.$/, '');
    const suggestion = suggestionFor(context, item, analysis);
    const code = item.severity === 'error' || suggestion !== undefined ? 'kql-error' : 'kql-warning';
    return [
      checkDiagnostic(code, place, { code: item.code, message, ...(suggestion === undefined ? {} : { suggestion }) }),
    ];
  });
}

/** A name that is near the one that the binder does not know: tables, functions, columns of the tables in use. */
function suggestionFor(context: CheckContext, finding: KqlDiagnostic, analysis: Analysis): string | undefined {
  const name = unknownName(finding);
  if (name === undefined) return undefined;
  // Columns reach the query from tables and through the functions that it calls.
  const bodies = (context.functionsCalledBy(analysis.text) ?? []).map((item) => item.FunctionQuery);
  const texts = [analysis.text, ...bodies];
  const inUse = context.catalog.tables.filter((table) => texts.some((text) => text.includes(table.name)));
  return closest(name, [
    ...context.catalog.tables.map((table) => table.name),
    ...context.catalog.functions.map((item) => item.name),
    ...inUse.flatMap((table) => table.columns.map((column) => column.name)),
    ...context.content.watchlists.flatMap((item) => item.value.columns.map((column) => column.name)),
    ...bodies.flatMap((body) => [...referencedNames(body)]),
    ...context.builtInNames,
  ]);
}

/** The name that a finding says it does not know. */
function unknownName({ message }: KqlDiagnostic): string | undefined {
  return /does not refer to/.test(message) ? /'([\w$]+)'/.exec(message)?.[1] : undefined;
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
    const functions = (context.functionsCalledBy(site.query) ?? []).map((item) => item.FunctionAlias);
    const parameters = { length: deployed.length, limit: queryLengthLimit, functions: functions.join(', ') };
    return [checkDiagnostic('query-too-long', key, parameters)];
  }
  return [];
}
