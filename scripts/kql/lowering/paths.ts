/** Access into dynamic values: `d.a`, `d["a"]`, `d[0]`, `d[-1]`, and the sides of a join condition. */
import type { SqlExpression } from '../functions/registry.ts';
import type { SyntaxNode } from '../syntax.ts';
import { tupleCall } from './calls.ts';
import { lower } from './expression.ts';
import { column, type Relation, sqlText } from './relation.ts';
import type { Scope } from './scope.ts';
import type { Translation } from './translation.ts';

/** A step into a dynamic value: a member, an index, or an expression that answers one of them. */
type Step = { json: string } | { key: SqlExpression; node: SyntaxNode };

export function path(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const member = scope.members?.(node.field('Expression')?.text ?? '', node.field('Selector')?.text ?? '');
  if (member) return member;
  const side = sideOf(node.field('Expression') as SyntaxNode, scope);
  if (side) {
    const selector = node.field('Selector') as SyntaxNode;
    const found = column(side.relation, selector.symbol?.name ?? selector.text);
    if (found) return { sql: `${side.alias}.${found.sql}`, type: found.type };
  }
  return element(node, scope, t);
}

/** Lowers a whole chain of steps, constant ones as one JSON path so that the text is read once. */
export function element(node: SyntaxNode, scope: Scope, t: Translation): SqlExpression {
  const steps: Step[] = [];
  let owner = node;
  while ((owner.kind === 'PathExpression' || owner.kind === 'ElementExpression') && !sideOf(owner, scope)) {
    const selector = owner.field('Selector') as SyntaxNode;
    const inside = owner.field('Expression') as SyntaxNode;
    if (sideOf(inside, scope)) break;
    steps.unshift(owner.kind === 'PathExpression' ? memberStep(memberName(selector)) : bracketStep(selector, scope, t));
    owner = inside;
  }
  const base = tupleElement(owner, steps, scope, t) ?? lower(owner, scope, t);
  if (base.type !== 'dynamic') return t.unsupported(`access to a member of a ${base.type}`, node);
  let sql = base.sql;
  let jsonPath = '$';
  let last: { target: string; path: string } | undefined;
  const extract = (path: string) => {
    last = { target: sql, path };
    sql = `json_extract(${sql}, ${path})`;
  };
  const flush = () => {
    if (jsonPath !== '$') extract(sqlText(jsonPath));
    jsonPath = '$';
  };
  for (const step of steps) {
    if ('json' in step) {
      jsonPath += step.json;
      continue;
    }
    flush();
    extract(pathOf(step.key, step.node, t));
  }
  flush();
  // JSON null is the null of dynamic.
  return { sql: `nullif(${sql}::VARCHAR, 'null')`, type: 'dynamic', ...(last && { jsonPath: last }) };
}

/** `f(x)[1]` of a function with several results is the second of them. */
function tupleElement(owner: SyntaxNode, steps: Step[], scope: Scope, t: Translation): SqlExpression | undefined {
  const result = owner.result;
  const [first] = steps;
  if (result?.kind !== 'tuple' || !first || !('json' in first)) return undefined;
  const at = Number(/^\[(\d+)\]$/.exec(first.json)?.[1]);
  const sql = tupleCall(owner, scope, t)[at];
  const column = result.columns[at];
  if (sql === undefined || !column) return undefined;
  steps.shift();
  return { sql, type: column.type };
}

function sideOf(owner: SyntaxNode, scope: Scope): { relation: Relation; alias: string } | undefined {
  if (!scope.sides) return undefined;
  if (owner.text === '$left') return { relation: scope.sides.left, alias: 'l' };
  if (owner.text === '$right') return { relation: scope.sides.right, alias: 'r' };
  return undefined;
}

/** The name after a dot: bare, or in brackets and quotes. */
function memberName(selector: SyntaxNode): string {
  const bracketed = /^\[\s*(['"])([\s\S]*)\1\s*\]$/.exec(selector.text);
  return bracketed ? (bracketed[2] ?? '') : selector.text;
}

function memberStep(name: string): Step {
  return { json: `."${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` };
}

function bracketStep(selector: SyntaxNode, scope: Scope, t: Translation): Step {
  const node = selector.field('Expression') as SyntaxNode;
  const key = lower(node, scope, t);
  if (typeof key.constant === 'string') return memberStep(key.constant);
  if (typeof key.constant === 'bigint') return { json: key.constant < 0n ? `[#${key.constant}]` : `[${key.constant}]` };
  return { key, node };
}

/** SQL that answers the JSON path of a step that is not constant. */
function pathOf(key: SqlExpression, node: SyntaxNode, t: Translation): string {
  if (key.type === 'long' || key.type === 'int') {
    return `(CASE WHEN ${key.sql} < 0 THEN '$[#' ELSE '$[' END || ${key.sql} || ']')`;
  }
  if (key.type === 'string') {
    return `('$."' || replace(replace(${key.sql}, '\\', '\\\\'), '"', '\\"') || '"')`;
  }
  return t.unsupported(`an element named by a ${key.type}`, node);
}
