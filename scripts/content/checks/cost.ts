/** Queries that cost more than they have to, or say less than they mean. */
import { checkDiagnostic } from '../../diagnostics/checks.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { SyntaxNode } from '../../kql/syntax.ts';
import { descendants } from '../query-facts.ts';
import type { CheckContext, QuerySite } from './check-context.ts';
import { binds } from './kql.ts';

export function checkCost(context: CheckContext): Diagnostic[] {
  return context.querySites().flatMap((site) => {
    const { analysis, offset } = context.analyzeSite(site);
    return [
      ...descendants(analysis.root).flatMap((node) => checkNode(context, site, node, offset)),
      ...(site.kind === 'hunting' ? checkTimeFilter(context, site) : []),
    ];
  });
}

function checkNode(context: CheckContext, site: QuerySite, node: SyntaxNode, offset: number): Diagnostic[] {
  const place = (length: number) => context.placeInQuery(site, node.start - offset, length);
  switch (node.kind) {
    case 'JoinOperator': {
      const named = descendants(node.children.find((child) => child.kind === 'List') ?? node);
      const hasKind = named.some((child) => child.kind === 'NamedParameter' && /^kind\b/.test(child.text));
      return hasKind ? [] : [checkDiagnostic('join-kind', place(4), {})];
    }
    case 'ContainsExpression': {
      const text = node.children.at(-1)?.constant;
      // A word of letters and digits is a term of the index; anything else may stand inside one.
      if (typeof text !== 'string' || !/^[A-Za-z0-9]{4,}$/.test(text)) return [];
      return [checkDiagnostic('cost-contains', place(node.end - node.start), { text })];
    }
    case 'SearchOperator':
      return site.kind === 'rule' ? [] : [checkDiagnostic('cost-search', place(6), { construct: 'search' })];
    default:
      return [];
  }
}

const timeColumns = ['TimeGenerated', 'CreatedDateTime', 'ActivityDateTime', 'EventTime', 'FirstSeen', 'CreatedTime'];

function checkTimeFilter(context: CheckContext, site: QuerySite): Diagnostic[] {
  if (!binds(context, site.query)) return [];
  const { tables, filteredColumns, functions } = context.factsOf(site.query);
  const bounded = timeColumns.some((column) => filteredColumns.has(column)) || functions.has('ingestion_time');
  if (tables.size === 0 || bounded || site.query.includes('{{StartTimeISO}}')) return [];
  const place = context.place(site.source, site.path, 'key');
  return [checkDiagnostic('cost-no-time-filter', place, { tables: [...tables].join(', ') })];
}
