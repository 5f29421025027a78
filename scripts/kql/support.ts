/** What the local engine answers and what it refuses, told by the tables that do the work. */
import { aggregates, refusedFunctions, scalarFunctions, tupleFunctions } from './functions/registry.ts';
import { builtIns } from './language-service.ts';
import { rowFunctions } from './lowering/row-functions.ts';
import { plugins } from './lowering/tabular/evaluate.ts';
import { operators, sources } from './lowering/tabular/index.ts';

export interface SupportEntry {
  kind: 'operator' | 'function' | 'aggregate' | 'plugin';
  name: string;
  /** `exact`: answered as Kusto does. `refused`: the query is refused with the place. */
  support: 'exact' | 'refused';
  reason?: string;
}

/** Kusto's tabular operators by the binder's node kind. */
const operatorNames: Readonly<Record<string, string>> = {
  AsOperator: 'as',
  AssertSchemaOperator: 'assert-schema',
  ConsumeOperator: 'consume',
  CountOperator: 'count',
  DataTableExpression: 'datatable',
  DistinctOperator: 'distinct',
  EvaluateOperator: 'evaluate',
  ExecuteAndCacheOperator: 'execute-and-cache',
  ExtendOperator: 'extend',
  ExternalDataExpression: 'externaldata',
  FacetOperator: 'facet',
  FilterOperator: 'where',
  FindOperator: 'find',
  ForkOperator: 'fork',
  GetSchemaOperator: 'getschema',
  GraphMatchOperator: 'graph-match',
  GraphShortestPathsOperator: 'graph-shortest-paths',
  GraphToTableOperator: 'graph-to-table',
  InvokeOperator: 'invoke',
  JoinOperator: 'join',
  LookupOperator: 'lookup',
  MacroExpandOperator: 'macro-expand',
  MakeGraphOperator: 'make-graph',
  MakeSeriesOperator: 'make-series',
  MvApplyOperator: 'mv-apply',
  MvExpandOperator: 'mv-expand',
  ParseKvOperator: 'parse-kv',
  ParseOperator: 'parse',
  ParseWhereOperator: 'parse-where',
  PartitionOperator: 'partition',
  PrintOperator: 'print',
  ProjectAwayOperator: 'project-away',
  ProjectByNamesOperator: 'project-by-names',
  ProjectKeepOperator: 'project-keep',
  ProjectOperator: 'project',
  ProjectRenameOperator: 'project-rename',
  ProjectReorderOperator: 'project-reorder',
  RangeOperator: 'range',
  ReduceByOperator: 'reduce',
  RenderOperator: 'render',
  SampleDistinctOperator: 'sample-distinct',
  SampleOperator: 'sample',
  ScanOperator: 'scan',
  SearchOperator: 'search',
  SerializeOperator: 'serialize',
  SortOperator: 'sort (order)',
  SummarizeOperator: 'summarize',
  TakeOperator: 'take (limit)',
  TopHittersOperator: 'top-hitters',
  TopNestedOperator: 'top-nested',
  TopOperator: 'top',
  UnionOperator: 'union',
};

/** Tabular functions and syntax that the pipeline itself answers. */
const pipelineFunctions = new Set(['materialize', 'toscalar', 'ingestion_time', 'table']);

/** Every operator, function, aggregate and plugin of the binder's catalogue, and whether the local engine answers it. */
export function supportTable(): SupportEntry[] {
  const known = builtIns();
  const entry = (kind: SupportEntry['kind'], name: string, exact: boolean, reason?: string): SupportEntry => ({
    kind,
    name,
    support: exact ? 'exact' : 'refused',
    ...(!exact && reason && { reason }),
  });
  const answers = (name: string): boolean => {
    const key = name.toLowerCase();
    return scalarFunctions.has(key) || tupleFunctions.has(key) || rowFunctions.has(key) || pipelineFunctions.has(key);
  };
  return [
    ...Object.entries(operatorNames).map(([node, name]) =>
      entry('operator', name, operators.has(node) || sources.has(node)),
    ),
    ...known.functions.map((name) => entry('function', name, answers(name), refusedFunctions.get(name.toLowerCase()))),
    ...known.aggregates.map((name) => entry('aggregate', name, aggregates.has(name.toLowerCase()))),
    ...known.plugins.map((name) => entry('plugin', name, plugins.has(name.toLowerCase()))),
  ].sort((a, b) => (a.kind === b.kind ? a.name.localeCompare(b.name) : 0));
}
