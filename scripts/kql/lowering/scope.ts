/** Names and what they stand for while a query is lowered. */
import type { SqlExpression } from '../functions/registry.ts';
import type { SyntaxNode } from '../syntax.ts';
import type { Relation } from './relation.ts';

/** A `let` statement, or a parameter inside a called function. Values are lowered when they are first used. */
export type Binding =
  | { kind: 'scalar'; value: () => SqlExpression }
  | { kind: 'table'; relation: () => Relation }
  | { kind: 'function'; declaration: SyntaxNode; environment: Environment };

/** Names that a query or a function body sees; each `let` makes a new one, so a body sees only what stands before it. */
export class Environment {
  readonly #parent: Environment | undefined;
  readonly #bindings: ReadonlyMap<string, Binding>;

  constructor(parent?: Environment, bindings: ReadonlyMap<string, Binding> = new Map()) {
    this.#parent = parent;
    this.#bindings = bindings;
  }

  with(name: string, binding: Binding): Environment {
    return new Environment(this, new Map([[name, binding]]));
  }

  find(name: string): Binding | undefined {
    return this.#bindings.get(name) ?? this.#parent?.find(name);
  }
}

/** Expressions that a stage computes before its own SELECT, so that SQL can name them more than once at one cost. */
export class Hoist {
  readonly #levels: Map<string, string>[] = [];
  readonly #levelOf = new Map<string, number>();
  readonly #fresh: () => string;

  constructor(fresh: () => string) {
    this.#fresh = fresh;
  }

  /** The SQL name of a column that holds the expression. */
  once(sql: string): string {
    for (const level of this.#levels) {
      const known = level.get(sql);
      if (known) return known;
    }
    let depth = 0;
    for (const [name, level] of this.#levelOf) if (sql.includes(name)) depth = Math.max(depth, level + 1);
    const name = this.#fresh();
    const level = this.#levels[depth] ?? new Map<string, string>();
    this.#levels[depth] = level;
    level.set(sql, name);
    this.#levelOf.set(name, depth);
    return name;
  }

  /** A FROM item with the columns of `from` and the hoisted ones. */
  wrap(from: string): string {
    let item = from;
    for (const level of this.#levels) {
      const extra = [...level].map(([sql, name]) => `${sql} AS ${name}`).join(', ');
      item = `(SELECT *, ${extra} FROM ${item})`;
    }
    return item;
  }

  get isEmpty(): boolean {
    return this.#levels.length === 0;
  }
}

/** Where an expression stands. */
export interface Scope {
  readonly environment: Environment;
  /** The rows that its column names belong to; undefined outside a tabular operator. */
  readonly relation?: Relation;
  /** In the condition of a join: the two sides by `$left` and `$right`, each with its SQL alias. */
  readonly sides?: { left: Relation; right: Relation };
  readonly hoist?: Hoist;
  /** In `summarize` and its kin: lowers an aggregate call. */
  readonly aggregate?: (call: SyntaxNode) => SqlExpression | undefined;
  /** Columns that the operator defines by name before use, such as the variables of mv-apply or scan. */
  readonly locals?: ReadonlyMap<string, SqlExpression>;
  /** In scan: what `step.column` stands for. */
  readonly members?: (owner: string, member: string) => SqlExpression | undefined;
}

/** Whether SQL is a name, a parameter or a literal: nothing that costs when it stands twice. */
export function isAtom(sql: string): boolean {
  return /^("[^"]+"|[lr]\."[^"]+"|\$\w+::BIGINT|-?\d+(\.\d+)?(::\w+)?|'[^']*'|NULL::\w+|true|false)$/i.test(sql);
}
