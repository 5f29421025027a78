/** The findings of reading content and checking it against its JSON Schema. */
import { defineDiagnostics } from './diagnostic.ts';

export const contentDiagnostic = defineDiagnostics({
  'file-unreadable': {
    severity: 'error',
    message: (p: { reason: string }) => `The file cannot be read: ${p.reason}.`,
    remedy: 'Check that the file exists, is a regular UTF-8 text file and may be read.',
  },
  'file-too-large': {
    severity: 'error',
    message: (p: { bytes: number; limit: number }) => `The file has ${p.bytes} bytes; at most ${p.limit} are read.`,
    remedy: 'Make the file smaller. Content files are a few kilobytes; rows of logs belong into scenarios.',
  },
  'file-missing': {
    severity: 'error',
    message: (p: { file: string; of: string }) => `${p.of} has no ${p.file}.`,
    remedy: (p) => `Add the file ${p.file} beside it.`,
  },
  'file-unexpected': {
    severity: 'warning',
    message: (p: { name: string; folder: string }) => `${p.name} is not a kind of file that belongs into ${p.folder}.`,
    remedy: 'Use the extension .yaml (not .yml), or move the file to where it belongs.',
  },
  'file-orphan': {
    severity: 'warning',
    message: (p: { definition: string }) => `There is no ${p.definition} that this file belongs to.`,
    remedy: 'Rename it after the file that it belongs to, or remove it.',
  },
  'file-unknown-kind': {
    severity: 'error',
    message: () =>
      'The file is none of the kinds of content: its keys fit no rule, query, function, watchlist or automation rule.',
    remedy: 'Begin with a file of the same kind from detections or playbooks, or leave this file out.',
  },
  'yaml-syntax': {
    severity: 'error',
    message: (p: { detail: string }) => `The YAML cannot be read: ${p.detail}.`,
    remedy: 'Mend the indentation, the quotes or the colon at this place.',
  },
  'yaml-duplicate-key': {
    severity: 'error',
    message: (p: { key: string }) =>
      `The key "${p.key}" stands twice in the same mapping; one of the two would be lost.`,
    remedy: 'Keep one of the two.',
  },
  'json-syntax': {
    severity: 'error',
    message: (p: { detail: string }) => `This is not JSON: ${p.detail}.`,
    remedy: 'Mend the JSON at this place (no comments, no trailing commas).',
  },
  'json-duplicate-key': {
    severity: 'error',
    message: (p: { key: string }) =>
      `The key "${p.key}" stands twice in the same object; one of the two would be lost.`,
    remedy: 'Keep one of the two.',
  },
  'csv-syntax': {
    severity: 'error',
    message: (p: { detail: string }) => `The CSV cannot be read: ${p.detail}.`,
    remedy: 'Give every row as many fields as the header has; put fields with commas or quotes into double quotes.',
  },
  'csv-columns': {
    severity: 'error',
    message: (p: { found: string; expected: string }) =>
      `The header is "${p.found}", the watchlist declares the columns "${p.expected}".`,
    remedy: 'Make the header of the CSV and `columns` of the YAML the same, in the same order.',
  },
  'csv-search-key': {
    severity: 'error',
    message: (p: { column: string }) => `The search key ${p.column} of this row is empty.`,
    remedy: (p) => `Fill in ${p.column}: Sentinel refuses a row without its search key.`,
  },
  'csv-required': {
    severity: 'error',
    message: (p: { column: string }) => `The required column ${p.column} of this row is empty.`,
    remedy: (p) => `Fill in ${p.column}, or declare the column as not required.`,
  },
  'schema-unknown-key': {
    severity: 'error',
    message: (p: { key: string; owner: string }) => `${p.owner} has no key "${p.key}".`,
    remedy: (p: { key: string; owner: string; suggestion?: string; known?: string }) =>
      p.suggestion ? `Did you mean "${p.suggestion}"?` : `Remove it, or use one of: ${p.known ?? ''}.`,
  },
  'schema-missing-key': {
    severity: 'error',
    message: (p: { key: string; owner: string }) => `${p.owner} lacks the key "${p.key}".`,
    remedy: (p: { key: string; owner: string; description?: string }) =>
      `Add "${p.key}"${p.description ? `: ${p.description}` : '.'}`,
  },
  'schema-forbidden-key': {
    severity: 'error',
    message: (p: { key: string; reason: string }) => `"${p.key}" is not allowed here: ${p.reason}`,
    remedy: (p) => `Remove "${p.key}".`,
  },
  'schema-type': {
    severity: 'error',
    message: (p: { path: string; expected: string; found: string }) =>
      `${p.path} must be ${p.expected}, it is ${p.found}.`,
    remedy: (p: { path: string; expected: string; found: string; description?: string }) =>
      p.description ? `Write ${p.expected}: ${p.description}` : `Write ${p.expected}.`,
  },
  'schema-value': {
    severity: 'error',
    message: (p: { path: string; value: string; problem: string }) => `${p.path} is ${p.value}; it ${p.problem}.`,
    remedy: (p: { path: string; value: string; problem: string; suggestion?: string; description?: string }) =>
      p.suggestion ? `Did you mean ${p.suggestion}?` : (p.description ?? 'Change the value.'),
  },
});
