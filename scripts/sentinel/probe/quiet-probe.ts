/**
 * The quiet probe of a rule: a query that tells for many runs at once that none of them finds anything.
 *
 * A rule that runs every five minutes runs 2,016 times a week, and in nearly all runs nothing of its subject is there.
 * The probe keeps of the rule's query what selects rows by their own values (which account, which operation, which
 * result) and leaves out what depends on the clock or on other rows of the window. Run once over a window that holds the
 * windows of many runs, it answers at least one row if any of those runs would. So where it is empty, all are quiet.
 */
import type { Catalog } from '../../kql/catalog.ts';
import { analyze } from '../../kql/language-service.ts';
import type { SyntaxNode } from '../../kql/syntax.ts';
import { applyOperator, unionOf } from './operators.ts';
import { isStable, Scope, type Superset } from './scope.ts';
import { WITNESS, witnessed } from './witness.ts';

export type QuietProbe =
  /** The result is the same in every run. */
  | { readonly kind: 'constant' }
  /**
   * Where `query` is empty over the widest window, at the time of the first run, so is each run. Without a visible row in
   * any of `tables` it is empty. Where it is `witnessed`, it answers the columns of `WITNESS`: a run that lies within the
   * times of none of its rows is empty too.
   */
  | {
      readonly kind: 'probe';
      readonly query: string;
      readonly tables: readonly string[];
      readonly witnessed: boolean;
    }
  /** Nothing can be said without running: the rule looks for absence, or its rows come from watchlists. */
  | { readonly kind: 'none' };

/** Makes the probe of a query that binds; `catalog` is what the engine binds it with. */
export function quietProbe(query: string, catalog: Catalog): QuietProbe {
  const { root, diagnostics } = analyze(query, catalog);
  if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) return { kind: 'none' };
  return new Rewriter(catalog).probe(root);
}

export class Rewriter {
  readonly catalog: Catalog;
  /** The statements before the one that is being rewritten. */
  readonly #statements: string[] = [];
  /** Recorded tables that it reads. */
  readonly #tables = new Set<string>();
  #count = 0;

  constructor(catalog: Catalog) {
    this.catalog = catalog;
  }

  probe(root: SyntaxNode): QuietProbe {
    const scope = new Scope();
    const statements = root.items('Statements');
    const last = statements.at(-1)?.field('Expression');
    if (last === undefined) return { kind: 'none' };
    for (const statement of statements.slice(0, -1)) {
      if (statement.kind !== 'LetStatement') return { kind: 'none' };
      this.#statements.push(...this.letStatement(statement, scope));
    }
    if (isStable(last, scope, this.catalog)) return { kind: 'constant' };
    const superset = this.superset(last, scope);
    if (!superset?.recorded) return { kind: 'none' };
    return {
      kind: 'probe',
      query: withNeeded(
        this.#statements,
        `${superset.core}\n| ${superset.witnessed ? `distinct ${WITNESS.join(', ')}` : 'take 1'}`,
      ),
      tables: [...this.#tables],
      witnessed: superset.witnessed,
    };
  }

  /** Declares the name of a `let` statement and answers the statements that the rewritten query needs in its place. */
  letStatement(statement: SyntaxNode, scope: Scope): string[] {
    const name = statement.field('Name')?.text ?? '';
    const value = statement.field('Expression');
    const verbatim = `${statement.text};`;
    if (value === undefined) return [verbatim];
    if (value.kind === 'FunctionDeclaration') {
      const stable = isStable(value, scope, this.catalog);
      scope.declare(name, { kind: 'function', declaration: value, scope, stable });
      return [verbatim];
    }
    if (isStable(value, scope, this.catalog)) {
      scope.declare(name, { kind: 'stable' });
      return [verbatim];
    }
    const superset = value.result?.kind === 'table' ? this.superset(value, scope) : undefined;
    if (superset === undefined) {
      scope.declare(name, { kind: 'unstable' });
      return [verbatim];
    }
    const alias = this.alias(name);
    scope.declare(name, { kind: 'rows', superset: { ...superset, text: alias, core: alias } });
    return [verbatim, `let ${alias} = ${superset.text};`];
  }

  /** The superset of a tabular expression; undefined where nothing sound can be said. */
  superset(node: SyntaxNode, scope: Scope): Superset | undefined {
    switch (node.kind) {
      case 'ParenthesizedExpression':
      case 'MaterializeExpression': {
        const inner = node.field('Expression');
        return inner && this.superset(inner, scope);
      }
      case 'NameReference':
        return this.#named(node, scope);
      case 'PipeExpression': {
        const source = this.superset(node.field('Expression')!, scope);
        return source && applyOperator(this, node.field('Operator')!, node.field('Expression')!, source, scope);
      }
      case 'UnionOperator':
        return unionOf(this, node, [], scope);
      case 'FunctionCallExpression':
        return this.call(node, scope);
      default: {
        if (!isStable(node, scope, this.catalog)) return undefined;
        // An empty datatable gives a union the columns that an empty watchlist lacks; it adds no row.
        const empty = node.kind === 'DataTableExpression' && node.items('Values').length === 0;
        return exactly(node.text, empty);
      }
    }
  }

  #named(node: SyntaxNode, scope: Scope): Superset | undefined {
    const binding = scope.lookup(node.text);
    if (binding?.kind === 'rows') return binding.superset;
    if (binding !== undefined) return binding.kind === 'stable' ? exactly(node.text, false) : undefined;
    // A recorded table, or a missing one that a fuzzy union leaves out.
    if (node.symbol !== undefined && node.symbol.kind !== 'table') return undefined;
    this.#tables.add(node.text);
    return recordedTable(node);
  }

