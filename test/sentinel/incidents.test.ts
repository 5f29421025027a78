import { describe, expect, it } from 'vitest';
import type { GroupingConfiguration } from '../../scripts/content/model.ts';
import type { Entity } from '../../scripts/sentinel/entity.ts';
import { groupIncidents } from '../../scripts/sentinel/group-incidents.ts';
import { alert } from './rules.ts';

const account = (id: string): Entity => ({ type: 'Account', identifiers: { AadUserId: id }, strong: true });
const address = (text: string): Entity => ({ type: 'IP', identifiers: { Address: text }, strong: true });
const grouping = (fields: Partial<GroupingConfiguration>) => ({
  incidentConfiguration: {
    createIncident: true,
    groupingConfiguration: {
      enabled: true,
      reopenClosedIncident: false,
      lookbackDuration: '5h',
      matchingMethod: 'AllEntities' as const,
      ...fields,
    },
  },
});
const sizes = (incidents: ReturnType<typeof groupIncidents>): number[] => incidents.map(({ alerts }) => alerts.length);

describe('incident creation', () => {
  const two = [alert('2026-11-23T08:00:00Z'), alert('2026-11-23T08:05:00Z', { severity: 'High' })];
  it('makes an incident of each alert without grouping, and none where the rule creates none', () => {
    expect(sizes(groupIncidents({}, two))).toEqual([1, 1]);
    expect(groupIncidents({ incidentConfiguration: { createIncident: false } }, two)).toEqual([]);
  });

  it('takes title and description from the first alert, the highest severity, and the tasks of the guide', () => {
    const tasks = [{ title: 'Call', description: '' }];
    const [incident] = groupIncidents(grouping({ matchingMethod: 'AnyAlert' }), two, { tasks });
    expect(incident).toMatchObject({ number: 1, severity: 'High', status: 'New', tasks, updatedAt: two[1]!.raisedAt });
  });
});

describe('grouping', () => {
  const a = alert('2026-11-23T08:00:00Z', { entities: [account('1'), address('192.0.2.1')] });
  const b = alert('2026-11-23T09:00:00Z', { entities: [account('1'), address('192.0.2.2')] });
  const c = alert('2026-11-23T10:00:00Z', { entities: [address('192.0.2.1'), account('1')] });

  it('AllEntities wants the same entities, in any order', () => {
    expect(sizes(groupIncidents(grouping({}), [a, b, c]))).toEqual([2, 1]);
  });

  it('AnyAlert takes all of the rule', () => {
    expect(sizes(groupIncidents(grouping({ matchingMethod: 'AnyAlert' }), [a, b, c]))).toEqual([3]);
  });

  it('Selected compares the chosen entities, details and custom details', () => {
    const selected = { matchingMethod: 'Selected' as const, groupByEntities: ['Account'] };
    expect(sizes(groupIncidents(grouping(selected), [a, b, c]))).toEqual([3]);
    const high = { ...b, severity: 'High' as const };
    expect(sizes(groupIncidents(grouping({ ...selected, groupByAlertDetails: ['Severity'] }), [a, high]))).toEqual([
      1, 1,
    ]);
    const drill = { ...b, customDetails: { Declaration: ['drill'] } };
    expect(sizes(groupIncidents(grouping({ ...selected, groupByCustomDetails: ['Declaration'] }), [a, drill]))).toEqual(
      [1, 1],
    );
  });

  it('looks back from the newest alert by the window', () => {
    const late = alert('2026-11-23T13:30:00Z', { entities: a.entities });
    expect(sizes(groupIncidents(grouping({}), [a, late]))).toEqual([1, 1]);
    expect(sizes(groupIncidents(grouping({}), [a, c, late]))).toEqual([3]);
  });

  it('fills an incident with 150 alerts at most', () => {
    const many = Array.from({ length: 160 }, (_, i) =>
      alert(new Date(Date.parse(a.raisedAt) + i * 1000).toISOString()),
    );
    expect(sizes(groupIncidents(grouping({ matchingMethod: 'AnyAlert' }), many))).toEqual([150, 10]);
  });

  it('leaves a closed incident closed, or reopens it where the rule says so', () => {
    const options = { closedAt: [Date.parse('2026-11-23T08:30:00Z')] };
    const kept = groupIncidents(grouping({}), [a, c], options);
    expect(kept.map((incident) => incident.status)).toEqual(['Closed', 'New']);
    const reopened = groupIncidents(grouping({ reopenClosedIncident: true }), [a, c], options);
    expect(reopened.map((incident) => [incident.status, incident.alerts.length])).toEqual([['Active', 2]]);
  });
});
