/** Findings about scenarios. */
import { defineDiagnostics } from './diagnostic.ts';

export const scenarioDiagnostic = defineDiagnostics({
  'scenario-unreadable': {
    severity: 'error',
    message: ({ reason }: { reason: string }) => `the file cannot be read: ${reason}`,
    remedy: 'Restore the file, or remove the scenario folder.',
  },
  'scenario-missing-file': {
    severity: 'error',
    message: () => 'there is no scenario.yaml in this folder',
    remedy: 'Write scenario.yaml (title, story, clock, expect), or run the folder as it is with --data.',
  },
  'scenario-field': {
    severity: 'error',
    message: ({ path, problem }: { path: string; problem: string }) => `${path || 'the scenario'} ${problem}`,
    remedy: 'schemas/scenario.schema.json says what each field holds.',
  },
  'scenario-clock': {
    severity: 'error',
    message: ({ from, to }: { from: string; to: string }) => `the clock ends (${to}) before it begins (${from})`,
    remedy: 'Set clock.to after clock.from.',
  },
  'scenario-unknown-rule': {
    severity: 'error',
    message: ({ rule }: { rule: string }) => `there is no analytics rule "${rule}"`,
    remedy: ({ known }: { known: string; rule: string }) =>
      known ? `Did you mean "${known}"?` : 'Name a file of detections/rules, without .yaml.',
  },
  'scenario-unknown-watchlist': {
    severity: 'error',
    message: ({ alias }: { alias: string }) => `there is no watchlist "${alias}"`,
    remedy: ({ known }: { known: string; alias: string }) => `Known watchlists: ${known}.`,
  },
  'scenario-unknown-watchlist-column': {
    severity: 'error',
    message: ({ alias, column }: { alias: string; column: string }) => `watchlist ${alias} has no column "${column}"`,
    remedy: 'Use the columns that the watchlist definition declares; names are case-sensitive.',
  },
  'scenario-expectation-outside-clock': {
    severity: 'error',
    message: ({ at }: { at: string }) => `the time ${at} lies outside the scenario's clock`,
    remedy: 'Move it inside the clock, or let the clock run longer.',
  },
  'scenario-contradiction': {
    severity: 'error',
    message: ({ rule }: { rule: string }) => `"${rule}" is a near miss and expected to fire at once`,
    remedy: 'Remove the rule from nearMiss or from expect.',
  },
  'scenario-csv': {
    severity: 'error',
    message: ({ problem }: { problem: string }) => `the watchlist rows cannot be read: ${problem}`,
    remedy: 'Write a header line and one row a line; put fields with commas or quotes into double quotes.',
  },
  'row-syntax': {
    severity: 'error',
    message: ({ problem }: { problem: string }) => `the line is not one JSON object: ${problem}`,
    remedy: 'Write one row a line, as the Log Analytics query API returns it.',
  },
  'row-unknown-table': {
    severity: 'error',
    message: ({ table }: { table: string }) => `no schema for a table "${table}"`,
    remedy: ({ known }: { known: string; table: string }) =>
      known ? `Did you mean ${known}.ndjson?` : 'Name the file after a table of schemas/tables.',
  },
  'row-unknown-column': {
    severity: 'error',
    message: ({ table, column }: { table: string; column: string }) => `table ${table} has no column "${column}"`,
    remedy: ({ known }: { known: string; table: string; column: string }) =>
      known ? `Did you mean "${known}"?` : 'Remove the column; the columns of the table stand in schemas/tables.',
  },
  'row-wrong-type': {
    severity: 'error',
    message: ({ column, type, found }: { column: string; type: string; found: string }) =>
      `column ${column} is ${type} and cannot hold ${found}`,
    remedy: 'Write the value with the column type of the table, as the query API returns it.',
  },
  'row-without-time': {
    severity: 'error',
    message: () => 'the row has no TimeGenerated',
    remedy: 'Give every row its TimeGenerated; windows and schedules depend on it.',
  },
  'row-ingested-too-early': {
    severity: 'warning',
    message: ({ ingested }: { ingested: string }) => `_IngestionTime ${ingested} lies before TimeGenerated`,
    remedy: 'A row is ingested after it was made; mend _IngestionTime.',
  },
  'recording-column-ignored': {
    severity: 'info',
    message: ({ table, columns }: { table: string; columns: string }) =>
      `table ${table} has no column ${columns} here; left out`,
    remedy: 'Nothing, unless a rule should read it: then extend schemas/tables.',
  },
  'recording-table-ignored': {
    severity: 'warning',
    message: ({ table }: { table: string }) => `no schema for a table "${table}"; its rows are left out`,
    remedy: 'Name the file after a table of schemas/tables if rules should read it.',
  },
});
