/** Schedules, thresholds, suppression and grouping are within the limits of Sentinel, and lose no rows. */
import { checkDiagnostic } from '../../diagnostics/checks.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { closest } from '../closest.ts';
import { DAY, durationMs, HOUR, MINUTE } from '../duration.ts';
import type { AnalyticsRule, GroupingConfiguration, Item } from '../model.ts';
import { descendants } from '../query-facts.ts';
import type { CheckContext } from './check-context.ts';
import { binds } from './kql.ts';

/** How late a row may arrive and still be seen by a scheduled rule. */
export const latenessTolerated = HOUR;
const signInTables = ['SigninLogs', 'AADNonInteractiveUserSignInLogs'];

export function checkSchedules(context: CheckContext): Diagnostic[] {
  return context.content.rules.flatMap((item) => [
    ...checkRanges(context, item),
    ...(item.value.kind === 'Scheduled' ? checkWindow(context, item) : checkNearRealTime(context, item)),
    ...checkForbidden(context, item),
    ...checkSuppression(context, item),
    ...checkGrouping(context, item),
  ]);
}

function checkRanges(context: CheckContext, { source, value }: Item<AnalyticsRule>): Diagnostic[] {
  const lookback = value.incidentConfiguration?.groupingConfiguration?.lookbackDuration;
  const limits: [string[], string | undefined, string, string][] = [
    [['queryFrequency'], value.queryFrequency, '5m', '14d'],
    [['queryPeriod'], value.queryPeriod, '5m', '14d'],
    [['suppressionDuration'], value.suppressionDuration, '5m', '24h'],
    [['incidentConfiguration', 'groupingConfiguration', 'lookbackDuration'], lookback, '5m', '7d'],
  ];
  return limits.flatMap(([path, text, minimum, maximum]) => {
    const ms = text === undefined ? undefined : durationMs(text);
    if (text === undefined || ms === undefined) return [];
    if (ms >= (durationMs(minimum) as number) && ms <= (durationMs(maximum) as number)) return [];
    const parameters = { key: path.at(-1) as string, value: text, minimum, maximum };
    return [checkDiagnostic('schedule-range', context.place(source, path), parameters)];
  });
}

function checkWindow(context: CheckContext, { source, value }: Item<AnalyticsRule>): Diagnostic[] {
  const { queryFrequency: frequency, queryPeriod: period } = value;
  const every = durationMs(frequency ?? '');
  const back = durationMs(period ?? '');
  if (frequency === undefined || period === undefined || every === undefined || back === undefined) return [];
  const place = context.place(source, ['queryPeriod']);
  if (back < every) return [checkDiagnostic('schedule-gap', place, { frequency, period })];
  const findings: Diagnostic[] = [];
  if (back >= 2 * DAY && every < HOUR) {
    const at = context.place(source, ['queryFrequency']);
    findings.push(checkDiagnostic('schedule-long-period', at, { frequency, period }));
  }
  if (!binds(context, value.query)) return findings;
  const facts = context.factsOf(value.query);
  // A rule that reads only watchlists has no rows that could be late.
  if (facts.tables.size === 0) return findings;
  if (back < every + latenessTolerated) {
    const tolerance = `${latenessTolerated / MINUTE}m`;
    findings.push(checkDiagnostic('schedule-late-rows', place, { frequency, period, tolerance }));
  } else if (back > every && !facts.functions.has('ingestion_time') && !value.suppressionEnabled) {
    findings.push(checkDiagnostic('schedule-overlap', place, { frequency, period }));
  }
  return findings;
}

