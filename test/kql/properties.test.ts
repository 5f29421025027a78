/** Relations that hold for every query, over random pipelines and small random tables. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalEngine } from '../../scripts/engines/local-engine.ts';
import type { Column } from '../../scripts/engines/query-engine.ts';
import { Random } from './random.ts';

/**
 * Random pipelines for each of the 12 relations, and random tables that each pipeline runs over: 12 * 18 * 24 > 5,000
 * cases in continuous integration, the first ones at every test run.
 */
const PIPELINES = 18;
const TABLES = process.env.CI ? 24 : 4;

const columns: readonly Column[] = [
  { name: 'i', type: 'long' },
  { name: 'r', type: 'real' },
  { name: 's', type: 'string' },
  { name: 'b', type: 'bool' },
  { name: 't', type: 'datetime' },
  { name: 'd', type: 'dynamic' },
];

let engine: LocalEngine;
beforeAll(async () => {
  const catalog = { tables: [{ name: 'T', columns }], functions: [], tableFunctions: [] };
  engine = await LocalEngine.open({ catalog, threads: 1 });
});
afterAll(() => engine.close());

function rows(random: Random): Record<string, unknown>[] {
  return Array.from({ length: random.int(9) }, () => ({
    i: random.pick([1, 2, 3, -7, 0, null, '9007199254740993']),
    r: random.pick([0.5, 2, -1.25, null, 3]),
    s: random.pick(['a', 'b', '', 'Admin user', 'admin-1', 'é']),
    b: random.pick([true, false, null]),
    t: random.pick(['2026-11-01T00:00:00Z', '2026-11-02T03:04:05.6789012Z', null]),
    d: random.pick([[1, 2, 3], { k: 'a', n: 1 }, [], null, 'x']),
  }));
}

/** A condition over the columns of the table. */
function condition(random: Random, depth = 2): string {
  if (depth > 0 && random.chance(0.4)) {
    const [a, b] = [condition(random, depth - 1), condition(random, depth - 1)];
    return random.pick([`(${a} and ${b})`, `(${a} or ${b})`, `not(${a})`]);
  }
  return random.pick([
    `i ${random.pick(['==', '!=', '<', '>=', '>'])} ${random.int(4) - 1}`,
    `r ${random.pick(['==', '!=', '<', '>='])} ${random.int(3)}.5`,
    `s ${random.pick(['==', '!=', '=~', 'has', 'contains', 'startswith', '!has', '!contains'])} "${random.pick(['a', 'ADMIN', '', '1'])}"`,
    `s ${random.pick(['in', '!in', 'in~'])} ("a", "ADMIN-1")`,
    `i ${random.pick(['in', '!in'])} (1, 2)`,
    `i ${random.pick(['between', '!between'])} (0 .. 2)`,
    'b',
    'isnull(i)',
    'isnotempty(s)',
    't > datetime(2026-11-01T12:00:00Z)',
    'tostring(d.k) == "a"',
    'd.n == 1',
    `i + ${random.int(3)} == r * 2`,
    'array_length(d) > 1',
  ]);
}

/** Operators that look at one row at a time. */
function rowwise(random: Random): string {
  return Array.from({ length: random.int(3) }, () =>
    random.pick([
      ` | where ${condition(random, 1)}`,
      ' | extend i = i * 2',
      ' | extend s = strcat(s, "-", tostring(i)), r = iff(b, r, 0.0)',
      ' | mv-expand e = d | project-away e',
      ' | extend b = isnull(r) or i > 1',
      ' | parse s with before "-" after | extend s = strcat(after, before)',
      ' | project-reorder s, i',
    ]),
  ).join('');
}

const prints: Readonly<Record<string, string>> = {
  i: 'coalesce(i, 11) * 31',
  r: 'iff(isnull(r), 13, 17)',
  s: 'strlen(s) * 7',
  b: 'iff(b, 3, 5)',
  t: 'iff(isnull(t), 19, 23)',
};

/** Rows as one number that does not depend on their order. */
function fingerprint(names = 'irsbt'): string {
  return ` | summarize n = count(), v = sum(${[...names].map((name) => prints[name]).join(' + ')}) | project v + n * 1009`;
}
const FINGERPRINT = fingerprint();

