import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../scripts/azure/journal.ts';
import type { Kind } from '../../scripts/azure/kinds.ts';
import { fieldsOf } from '../../scripts/azure/normalize.ts';
import type { Content } from '../../scripts/content/model.ts';
import { fullSizes, makeContent, makeRule } from './content-fixture.ts';
import { compare, deploy, memoryJournal } from './deployment.ts';
import { FakeAzure, type Fault } from './fake-azure.ts';

/** What the workspace holds, without what differs from run to run by nature (etags). */
function stateOf(azure: FakeAzure): Record<string, unknown> {
  const state: Record<string, unknown> = {};
  for (const [id, { resource }] of [...azure.resources].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (id.includes('/microsoft.resources/deployments/')) continue;
    const { etag, ...rest } = resource;
    void etag;
    state[id] = rest;
  }
  for (const [id, rows] of azure.watchlistRows) state[`${id} rows`] = [...rows.values()];
  return state;
}

/** Comparing texts first spares most of the time; where they differ, the difference is shown. */
function expectSame(actual: Record<string, unknown>, wanted: Record<string, unknown>, what: string): void {
  if (JSON.stringify(actual) !== JSON.stringify(wanted)) expect(actual, what).toEqual(wanted);
}

/** Each write that the journal calls done was received, and each write that was received stands in the journal. */
function checkJournal(azure: FakeAzure, lines: readonly string[]): void {
  const entries = lines.map((line) => JSON.parse(line) as JournalEntry);
  const started = new Set(
    entries.filter((entry) => entry.status === 'started').map((entry) => entry.resourceId.toLowerCase()),
  );
  const received = new Set(
    azure.requests
      .filter((request) => request.method === 'PUT' && request.status < 300)
      .map((request) => request.path.toLowerCase())
      .filter((path) => !path.includes('/deployments/')),
  );
  const unwritten = [...received].filter((path) => !started.has(path));
  const untrue = entries
    .filter((entry) => entry.status === 'succeeded' && entry.kind !== 'playbook' && entry.kind !== 'roleAssignment')
    .map((entry) => entry.resourceId.toLowerCase())
    .filter((path) => !received.has(path));
  expect({ unwritten, untrue }).toEqual({ unwritten: [], untrue: [] });
}

const rows = new Map([['FixtureList0', 'UserObjectId,Label\nid-1,EM-01\nid-2,EM-02\n']]);

/** Runs until nothing is left to do, as an engineer would; answers how often it took. */
async function deployUntilDone(azure: FakeAzure, content: Content, journal = memoryJournal()): Promise<number> {
  for (let run = 1; run <= 8; run++) {
    try {
      const { results } = await deploy(azure, content, { rows, journal, concurrency: 2 });
      if (results.every((result) => result.outcome === 'done')) return run;
    } catch {
      // A refusal before the first write; the next run is made without the fault.
    }
    azure.restart();
  }
  throw new Error('does not converge');
}

async function cleanState(content: Content): Promise<{ state: Record<string, unknown>; requests: number }> {
  const azure = new FakeAzure({ pageSize: 40 });
  await deployUntilDone(azure, content);
  return { state: stateOf(azure), requests: azure.requests.length };
}

const kindsOfFault: Fault[] = [
  { kind: 'cut' },
  { kind: 'cut-after' },
  { kind: 'reset-after' },
  { kind: 'status', status: 403, code: 'AuthorizationFailed' },
];

