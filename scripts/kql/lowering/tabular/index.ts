/** The tabular operators that are answered, by the binder's node kind. */
import type { SyntaxNode } from '../../syntax.ts';
import type { Relation } from '../relation.ts';
import type { Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { join, lookup } from './join.ts';
import { mvExpand } from './mv-expand.ts';
import { count, distinct, render, sort, take, top } from './order.ts';
import { extend, filter, project, projectAway, projectKeep, projectRename, projectReorder } from './project.ts';
import { dataTable, print, range } from './sources.ts';
import { summarize } from './summarize.ts';
import { union } from './union.ts';

export type TabularOperator = (node: SyntaxNode, input: Relation, scope: Scope, t: Translation) => Relation;
export type TabularSource = (node: SyntaxNode, scope: Scope, t: Translation) => Relation;

export const operators: ReadonlyMap<string, TabularOperator> = new Map<string, TabularOperator>([
  ['CountOperator', count],
  ['DistinctOperator', distinct],
  ['ExtendOperator', extend],
  ['FilterOperator', filter],
  ['JoinOperator', join],
  ['LookupOperator', lookup],
  ['MvExpandOperator', mvExpand],
  ['ProjectAwayOperator', projectAway],
  ['ProjectKeepOperator', projectKeep],
  ['ProjectOperator', project],
  ['ProjectRenameOperator', projectRename],
  ['ProjectReorderOperator', projectReorder],
  ['RenderOperator', render],
  ['SortOperator', sort],
  ['SummarizeOperator', summarize],
  ['TakeOperator', take],
  ['TopOperator', top],
  ['UnionOperator', (node, input, scope, t) => union(node, scope, t, input)],
]);

export const sources: ReadonlyMap<string, TabularSource> = new Map<string, TabularSource>([
  ['DataTableExpression', dataTable],
  ['PrintOperator', print],
  ['RangeOperator', range],
  ['UnionOperator', (node, scope, t) => union(node, scope, t)],
]);