/** Two scalars that must be the same for every table. */
const relations: Readonly<Record<string, (random: Random, id: number) => [string, string, string?]>> = {
  'a filter, its opposite and the nulls are all rows': (random) => {
    const c = condition(random);
    const p = rowwise(random);
    const part = (test: string) => `toscalar(T${p} | where ${test} | count)`;
    return [`${part(c)} + ${part(`not(${c})`)} + ${part(`isnull(${c})`)}`, `toscalar(T${p} | count)`];
  },
  'the union of the parts is the whole': (random) => {
    const p = rowwise(random);
    const parts = ['i < 2', 'i >= 2', 'isnull(i)'].map((test) => `(T | where ${test}${p})`);
    return [`toscalar(union ${parts.join(', ')}${FINGERPRINT})`, `toscalar(T${p}${FINGERPRINT})`];
  },
  'a projection commutes with a filter': (random) => {
    const c = condition(random);
    const columns = ' | project i, r, s, b, t, d';
    return [`toscalar(T | where ${c}${columns}${FINGERPRINT})`, `toscalar(T${columns} | where ${c}${FINGERPRINT})`];
  },
  'filters commute and join to one': (random) => {
    const [a, b] = [condition(random), condition(random)];
    return [
      `toscalar(T | where ${a} | where ${b}${FINGERPRINT})`,
      `toscalar(T | where (${b}) and (${a})${FINGERPRINT})`,
    ];
  },
  'summarize of summarize is summarize': (random) => {
    const p = rowwise(random);
    const sums = (g: string) => `summarize i = sum(i), n = count(), t = max(t) by ${g}`;
    return [
      `toscalar(T${p} | ${sums('s, b')} | summarize i = sum(i), n = sum(n), t = max(t) by s${fingerprint('ist')})`,
      `toscalar(T${p} | ${sums('s')} | project s, i, n, t${fingerprint('ist')})`,
    ];
  },
  'top is sort and take': (random) => {
    const [n, key] = [random.int(4) + 1, random.pick(['i desc', 'i asc', 't desc', 's asc', 'r asc nulls last'])];
    return [`toscalar(T | top ${n} by ${key}${FINGERPRINT})`, `toscalar(T | sort by ${key} | take ${n}${FINGERPRINT})`];
  },
  'distinct is summarize by': (random) => {
    const names = random.pick(['s', 'sb', 'it', 'r']);
    const list = [...names].join(', ');
    return [
      `toscalar(T | distinct ${list}${fingerprint(names)})`,
      `toscalar(T | summarize by ${list}${fingerprint(names)})`,
    ];
  },
  'inner joins have no side': (random) => {
    const key = random.pick(['i', 's', 'b', 's, i']);
    const p = rowwise(random);
    const join = (a: string, b: string) => `toscalar(${a} | join kind=inner (${b}) on ${key} | count)`;
    return [join(`T${p}`, 'T'), join('T', `T${p}`)];
  },
  'an outer join is the inner one and what has no partner': (random) => {
    const key = random.pick(['i', 's', 'b']);
    const right = `(T | where ${condition(random)})`;
    const count = (kind: string) => `toscalar(T | join kind=${kind} ${right} on ${key} | count)`;
    return [count('leftouter'), `${count('inner')} + ${count('leftanti')}`];
  },
  'semi and anti join share the rows': (random) => {
    const key = random.pick(['i', 's', 'i, s']);
    const right = `(T | where ${condition(random)})`;
    const count = (kind: string) => `toscalar(T | join kind=${kind} ${right} on ${key} | count)`;
    return [`${count('leftsemi')} + ${count('leftanti')}`, 'toscalar(T | count)'];
  },
  'materialize and functions change nothing': (random, id) => {
    const p = `${rowwise(random)} | where ${condition(random)}`;
    const lets = `let M${id} = materialize(T${p});\nlet F${id} = (X:(i:long, r:real, s:string, b:bool, t:datetime, d:dynamic)) { X${p} };\n`;
    return [
      `toscalar(M${id}${FINGERPRINT}) + toscalar(F${id}(T)${FINGERPRINT})`,
      `2 * toscalar(T${p}${FINGERPRINT})`,
      lets,
    ];
  },
  'a conditional aggregate is a filter': (random) => {
    const c = condition(random);
    return [`toscalar(T | summarize countif(${c}))`, `toscalar(T | where ${c} | count)`];
  },
};

describe('relations between queries', () => {
  it.each(Object.keys(relations))('%s', { timeout: 120_000 }, async (name) => {
    const relation = relations[name] as (typeof relations)[string];
    const random = new Random(name.length);
    const cases = Array.from({ length: PIPELINES }, (_, i) => relation(random, i));
    const lets = cases.map(([, , text]) => text ?? '').join('');
    const list = cases.map(([a, b], i) => `c${i} = (${a}) == (${b})`).join(',\n');
    const query = await engine.prepare(`${lets}print ${list}`);
    const failed: string[] = [];
    for (let at = 0; at < TABLES; at++) {
      const data = rows(random);
      await engine.setTable('T', data);
      const answer = await query.run();
      answer.rows[0]?.forEach((holds, i) => {
        if (holds !== true) failed.push(`${cases[i]?.join('\n')}\n${JSON.stringify(data)}`);
      });
    }
    expect(failed.slice(0, 2)).toEqual([]);
  });
});
