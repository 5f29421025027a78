import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs } from '../../scripts/content/duration.ts';
import { type RowTime, runsOf, runsThatSee, widestVisibility } from '../../scripts/sentinel/schedule.ts';
import { rule } from './rules.ts';

const clock = { from: new Date('2026-11-23T08:00:00Z'), to: new Date('2026-11-23T09:00:00Z') };

describe('durations', () => {
  it.each([
    ['5m', 300_000],
    ['14d', 14 * 86_400_000],
    ['PT5M', 300_000],
    ['P1DT1H', 25 * 3_600_000],
  ])('reads %s', (text, expected) => expect(durationMs(text)).toBe(expected));

  it.each(['2H', '5 m', 'P1M', '', 'soon'])('refuses %j', (text) => expect(durationMs(text)).toBeUndefined());
});

describe('runs', () => {
  it('runs a scheduled rule five minutes after each slot, over the window that ends at the slot', () => {
    const runs = runsOf(rule({ queryFrequency: '15m', queryPeriod: '1h' }), clock);
    expect(runs.map((run) => new Date(run.at).toISOString().slice(11, 16))).toEqual([
      '08:05',
      '08:20',
      '08:35',
      '08:50',
    ]);
    expect(runs[1]!.visibility).toEqual({
      timeGenerated: { from: new Date('2026-11-23T07:15:00Z'), to: new Date('2026-11-23T08:15:00Z') },
      ingested: { to: new Date('2026-11-23T08:20:00Z') },
    });
  });

  it('runs a near-real-time rule every minute, over one minute of ingestion that ended two minutes ago', () => {
    const runs = runsOf(rule({ kind: 'NRT' }), clock);
    expect(runs).toHaveLength(61);
    expect(runs[3]!.visibility).toEqual({
      ingested: { from: new Date('2026-11-23T08:00:00Z'), to: new Date('2026-11-23T08:01:00Z') },
    });
  });

  it('finds the runs that see a row as looking at each run does', () => {
    const minute = fc.integer({ min: -90, max: 90 });
    const rows = fc.array(fc.record({ generated: minute, delay: fc.integer({ min: 0, max: 80 }) }), { maxLength: 6 });
    const frequency = fc.constantFrom('5m', '15m', '30m');
    const period = fc.constantFrom('5m', '30m', '1h', '2h');
    fc.assert(
      fc.property(rows, frequency, period, fc.boolean(), (made, queryFrequency, queryPeriod, nrt) => {
        const times = made.map(({ generated, delay }): RowTime => {
          const at = clock.from.getTime() + generated * 60_000;
          return { generated: at, ingested: at + delay * 60_000 };
        });
        const runs = runsOf(rule(nrt ? { kind: 'NRT' } : { queryFrequency, queryPeriod }), clock);
        const sees = (run: (typeof runs)[number]): boolean =>
          times.some(({ generated, ingested }) => {
            const { timeGenerated, ingested: window } = run.visibility;
            return (
              (!timeGenerated?.from || generated >= timeGenerated.from.getTime()) &&
              (!timeGenerated?.to || generated < timeGenerated.to.getTime()) &&
              (!window?.from || ingested >= window.from.getTime()) &&
              (!window?.to || ingested < window.to.getTime())
            );
          });
        expect(runsThatSee(runs, times)).toEqual(runs.filter(sees));
      }),
    );
  });

  it('spans the windows of several runs', () => {
    const runs = runsOf(rule({ queryFrequency: '5m', queryPeriod: '1h' }), clock);
    expect(widestVisibility(runs)).toEqual({
      timeGenerated: { from: new Date('2026-11-23T07:00:00Z'), to: new Date('2026-11-23T08:55:00Z') },
      ingested: { to: new Date('2026-11-23T09:00:00Z') },
    });
  });
});
