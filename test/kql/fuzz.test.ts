/** Broken queries: whatever the text, the engine answers or refuses, soon, and never what the binder rejects. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LocalEngine } from '../../scripts/engines/local-engine.ts';
import type { Catalog } from '../../scripts/kql/catalog.ts';
import { KqlError } from '../../scripts/kql/errors.ts';
import { analyze } from '../../scripts/kql/language-service.ts';
import { Random } from './random.ts';

/** All of them in continuous integration, the first ones at every test run. */
const CASES = process.env.CI ? 10_000 : 1_000;

const catalog: Catalog = {
  tables: [
    {
      name: 'T',
      columns: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'a', type: 'long' },
        { name: 's', type: 'string' },
        { name: 'd', type: 'dynamic' },
      ],
    },
  ],
  functions: [{ name: 'F', parameters: '(x:long)', body: 'T | where a > x' }],
  tableFunctions: [],
};

const seeds: readonly string[] = [
  'T | where a > 1 and s has "x" | extend b = a * 2, c = strcat(s, "-") | project a, b, c',
  'T | summarize n = count(), make_set(s, 5), arg_max(TimeGenerated, *) by a, bin(TimeGenerated, 1h)',
  'let k = T | distinct a; T | join kind=leftouter (k) on a | where isnull(a1) or s !in ("x", "y")',
  'union isfuzzy=true T, (T | take 1), Missing | count',
  'T | mv-expand e = d to typeof(string) | where e =~ "X" | sort by a desc nulls last | take 3',
  'T | mv-apply e = d on (where tostring(e.k) == "v" | summarize l = make_list(e))',
  'T | parse s with * "from " who:string " at " n:long * | where n between (1 .. 5)',
  'F(3) | top 2 by a | as X | extend z = toscalar(T | count)',
  'T | sort by a asc | extend r = row_number(), p = prev(s) | where s != p',
  'T | make-series n = count() default = 0 on TimeGenerated from ago(1d) to now() step 1h by s',
  'print x = dynamic({"a":[1,2]}).a[0], y = datetime(2026-01-01) + 1d, z = @"\\d" , w = 0x1F',
  'T | evaluate bag_unpack(d) | getschema',
  'T | scan declare (c:long = 0) with (step one: true => c = one.c + a;)',
  'search in (T) "x" and a > 1',
  'range i from 1 to 3 step 1 | extend v = case(i == 1, "one", i == 2, "two", "many") | serialize',
  'T | lookup kind=inner (datatable(a:long, l:string)[1, "x", 2, "y"]) on a | project-away l',
];

const pieces = [
  '|',
  '(',
  ')',
  '"',
  "'",
  '[',
  ']',
  ',',
  ';',
  '=',
  '==',
  '..',
  '*',
  '-',
  'by',
  'on',
  'let',
  'T',
  'where',
  '1d',
  'null',
  '$left',
  '\u00a0',
  '\u0000',
  '😀',
  '/*',
  '//',
  '`',
  'materialize(',
  'a.b',
  '{',
  '}',
];

/** A seed with a few of its parts cut out, doubled, swapped, or replaced. */
function mutated(random: Random): string {
  let text = random.pick(seeds);
  for (let n = random.int(3) + 1; n > 0; n--) {
    const [from, to] = [random.int(text.length + 1), random.int(text.length + 1)].sort((a, b) => a - b) as [
      number,
      number,
    ];
    const part = text.slice(from, Math.min(to, from + 12));
    const after = text.slice(from + part.length);
    switch (random.int(5)) {
      case 0:
        text = text.slice(0, from);
        break;
      case 1:
        text = text.slice(0, from) + after;
        break;
      case 2:
        text = `${text.slice(0, from)}${part}${part}${after}`;
        break;
      case 3:
        text = `${text.slice(0, from)}${random.pick(pieces)}${after}`;
        break;
      default:
        text = `${text.slice(0, from)} ${random.pick(pieces)} ${text.slice(from)}`;
    }
  }
  return text;
}

let engine: LocalEngine;
beforeAll(async () => {
  engine = await LocalEngine.open({
    catalog,
    threads: 1,
    tables: [
      {
        name: 'T',
        rows: [
          { TimeGenerated: '2026-11-01T00:00:00Z', a: 1, s: 'from x at 2', d: [{ k: 'v' }, 2] },
          { TimeGenerated: '2026-11-02T00:00:00Z', a: 2, s: 'y', d: { k: 1 } },
        ],
      },
    ],
  });
});
afterAll(() => engine.close());

it(`answers or refuses each of ${CASES} broken queries`, { timeout: 600_000 }, async () => {
  const random = new Random(20_261_124);
  const now = new Date('2026-11-02T12:00:00Z');
  const wrong: string[] = [];
  let answered = 0;
  for (let i = 0; i < CASES; i++) {
    const query = mutated(random);
    try {
      await engine.query(query, { now, signal: AbortSignal.timeout(2_000) });
      answered++;
      if (
        i % 10 === 0 &&
        analyze(query, catalog).diagnostics.some((d) => d.severity === 'error' && d.code !== 'KS107')
      ) {
        wrong.push(`rows for a query that the binder rejects: ${query}`);
      }
    } catch (error) {
      if (!(error instanceof KqlError)) wrong.push(`${String(error).slice(0, 200)}: ${query}`);
    }
  }
  expect(wrong.slice(0, 12)).toEqual([]);
  expect(answered).toBeGreaterThan(CASES / 100);
});
