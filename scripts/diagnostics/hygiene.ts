/** The findings about texts as such: characters, traces of real tenants, silenced findings, versions. */
import { defineDiagnostics } from './diagnostic.ts';

export const hygieneDiagnostic = defineDiagnostics({
  'text-not-ascii': {
    severity: 'error',
    message: (p: { character: string; codePoint: string }) =>
      `The character ${p.character} (${p.codePoint}) is not ASCII.`,
    remedy:
      'Write it with ASCII characters; in KQL as an escape such as "\\u2013". The Azure-Sentinel repository refuses others.',
  },
  'fixture-address': {
    severity: 'error',
    message: (p: { address: string }) => `The address ${p.address} could be a real one.`,
    remedy: 'Take it from 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 or 2001:db8::/32.',
  },
  'fixture-domain': {
    severity: 'error',
    message: (p: { domain: string }) => `The domain ${p.domain} could be a real one.`,
    remedy: 'Use contoso.com, contoso.onmicrosoft.com, example.com or a name below .example (schemas/fixtures.yaml).',
  },
  'fixture-tenant': {
    severity: 'error',
    message: (p: { key: string; id: string }) =>
      `${p.key} is ${p.id}, which is none of the invented tenants and subscriptions.`,
    remedy: 'Use an id that schemas/fixtures.yaml lists, or add this one there if it was invented.',
  },
  'ignore-without-reason': {
    severity: 'error',
    message: (p: { code: string }) => `${p.code} is silenced here without a reason.`,
    remedy: (p) => `Write why it is right: "breakglass-ignore ${p.code}: ...".`,
  },
  'ignore-stale': {
    severity: 'error',
    message: (p: { code: string }) => `${p.code} is silenced here, but there is no such finding any more.`,
    remedy: 'Remove the comment.',
  },
  'ignore-unknown': {
    severity: 'error',
    message: (p: { code: string }) => `There is no finding with the code ${p.code}.`,
    remedy: (p: { code: string; suggestion?: string }) =>
      p.suggestion ? `Did you mean ${p.suggestion}?` : 'Copy the code from the report.',
  },
  'lock-missing': {
    severity: 'warning',
    message: () => 'There is no version lock, so that changes without a new version go unseen.',
    remedy: 'Run `breakglass bump` and commit detections/content.lock.json.',
  },
  'lock-unreadable': {
    severity: 'error',
    message: (p: { problem: string }) => `The version lock cannot be used: ${p.problem}.`,
    remedy: 'Restore detections/content.lock.json from the repository; `breakglass bump` writes it.',
  },
  'version-not-raised': {
    severity: 'error',
    message: (p: { item: string; version: string }) =>
      `${p.item} has changed since version ${p.version}, and its version has not.`,
    remedy: 'Run `breakglass bump` (a rule changes with the functions that it calls).',
  },
  'version-lowered': {
    severity: 'error',
    message: (p: { item: string; version: string; locked: string }) =>
      `${p.item} has version ${p.version}, after ${p.locked}.`,
    remedy: (p) => `Use a version above ${p.locked}.`,
  },
  'version-form': {
    severity: 'error',
    message: (p: { item: string; version: string }) =>
      `The version of ${p.item}, ${p.version}, is no semantic version.`,
    remedy: 'Write three numbers with dots, such as 1.0.0.',
  },
  'lock-outdated': {
    severity: 'warning',
    message: (p: { item: string; version: string }) =>
      `The version lock does not know version ${p.version} of ${p.item}.`,
    remedy: 'Run `breakglass bump` and commit detections/content.lock.json.',
  },
  'id-changed': {
    severity: 'error',
    message: (p: { item: string; id: string; locked: string }) =>
      `The id of ${p.item} was ${p.locked} and is now ${p.id}; workspaces would keep the old one beside it.`,
    remedy: (p) => `Restore the id ${p.locked}.`,
  },
  'id-reused': {
    severity: 'error',
    message: (p: { item: string; id: string; retired: string }) =>
      `${p.item} takes the id ${p.id} of ${p.retired}, which was retired.`,
    remedy: 'Give it an id of its own.',
  },
  'item-removed': {
    severity: 'error',
    message: (p: { item: string }) => `${p.item} was published and is gone without a reason.`,
    remedy: (p) =>
      `Restore it, or run \`breakglass bump --retire ${p.item} --reason "..."\`, so that workspaces remove it too.`,
  },
  'package-list-outdated': {
    severity: 'warning',
    message: () =>
      'The list of the package in this function is not that of its content: changes to new items would go unseen.',
    remedy: 'Run `breakglass bump`, which makes it anew.',
  },
});
