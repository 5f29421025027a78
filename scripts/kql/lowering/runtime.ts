/** TypeScript functions that the lowering of operators calls; those of scalar functions stand in functions/. */
import { type RuntimeFunction, runtimeFunctions } from '../functions/registry.ts';
import { parseKeyValues } from '../runtime/key-values.ts';

const own: readonly RuntimeFunction[] = [
  {
    name: 'kql_parse_kv',
    parameters: ['VARCHAR', 'VARCHAR', 'VARCHAR'],
    returns: 'VARCHAR',
    evaluate: (text, keys, options) => {
      const found = parseKeyValues(String(text), JSON.parse(String(keys)), JSON.parse(String(options)));
      return JSON.stringify(found);
    },
  },
  {
    name: 'kql_hll_intersection',
    parameters: [],
    varArgs: 'VARCHAR',
    returns: 'BIGINT',
    evaluate: (...states) => intersectionSize(states.map(String)),
  },
  {
    name: 'kql_window_session',
    parameters: ['VARCHAR', 'VARCHAR', 'BIGINT', 'BIGINT'],
    returns: 'VARCHAR',
    evaluate: (times, restarts, length, gap) =>
      windowSessions(String(times), JSON.parse(String(restarts)) as boolean[], BigInt(length ?? 0), BigInt(gap ?? 0)),
  },
];

const byName = new Map(own.map((f) => [f.name, f]));

/** The TypeScript function of an SQL name. */
export function runtimeFunction(name: string): RuntimeFunction | undefined {
  return byName.get(name) ?? runtimeFunctions.get(name);
}

/** The start of the session of every row, as a JSON array of ticks. */
function windowSessions(times: string, restarts: readonly boolean[], length: bigint, gap: bigint): string {
  // Ticks do not fit a JSON number, so the array is read as text.
  const values = times.slice(1, -1).split(',').filter(Boolean);
  let start: bigint | undefined;
  let before: bigint | undefined;
  const starts = values.map((text, i) => {
    if (text === 'null') return 'null';
    const time = BigInt(text);
    const goesOn =
      start !== undefined && before !== undefined && !restarts[i] && time - start <= length && time - before <= gap;
    if (!goesOn) start = time;
    before = time;
    return String(start);
  });
  return `[${starts.join(',')}]`;
}

/** How many values all sets share; each is the JSON text of an hll() state, see runtime/digests.ts. */
function intersectionSize(states: readonly string[]): bigint {
  const sets = states.map((state) => (JSON.parse(state) as { values: unknown[] }).values.map((v) => JSON.stringify(v)));
  const [first = [], ...others] = sets;
  const rest = others.map((values) => new Set(values));
  return BigInt(first.filter((value) => rest.every((set) => set.has(value))).length);
}