describe('a full deployment that fails anywhere', () => {
  const content = makeContent(fullSizes);

  it('converges to the clean state, whichever request is the last of a process that dies', {
    timeout: 600_000,
  }, async () => {
    // What a dead process leaves is what Azure holds at that moment: one run gives all those moments.
    const moments: { azure: FakeAzure; journal: string[] }[] = [];
    const azure = new FakeAzure({ pageSize: 40 });
    const journal = memoryJournal();
    azure.onRequest = () => {
      // A read leaves Azure as it was: the moment after it is the moment before it.
      if (azure.requests.at(-1)?.method === 'GET') return;
      moments.push({ azure: azure.copyOf(), journal: [...journal.lines] });
    };
    await deployUntilDone(azure, content, journal);
    expect(moments.length).toBeGreaterThan(150);
    const clean = stateOf(azure);
    for (const [index, moment] of moments.entries()) {
      const next = memoryJournal();
      next.lines.push(...moment.journal);
      await deployUntilDone(moment.azure, content, next);
      expectSame(stateOf(moment.azure), clean, `request ${index}`);
      checkJournal(moment.azure, next.lines);
      // Each moment is used once; what it holds may go.
      moments[index] = undefined as never;
    }
  });

  it('converges to the clean state when a request fails or its answer is lost', { timeout: 600_000 }, async () => {
    const clean = await cleanState(content);
    // All requests in turn over the kinds of failure, a step apart; the mixes below have every distance.
    for (let index = 0; index < clean.requests; index += 7) {
      const fault = kindsOfFault[(index / 7) % kindsOfFault.length]!;
      const azure = new FakeAzure({ pageSize: 40, fault: (at) => (at === index ? fault : undefined) });
      const journal = memoryJournal();
      await deployUntilDone(azure, content, journal);
      expectSame(stateOf(azure), clean.state, `request ${index}, ${fault.kind}`);
      checkJournal(azure, journal.lines);
    }
  });

  it('loses nothing when an update of every item is cut off anywhere', { timeout: 600_000 }, async () => {
    const small = makeContent();
    const changed = {
      ...small,
      rules: small.rules.map((item, index) => ({
        ...item,
        value: makeRule(index, { severity: 'Low', version: '1.1.0' }),
      })),
    };
    const azure = new FakeAzure();
    await deployUntilDone(azure, small);
    azure.requests.length = 0;
    await deployUntilDone(azure, changed);
    const total = azure.requests.length;
    const clean = stateOf(azure);
    for (let index = 0; index < total; index++) {
      for (const fault of [kindsOfFault[index % kindsOfFault.length]!]) {
        const other = new FakeAzure();
        await deployUntilDone(other, small);
        other.restart((at) => (at === index ? fault : undefined));
        await deployUntilDone(other, changed);
        expectSame(stateOf(other), clean, `request ${index}, ${fault.kind}`);
      }
    }
  });

  it('keeps apart what the workspace changed and what a cut-off run changed', async () => {
    const small = makeContent();
    const azure = new FakeAzure();
    await deployUntilDone(azure, small);
    const second = {
      ...small,
      rules: small.rules.map((item, index) => ({
        ...item,
        value: makeRule(index, { severity: 'Medium', version: '1.1.0' }),
      })),
    };
    const third = {
      ...small,
      rules: small.rules.map((item, index) => ({
        ...item,
        value: makeRule(index, { severity: 'Low', version: '1.2.0' }),
      })),
    };
    const probe = new FakeAzure();
    await deployUntilDone(probe, small);
    probe.requests.length = 0;
    await deployUntilDone(probe, second);
    // After each possible cut of the second version, the third is an update and never called tuned or drifted.
    for (let index = 0; index < probe.requests.length; index++) {
      const other = new FakeAzure();
      await deployUntilDone(other, small);
      other.restart((at) => (at === index ? { kind: 'cut-after' } : undefined));
      await deploy(other, second).catch(() => {});
      other.restart();
      const { steps } = await compare(other, third);
      const states = steps
        .filter((step) => step.kind === 'rule')
        .flatMap((step) => step.fields.map((field) => field.state));
      expect(states).toEqual(['update', 'update']);
    }
  });
});

/** mulberry32: a small seeded generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe('random mixes of faults', () => {
  it('converge, all 200 of them', { timeout: 600_000 }, async () => {
    const content = makeContent();
    const { state: clean } = await cleanState(content);
    const faults: Fault[] = [
      { kind: 'reset' },
      { kind: 'reset-after' },
      { kind: 'cut' },
      { kind: 'cut-after' },
      { kind: 'status', status: 429 },
      { kind: 'status', status: 429, retryAfter: '0' },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 503, retryAfter: '0' },
      { kind: 'status', status: 409, code: 'Conflict' },
      { kind: 'status', status: 412, code: 'PreconditionFailed' },
      { kind: 'status', status: 401, code: 'ExpiredAuthenticationToken' },
      { kind: 'status', status: 403, code: 'AuthorizationFailed' },
    ];
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const rate = 0.01 + random() * 0.1;
      const azure = new FakeAzure({
        pageSize: 1 + Math.floor(random() * 20),
        restyle: random() < 0.5,
        staleReads: Math.floor(random() * 3),
        polls: Math.floor(random() * 4),
        fault: () => (random() < rate ? faults[Math.floor(random() * faults.length)] : undefined),
      });
      const journal = memoryJournal();
      await deployUntilDone(azure, content, journal);
      expectSame(stateOf(azure), clean, `seed ${seed}`);
      checkJournal(azure, journal.lines);
      azure.restart();
      const { steps } = await compare(azure, content);
      expect(
        steps.filter((step) => step.action !== 'unchanged').map((step) => step.key),
        `seed ${seed}`,
      ).toEqual([]);
    }
  });
});

// The comparison above is of what is stored; this makes sure that it would see a difference.
it('tells two states apart', () => {
  const azure = new FakeAzure();
  azure.seed('/subscriptions/x/providers/A/b/c', { properties: { severity: 'High' } });
  const before = stateOf(azure);
  azure.edit('/subscriptions/x/providers/A/b/c', (properties) => {
    properties.severity = 'Low';
  });
  expect(stateOf(azure)).not.toEqual(before);
  expect(fieldsOf('rule' as Kind, { properties: { severity: 'HIGH' } })['properties.severity']).toBe('high');
});