function checkNearRealTime(context: CheckContext, { source, value }: Item<AnalyticsRule>): Diagnostic[] {
  const site = { source, path: ['query'] };
  const findings: Diagnostic[] = [];
  const windows = /TimeGenerated\s*(?:>=?|between\s*\()\s*ago\(\s*(\d+(?:\.\d+)?[smhd])\s*\)/g;
  for (const match of value.query.matchAll(windows)) {
    const window = match[1] as string;
    if ((durationMs(window) ?? 0) >= 12 * HOUR) continue;
    const place = context.placeInQuery(site, match.index, match[0].length);
    findings.push(checkDiagnostic('nrt-time-filter', place, { window }));
  }
  for (const match of value.query.matchAll(/\b(workspace|adx|cluster|database)\s*\(/g)) {
    const place = context.placeInQuery(site, match.index, match[0].length);
    findings.push(checkDiagnostic('nrt-cross-workspace', place, { call: `${match[1]}()` }));
  }
  return findings;
}

function checkForbidden(context: CheckContext, { source, value }: Item<AnalyticsRule>): Diagnostic[] {
  if (value.query.length > 100_000) return [];
  return descendants(context.analyze(value.query).root).flatMap((node) => {
    const construct =
      node.kind === 'SearchOperator'
        ? 'search'
        : node.kind === 'UnionOperator' && descendants(node).some((child) => /Wildcard/.test(child.kind))
          ? 'union over a wildcard'
          : undefined;
    if (construct === undefined) return [];
    const place = context.placeInQuery({ source, path: ['query'] }, node.start, construct === 'search' ? 6 : 5);
    return [checkDiagnostic('query-forbidden', place, { construct })];
  });
}

function checkSuppression(context: CheckContext, { source, value }: Item<AnalyticsRule>): Diagnostic[] {
  if (!value.suppressionEnabled) return [];
  const place = context.place(source, ['suppressionEnabled'], 'key');
  if (value.suppressionDuration === undefined) return [checkDiagnostic('suppression-without-duration', place, {})];
  if (!binds(context, value.query)) return [];
  const tables = signInTables.filter((table) => context.factsOf(value.query).tables.has(table));
  return tables.length > 0 ? [checkDiagnostic('suppression-on-sign-ins', place, { tables: tables.join(' and ') })] : [];
}

function checkGrouping(context: CheckContext, { source, value }: Item<AnalyticsRule>): Diagnostic[] {
  const grouping = value.incidentConfiguration?.groupingConfiguration;
  if (!grouping?.enabled) return [];
  const base = ['incidentConfiguration', 'groupingConfiguration'];
  const findings: Diagnostic[] = [];
  if (value.incidentConfiguration?.createIncident === false) {
    findings.push(checkDiagnostic('grouping-without-incident', context.place(source, base, 'key'), {}));
  }
  const keys = [
    'groupByEntities',
    'groupByAlertDetails',
    'groupByCustomDetails',
  ] as const satisfies (keyof GroupingConfiguration)[];
  const filled = keys.filter((key) => (grouping[key]?.length ?? 0) > 0);
  if (grouping.matchingMethod !== 'Selected') {
    for (const key of filled) {
      const place = context.place(source, [...base, key], 'key');
      findings.push(checkDiagnostic('grouping-ignored', place, { key, method: grouping.matchingMethod }));
    }
    return findings;
  }
  if (filled.length === 0) {
    findings.push(checkDiagnostic('grouping-selected-empty', context.place(source, [...base, 'matchingMethod']), {}));
  }
  const mapped = new Set(value.entityMappings.map((mapping) => mapping.entityType));
  grouping.groupByEntities?.forEach((type, index) => {
    if (mapped.has(type)) return;
    const place = context.place(source, [...base, 'groupByEntities', index]);
    findings.push(checkDiagnostic('grouping-entity', place, { type }));
  });
  const details = Object.keys(value.customDetails ?? {});
  grouping.groupByCustomDetails?.forEach((key, index) => {
    if (details.includes(key)) return;
    const suggestion = closest(key, details);
    const place = context.place(source, [...base, 'groupByCustomDetails', index]);
    findings.push(
      checkDiagnostic('grouping-detail', place, { key, ...(suggestion === undefined ? {} : { suggestion }) }),
    );
  });
  return findings;
}