  /** The superset of a call of a tabular function; `piped` is what `invoke` passes as its first argument. */
  call(node: SyntaxNode, scope: Scope, piped?: Superset): Superset | undefined {
    if (piped === undefined && isStable(node, scope, this.catalog)) return exactly(node.text, false);
    const name = node.field('Name')?.text ?? '';
    const args = node.field('ArgumentList')?.items('Expressions') ?? [];
    const called = this.#definition(name, scope);
    if (called === undefined) {
      // A table function over a recorded table, such as _SentinelHealth().
      const table = this.catalog.tableFunctions.find((f) => f.name === name)?.resolve([]);
      if (table === undefined || args.length > 0) return undefined;
      this.#tables.add(table.name);
      return recordedTable(node);
    }
    const body = node.calledBody();
    if (body === undefined) return undefined;
    const inner = new Scope(called.scope);
    const names = node.parameters().map((parameter) => parameter.name);
    const passed: string[] = [];
    let parameters = called.parameters;
    for (const [index, parameter] of names.entries()) {
      const within = (rows: Superset): Superset => {
        if (rows.witnessed) parameters = withWitness(parameters, parameter);
        return { ...rows, text: parameter, core: parameter };
      };
      if (piped !== undefined && index === 0) {
        inner.declare(parameter, { kind: 'rows', superset: within(piped) });
        continue;
      }
      const argument = args[piped === undefined ? index : index - 1];
      if (argument === undefined || isStable(argument, scope, this.catalog)) {
        inner.declare(parameter, { kind: 'stable' });
        if (argument !== undefined) passed.push(argument.text);
        continue;
      }
      const rows = argument.result?.kind === 'table' ? this.superset(argument, scope) : undefined;
      if (argument.result?.kind === 'table' && !rows?.complete) return undefined;
      inner.declare(parameter, rows ? { kind: 'rows', superset: within(rows) } : { kind: 'unstable' });
      passed.push(rows ? `(${rows.text})` : argument.text);
    }
    const lines = body.items('Statements').flatMap((statement) => this.letStatement(statement, inner));
    const expression = body.field('Expression');
    const result = expression && this.superset(expression, inner);
    if (result === undefined) return undefined;
    // An incomplete argument lacks columns that the parameter declares: only a body that adds nothing to it can stand.
    if (piped !== undefined && !piped.complete) return result.text === names[0] ? piped : undefined;
    const alias = this.alias(name);
    this.#statements.push(`let ${alias} = ${parameters} {\n${[...lines, result.text].join('\n')}\n};`);
    const call = `${alias}(${passed.join(', ')})`;
    const text = piped === undefined ? call : `${piped.text}\n| invoke ${call}`;
    return { ...result, text, core: piped !== undefined && result.core === names[0] ? piped.core : text };
  }

  /** The parameters of a `let` or stored function, as they are declared, and the scope of its body. */
  #definition(name: string, scope: Scope): { parameters: string; scope: Scope | undefined } | undefined {
    const binding = scope.lookup(name);
    if (binding?.kind === 'function') {
      return { parameters: binding.declaration.field('Parameters')?.text ?? '()', scope: binding.scope };
    }
    const stored = binding === undefined ? this.catalog.functions.find((f) => f.name === name) : undefined;
    return stored && { parameters: stored.parameters, scope: undefined };
  }

  alias(name: string): string {
    return `${name}__${++this.#count}`;
  }
}

const NONE: ReadonlySet<string> = new Set();

function exactly(text: string, recorded: boolean): Superset {
  return { text, core: text, tainted: NONE, ceilings: NONE, complete: true, witnessed: false, recorded };
}

/** A recorded table, or one that is missing and that a fuzzy union leaves out. */
function recordedTable(node: SyntaxNode): Superset {
  const columns = node.result?.kind === 'table' ? node.result.columns : [];
  const timed = node.result === undefined || columns.some((column) => column.name === 'TimeGenerated');
  return timed ? { ...exactly(witnessed(node.text), true), witnessed: true } : exactly(node.text, true);
}

/** The parameters with the columns of the witness declared for one of them, so that its body can name them. */
function withWitness(parameters: string, name: string): string {
  const declared = WITNESS.map((column) => `${column}:datetime`).join(', ');
  return parameters.replace(
    new RegExp(`(\\b${name}\\s*:\\s*\\([^()*]*)\\)`),
    (_, columns: string) => `${columns}${columns.trimEnd().endsWith('(') ? '' : ', '}${declared})`,
  );
}

/** The query with those of the statements before it that it needs. */
function withNeeded(statements: readonly string[], query: string): string {
  const kept = [query];
  for (const statement of [...statements].reverse()) {
    const name = /^let\s+([A-Za-z_]\w*)/.exec(statement)?.[1];
    const needed = name === undefined || kept.some((text) => new RegExp(`\\b${name}\\b`).test(text));
    if (needed) kept.unshift(statement);
  }
  return kept.join('\n');
}
