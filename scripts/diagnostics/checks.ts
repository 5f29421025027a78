/** The findings of checking what content means: its KQL, its contracts, its limits, its ids and versions. */
import { defineDiagnostics } from './diagnostic.ts';

export const checkDiagnostic = defineDiagnostics({
  'kql-error': {
    severity: 'error',
    message: (p: { code: string; message: string }) => `The KQL does not bind: ${p.message} (${p.code}).`,
    remedy: 'Mend the query at this place; the tables and columns that exist stand in schemas/tables.',
  },
  'kql-warning': {
    severity: 'warning',
    message: (p: { code: string; message: string }) => `The KQL is doubtful: ${p.message} (${p.code}).`,
    remedy: 'Mend the query at this place.',
  },
  'kql-no-table': {
    severity: 'error',
    message: () => 'The query answers no table.',
    remedy: 'End it with a tabular expression.',
  },
  'function-cycle': {
    severity: 'error',
    message: (p: { detail: string }) => `The query cannot be deployed: ${p.detail}.`,
    remedy: 'Break the circle; Kusto has no recursion.',
  },
  'query-too-long': {
    severity: 'error',
    message: (p: { length: number; limit: number; functions: string }) =>
      `As deployed, without comments${p.functions ? ` and with ${p.functions}` : ''}, the query has ${p.length} characters; Sentinel takes ${p.limit}.`,
    remedy: 'Shorten the query, or call a smaller function.',
  },
  'query-not-self-contained': {
    severity: 'error',
    message: (p: { code: string; message: string }) =>
      `With its functions inlined the query does not bind: ${p.message} (${p.code}).`,
    remedy: 'Call package functions by their own names, and nothing else of the workspace.',
  },
});
