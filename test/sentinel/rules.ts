/** Tiny rules and results for tests of the simulator. */
import type { AnalyticsRule } from '../../scripts/content/model.ts';
import type { Column, QueryResult, Value } from '../../scripts/engines/query-engine.ts';
import type { Alert } from '../../scripts/sentinel/alert.ts';
import type { Run } from '../../scripts/sentinel/schedule.ts';

export function rule(fields: Partial<AnalyticsRule> = {}): AnalyticsRule {
  return {
    id: '11111111-2222-4333-8444-555555555555',
    name: 'A rule',
    description: 'What it finds.',
    kind: 'Scheduled',
    severity: 'Medium',
    requiredDataConnectors: [],
    queryFrequency: '5m',
    queryPeriod: '1h',
    triggerOperator: 'gt',
    triggerThreshold: 0,
    tactics: ['InitialAccess'],
    relevantTechniques: ['T1078'],
    query: 'T',
    entityMappings: [],
    version: '1.0.0',
    ...fields,
  };
}

export function result(rows: Record<string, Value>[]): QueryResult {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((name): Column => ({ name, type: 'string' }));
  return { columns, rows: rows.map((row) => names.map((name) => row[name] ?? null)) };
}

export const run: Run = {
  at: Date.parse('2026-11-23T08:05:00Z'),
  visibility: {
    timeGenerated: { from: new Date('2026-11-23T07:00:00Z'), to: new Date('2026-11-23T08:00:00Z') },
    ingested: { to: new Date('2026-11-23T08:05:00Z') },
  },
};

export function alert(raisedAt: string, fields: Partial<Alert> = {}): Alert {
  return {
    id: raisedAt,
    rule: { slug: 'a-rule', id: '11111111-2222-4333-8444-555555555555', name: 'A rule', kind: 'Scheduled' },
    title: 'A rule',
    description: 'What it finds.',
    severity: 'Medium',
    tactics: [],
    techniques: [],
    entities: [],
    customDetails: {},
    dynamicProperties: {},
    raisedAt: new Date(raisedAt).toISOString(),
    startTime: raisedAt,
    endTime: raisedAt,
    rows: [],
    summary: false,
    losses: [],
    ...fields,
  };
}
