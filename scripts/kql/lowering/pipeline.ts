/** Tabular expressions: where rows come from, and the operators that follow each other. */
import type { SyntaxNode } from '../syntax.ts';
import { callScope, lowerOnce, userFunctionBody } from './calls.ts';
import { lower } from './expression.ts';
import { nameColumns, quoteName, type Relation, type RelationColumn } from './relation.ts';
import type { Scope } from './scope.ts';
import { bodyScope } from './statements.ts';
import { operators, sources } from './tabular/index.ts';
import { INGESTED, type Translation, WORKSPACE } from './translation.ts';

/** Lowers a tabular expression. @throws KqlUnsupported with the place of what is not answered. */
export function relationOf(node: SyntaxNode, scope: Scope, t: Translation): Relation {
  switch (node.kind) {
    case 'PipeExpression': {
      const input = relationOf(node.field('Expression') as SyntaxNode, scope, t);
      return applyOperator(node.field('Operator') as SyntaxNode, input, scope, t);
    }
    case 'ParenthesizedExpression':
    case 'MaterializeExpression':
    case 'DataScopeExpression':
      return relationOf(node.field('Expression') as SyntaxNode, scope, t);
    case 'NameReference':
      return namedTable(node, scope, t);
    case 'PathExpression':
      return t.unsupported('a table of another database', node);
    case 'FunctionCallExpression':
      return tabularCall(node, scope, t);
    default: {
      const source = sources.get(node.kind);
      if (source) return source(node, scope, t);
      if (scope.relation && operators.has(node.kind)) return applyOperator(node, scope.relation, scope, t);
      return t.unsupported(operatorName(node), node);
    }
  }
}

/** The keyword of an operator as it is written. */
export function operatorName(node: SyntaxNode): string {
  const keyword = node.children.find((child) => child.isToken)?.text;
  return keyword ? `the operator ${keyword}` : node.kind;
}

function applyOperator(node: SyntaxNode, input: Relation, scope: Scope, t: Translation): Relation {
  const operator = operators.get(node.kind);
  if (!operator) return t.unsupported(operatorName(node), node);
  return operator(node, input, { environment: scope.environment }, t);
}

function namedTable(node: SyntaxNode, scope: Scope, t: Translation): Relation {
  const name = node.symbol?.name ?? node.text;
  const binding = scope.environment.find(name);
  if (binding?.kind === 'table') return binding.relation();
  if (node.symbol?.kind === 'function') return tabularCall(node, scope, t);
  const named = t.named.get(name);
  if (named) return named;
  const table = t.catalog.tables.find((candidate) => candidate.name === name);
  if (table) return storedTable(table.name, nameColumns(table.columns), t, { restricted: true });
  return t.unsupported(`the table ${name}`, node);
}

/** The scan of a stored table, restricted to what the run may see where its rows are events. */
export function storedTable(
  name: string,
  columns: readonly RelationColumn[],
  t: Translation,
  options: { restricted: boolean },
): Relation {
  t.tables.set(name, { name, columns: columns.map((c) => ({ name: c.name, type: c.type })) });
  const time = columns.find((candidate) => candidate.name === 'TimeGenerated' && candidate.type === 'datetime');
  const carried = t.usesIngestion ? [INGESTED] : [];
  const items = [...columns.map((c) => c.sql), ...carried].map((sql) => ({ sql, name: sql }));
  const from = t.select(items, (bounds) => {
    const own = bounds.workspace ? [`${WORKSPACE} = ${t.clock('workspace')}`] : [];
    const visible = [
      bounds.timeFrom && time && `${time.sql} >= ${t.clock('time_from')}`,
      bounds.timeTo && time && `${time.sql} < ${t.clock('time_to')}`,
      bounds.ingestedFrom && `${INGESTED} >= ${t.clock('ingested_from')}`,
      bounds.ingestedTo && `${INGESTED} < ${t.clock('ingested_to')}`,
    ].filter(Boolean);
    const conditions = options.restricted ? [...own, ...visible] : own;
    return `FROM ${quoteName(name)}${conditions.length ? ` WHERE ${conditions.join(' AND ')}` : ''}`;
  });
  return { from, columns, ...(t.usesIngestion && { ingestion: INGESTED }) };
}

function tabularCall(node: SyntaxNode, scope: Scope, t: Translation): Relation {
  const name = node.symbol?.name ?? node.text;
  const stored = t.catalog.tableFunctions.find((candidate) => candidate.name === name);
  if (stored) {
    const args = node.field('ArgumentList')?.items('Expressions') ?? [];
    const values = args.map((argument) => argument.constant);
    const table = stored.resolve(values.filter((value): value is string => typeof value === 'string'));
    if (!table) return t.fail(`${name}(${values.map((v) => `'${String(v)}'`).join(', ')}) does not exist`, node);
    // A watchlist is state, not events: every run sees all of it.
    const restricted = t.catalog.tables.some((candidate) => candidate.name === table.name);
    return storedTable(table.name, nameColumns(table.columns), t, { restricted });
  }
  const body = userFunctionBody(node);
  if (!body) return name === 'table' ? tableByName(node, scope, t) : t.unsupported(`${name}()`, node);
  return lowerOnce(node, scope, t, () => calledRelation(node, body, callScope(node, scope, t), t));
}

/** `table("SigninLogs")`, where the name may be what a function was given, https://learn.microsoft.com/kusto/query/table-function. */
function tableByName(node: SyntaxNode, scope: Scope, t: Translation): Relation {
  const [argument] = node.field('ArgumentList')?.items('Expressions') ?? [];
  const name = argument && lower(argument, scope, t).constant;
  if (typeof name !== 'string') return t.unsupported('table() without a constant name', node);
  const table = t.catalog.tables.find((candidate) => candidate.name === name);
  if (!table) return t.fail(`the table ${name} does not exist`, node);
  return storedTable(table.name, nameColumns(table.columns), t, { restricted: true });
}

/** The rows of a called function with a tabular body. */
export function calledRelation(node: SyntaxNode, body: SyntaxNode, scope: Scope, t: Translation): Relation {
  const inside = bodyScope(body, scope, t);
  if (inside.expression.result?.kind !== 'table')
    return t.unsupported('a scalar function in the place of a table', node);
  return relationOf(inside.expression, inside.scope, t);
}

/** The columns that the binder says a tabular node answers. */
export function resultColumns(node: SyntaxNode, t: Translation): RelationColumn[] {
  const result = node.result;
  if (result?.kind === 'table') return nameColumns(result.columns.filter(({ name }) => !t.phantoms.has(name)));
  return t.unsupported('an operator whose result the binder does not know', node);
}
