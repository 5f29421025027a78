/** Statements: `let`, `declare query_parameters`, `set`, and the tabular statement that is answered. */
import type { SyntaxNode } from '../syntax.ts';
import { once } from './calls.ts';
import { lower } from './expression.ts';
import { relationOf } from './pipeline.ts';
import type { Binding, Scope } from './scope.ts';
import type { Translation } from './translation.ts';

/** The scope after a list of statements, and the expression of the last one that has one. */
export function runStatements(
  statements: readonly SyntaxNode[],
  scope: Scope,
  t: Translation,
): { scope: Scope; expression: SyntaxNode | undefined } {
  let current = scope;
  let expression: SyntaxNode | undefined;
  for (const statement of statements) {
    switch (statement.kind) {
      case 'LetStatement': {
        const name =
          (statement.field('Name') as SyntaxNode).symbol?.name ?? (statement.field('Name') as SyntaxNode).text;
        const binding = letBinding(statement.field('Expression') as SyntaxNode, current, t);
        current = { ...current, environment: current.environment.with(name, binding) };
        break;
      }
      case 'ExpressionStatement':
        if (expression) return t.unsupported('more than one tabular statement in a query', statement);
        expression = statement.field('Expression');
        break;
      case 'SetOptionStatement':
        setOption(statement, t);
        break;
      case 'QueryParametersStatement':
        current = queryParameters(statement, current, t);
        break;
      default:
        return t.unsupported(`the ${statement.kind.replace('Statement', '').toLowerCase()} statement`, statement);
    }
  }
  return { scope: current, expression };
}

/** Options that change the answer, https://learn.microsoft.com/kusto/query/set-statement; most are about the cost alone. */
const ANSWER_OPTIONS =
  /^(query_now|query_datetimescope_\w+|query_take_max_records|truncationmaxrecords|truncationmaxsize|query_force_row_level_security)$/i;

/** What reads an option looks it up. */
function setOption(statement: SyntaxNode, t: Translation): void {
  const name = statement.children.find((child) => child.kind === 'NameDeclaration')?.text;
  const clause = statement.children.find((child) => child.kind === 'OptionValueClause');
  const value = clause?.children.find((child) => !child.isToken);
  if (name && ANSWER_OPTIONS.test(name)) t.unsupported(`set ${name}`, statement);
  if (name && value) t.requestOptions.set(name, value);
}

function letBinding(node: SyntaxNode, scope: Scope, t: Translation): Binding {
  if (node.kind === 'FunctionDeclaration') {
    return { kind: 'function', declaration: node, environment: scope.environment };
  }
  const inner: Scope = { environment: scope.environment };
  if (node.result?.kind === 'table') return { kind: 'table', relation: once(() => relationOf(node, inner, t)) };
  return { kind: 'scalar', value: once(() => lower(node, inner, t)) };
}

/** Parameters that are declared without a caller take their defaults. */
function queryParameters(statement: SyntaxNode, scope: Scope, t: Translation): Scope {
  let { environment } = scope;
  for (const parameter of statement.items('Parameters')) {
    const declaration = parameter.field('NameAndType')?.field('Name');
    const value = parameter.field('DefaultValue')?.field('Value');
    if (!declaration || !value) return t.unsupported('a query parameter without a default', parameter);
    environment = environment.with(declaration.symbol?.name ?? declaration.text, {
      kind: 'scalar',
      value: once(() => lower(value, { environment: scope.environment }, t)),
    });
  }
  return { ...scope, environment };
}

/** The inside of a called function. */
export function bodyScope(body: SyntaxNode, scope: Scope, t: Translation): { scope: Scope; expression: SyntaxNode } {
  const after = runStatements(body.items('Statements'), scope, t);
  const expression = body.field('Expression');
  if (!expression) return t.unsupported('a function without a result', body);
  return { scope: after.scope, expression };
}
