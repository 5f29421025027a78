/** The tabular operators that are answered, by the binder's node kind. */
import type { SyntaxNode } from '../../syntax.ts';
import type { Relation } from '../relation.ts';
import type { Scope } from '../scope.ts';
import type { Translation } from '../translation.ts';
import { evaluate } from './evaluate.ts';
import { externalData } from './external-data.ts';
import { join, lookup } from './join.ts';
import { makeSeries } from './make-series.ts';
import { mvApply, partition } from './mv-apply.ts';
import { mvExpand } from './mv-expand.ts';
import { count, distinct, render, sort, take, top } from './order.ts';
import { parse, parseKv, parseWhere } from './parse.ts';
import {
  extend,
  filter,
  project,
  projectAway,
  projectByNames,
  projectKeep,
  projectRename,
  projectReorder,
} from './project.ts';
import { scan } from './scan.ts';
import { find, search } from './search.ts';
import { as, getSchema, invoke, sample, sampleDistinct, serialize } from './serialize.ts';
import { dataTable, print, range } from './sources.ts';
import { summarize } from './summarize.ts';
import { topHitters, topNested } from './top-nested.ts';
import { union } from './union.ts';

export type TabularOperator = (node: SyntaxNode, input: Relation, scope: Scope, t: Translation) => Relation;
export type TabularSource = (node: SyntaxNode, scope: Scope, t: Translation) => Relation;

export const operators: ReadonlyMap<string, TabularOperator> = new Map<string, TabularOperator>([
  ['AsOperator', as],
  ['CountOperator', count],
  ['DistinctOperator', distinct],
  ['EvaluateOperator', evaluate],
  ['ExtendOperator', extend],
  ['FilterOperator', filter],
  ['FindOperator', (node, input, scope, t) => find(node, scope, t, input)],
  ['GetSchemaOperator', getSchema],
  ['InvokeOperator', invoke],
  ['JoinOperator', join],
  ['LookupOperator', lookup],
  ['MakeSeriesOperator', makeSeries],
  ['MvApplyOperator', mvApply],
  ['MvExpandOperator', mvExpand],
  ['ParseKvOperator', parseKv],
  ['ParseOperator', parse],
  ['ParseWhereOperator', parseWhere],
  ['PartitionOperator', partition],
  ['ProjectAwayOperator', projectAway],
  ['ProjectByNamesOperator', projectByNames],
  ['ProjectKeepOperator', projectKeep],
  ['ProjectOperator', project],
  ['ProjectRenameOperator', projectRename],
  ['ProjectReorderOperator', projectReorder],
  ['RenderOperator', render],
  ['SampleDistinctOperator', sampleDistinct],
  ['SampleOperator', sample],
  ['ScanOperator', scan],
  ['SearchOperator', (node, input, scope, t) => search(node, scope, t, input)],
  ['SerializeOperator', serialize],
  ['SortOperator', sort],
  ['SummarizeOperator', summarize],
  ['TakeOperator', take],
  ['TopHittersOperator', topHitters],
  ['TopNestedOperator', topNested],
  ['TopOperator', top],
  ['UnionOperator', (node, input, scope, t) => union(node, scope, t, input)],
]);

export const sources: ReadonlyMap<string, TabularSource> = new Map<string, TabularSource>([
  ['DataTableExpression', dataTable],
  ['ExternalDataExpression', externalData],
  ['FindOperator', (node, scope, t) => find(node, scope, t)],
  ['PrintOperator', print],
  ['RangeOperator', range],
  ['SearchOperator', (node, scope, t) => search(node, scope, t)],
  ['UnionOperator', (node, scope, t) => union(node, scope, t)],
]);
