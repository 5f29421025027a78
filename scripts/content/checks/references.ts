/** Names, ids and references between items: unique, the same as the file's, and of things that exist. */
import { basename } from 'node:path';
import { checkDiagnostic } from '../../diagnostics/checks.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { closest } from '../closest.ts';
import type { Item } from '../model.ts';
import type { CheckContext } from './check-context.ts';

export function checkReferences(context: CheckContext): Diagnostic[] {
  return [
    ...checkIds(context),
    ...checkNames(context),
    ...checkFunctions(context),
    ...checkWatchlists(context),
    ...checkWatchlistUse(context),
    ...checkAutomationRules(context),
  ];
}

function checkIds(context: CheckContext): Diagnostic[] {
  const { rules, huntingQueries, functions, watchlists, automationRules, workbooks } = context.content;
  const items: Item<{ id: string }>[] = [
    ...rules,
    ...huntingQueries,
    ...functions,
    ...watchlists,
    ...automationRules,
    ...workbooks.flatMap(({ description, value }) => (description ? [{ source: description, value }] : [])),
  ];
  return unique(items, ({ value }) => value.id.toLowerCase()).map(({ item, other }) =>
    checkDiagnostic('id-duplicate', context.place(item.source, ['id']), {
      id: item.value.id,
      other: other.source.file,
    }),
  );
}

function checkNames(context: CheckContext): Diagnostic[] {
  const { rules, huntingQueries, automationRules } = context.content;
  const kinds: Item<{ name: string }>[][] = [rules, huntingQueries, automationRules];
  return kinds.flatMap((items) => [
    ...unique(items, ({ value }) => value.name.toLowerCase()).map(({ item, other }) => {
      const parameters = { name: item.value.name, other: other.source.file };
      return checkDiagnostic('name-duplicate', context.place(item.source, ['name']), parameters);
    }),
    ...items.flatMap(({ source, value }) => {
      const problem = /\.$/.test(value.name)
        ? 'ends with a full stop'
        : value.name.length > 100
          ? `has ${value.name.length} characters`
          : /^\s|\s$/.test(value.name)
            ? 'begins or ends with a space'
            : undefined;
      return problem ? [checkDiagnostic('name-style', context.place(source, ['name']), { problem })] : [];
    }),
  ]);
}

function unique<T>(items: readonly T[], key: (item: T) => string): { item: T; other: T }[] {
  const first = new Map<string, T>();
  return items.flatMap((item) => {
    const other = first.get(key(item));
    if (other === undefined) first.set(key(item), item);
    return other === undefined ? [] : [{ item, other }];
  });
}

function checkFunctions(context: CheckContext): Diagnostic[] {
  return context.content.functions.flatMap(({ source, value }) => {
    const findings: Diagnostic[] = [];
    for (const key of ['FunctionAlias', 'FunctionName'] as const) {
      if (value[key] === source.slug) continue;
      const parameters = { key, name: value[key], file: basename(source.file) };
      findings.push(checkDiagnostic('name-mismatch', context.place(source, [key]), parameters));
    }
    let defaults = false;
    value.FunctionParams?.forEach((parameter, index) => {
      if (parameter.Default !== undefined) defaults = true;
      else if (defaults) {
        const place = context.place(source, ['FunctionParams', index, 'Name']);
        findings.push(checkDiagnostic('function-parameter-order', place, { name: parameter.Name }));
      }
    });
    return findings;
  });
}

function checkWatchlists(context: CheckContext): Diagnostic[] {
  return context.content.watchlists.flatMap(({ source, value }) => {
    const findings: Diagnostic[] = [];
    if (value.watchlistAlias !== source.slug) {
      const parameters = { key: 'watchlistAlias', name: value.watchlistAlias, file: basename(source.file) };
      findings.push(checkDiagnostic('name-mismatch', context.place(source, ['watchlistAlias']), parameters));
    }
    const names = value.columns.map((column) => column.name);
    if (!names.includes(value.itemsSearchKey)) {
      const suggestion = closest(value.itemsSearchKey, names);
      const parameters = { column: value.itemsSearchKey, ...(suggestion === undefined ? {} : { suggestion }) };
      findings.push(checkDiagnostic('search-key-unknown', context.place(source, ['itemsSearchKey']), parameters));
    }
    return findings;
  });
}

function checkWatchlistUse(context: CheckContext): Diagnostic[] {
  const aliases = context.content.watchlists.map((item) => item.value.watchlistAlias);
  const known = new Set(aliases.map((alias) => alias.toLowerCase()));
  return context.querySites().flatMap((site) =>
    context.watchlistsOf(site).flatMap(({ alias, start, length }) => {
      if (known.has(alias.toLowerCase())) return [];
      const suggestion = closest(alias, aliases);
      const place = context.placeInQuery(site, start, length);
      return [
        checkDiagnostic('watchlist-unknown', place, { alias, ...(suggestion === undefined ? {} : { suggestion }) }),
      ];
    }),
  );
}

function checkAutomationRules(context: CheckContext): Diagnostic[] {
  const rules = context.content.rules.map((item) => item.source.slug);
  const playbooks = context.content.playbooks.map((item) => item.value.slug);
  return context.content.automationRules.flatMap(({ source, value }) => {
    const findings: Diagnostic[] = [];
    value.analyticsRules?.forEach((slug, index) => {
      if (rules.includes(slug)) return;
      const suggestion = closest(slug, rules);
      const place = context.place(source, ['analyticsRules', index]);
      findings.push(
        checkDiagnostic('rule-unknown', place, { slug, ...(suggestion === undefined ? {} : { suggestion }) }),
      );
    });
    value.actions.forEach((action, index) => {
      if (action.actionType !== 'RunPlaybook' || playbooks.includes(action.playbook)) return;
      const suggestion = closest(action.playbook, playbooks);
      const parameters = { slug: action.playbook, ...(suggestion === undefined ? {} : { suggestion }) };
      findings.push(
        checkDiagnostic('playbook-unknown', context.place(source, ['actions', index, 'playbook']), parameters),
      );
    });
    return findings;
  });
}
