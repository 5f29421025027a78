/**
 * The columns that a probe carries along to tell in which runs a row counts: when the recorded rows behind it were made
 * and taken in, the first and the last of them, and the time after which the rule itself no longer wants it.
 */
export const WITNESS = ['__generated', '__ingested', '__lastGenerated', '__lastIngested', '__until'] as const;

const FOREVER = 'datetime(9999-12-31)';

/** A recorded table with these columns. */
export function witnessed(table: string): string {
  const ingested = 'coalesce(ingestion_time(), TimeGenerated)';
  const values = ['TimeGenerated', ingested, 'TimeGenerated', ingested, FOREVER];
  return `(${table} | extend ${WITNESS.map((name, i) => `${name} = ${values[i]}`).join(', ')})`;
}

/** The columns of a group of rows, as aggregates: a run that sees the group sees one of them. */
export const groupWitness: string = WITNESS.map((name, i) => `${name} = ${i < 2 ? 'min' : 'max'}(${name})`).join(', ');

/** The column of a group that says until when a count of its rows, each counted until the clock passes it, is above zero. */
export function untilOf(count: string): string {
  return `__until_${count}`;
}

/** When the clock passes a row: `value` is no longer later than `bound`, which rises with it. */
export function passedAt(value: string, bound: string): string {
  return `now() + ((${value}) - (${bound}))`;
}

/** Keeps a row no longer than until that time. */
export function wantedUntil(time: string): string {
  return `extend __until = min_of(__until, ${time})`;
}
