/**
 * Mutants of a query: the query with one small mistake each, made through its syntax tree. Every mutant must still parse
 * and bind; the tests should tell it from the original.
 */
import type { Catalog } from '../kql/catalog.ts';
import { analyze } from '../kql/language-service.ts';
import { walk } from '../kql/references.ts';
import type { SyntaxNode } from '../kql/syntax.ts';

export interface Mutant {
  /** What was done: `drop-predicate`, `flip-comparison`, ... */
  readonly operator: string;
  /** One phrase for people. */
  readonly description: string;
  /** The place of the change in the original: zero-based, `end` exclusive; and what stands there now. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const COMPARISONS: Readonly<Record<string, string>> = {
  '==': '!=',
  '!=': '==',
  '=~': '!~',
  '!~': '=~',
  '<': '>=',
  '>': '<=',
  '<=': '>',
  '>=': '<',
  has: '!has',
  '!has': 'has',
  in: '!in',
  '!in': 'in',
  'in~': '!in~',
  '!in~': 'in~',
  contains: '!contains',
  startswith: '!startswith',
  has_any: '!in',
};

/** Comparisons that fold case, and the one that does not. */
const CASE_SENSITIVE: Readonly<Record<string, string>> = { '=~': '==', '!~': '!=', 'in~': 'in', '!in~': '!in' };

const JOIN_KINDS: Readonly<Record<string, string>> = {
  inner: 'leftouter',
  innerunique: 'leftouter',
  leftouter: 'inner',
  leftanti: 'leftsemi',
  leftsemi: 'leftanti',
  anti: 'leftsemi',
};

const NORMALISATIONS: ReadonlySet<string> = new Set([
  'tolower',
  'toupper',
  'trim',
  'trim_start',
  'trim_end',
  'coalesce',
]);

/** The mutants of a query, in the order of its text. */
export function mutantsOf(query: string, catalog: Catalog): Mutant[] {
  const { root } = analyze(query, catalog);
  const found: Mutant[] = [];
  for (const node of walk(root)) found.push(...mutate(node));
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The text of a query with the mutant in it. */
export function applyMutant(query: string, { start, end, replacement }: Mutant): string {
  return query.slice(0, start) + replacement + query.slice(end);
}

function mutate(node: SyntaxNode): Mutant[] {
  const change = (operator: string, description: string, replacement: string, at: SyntaxNode = node): Mutant => ({
    operator,
    description,
    start: at.start,
    end: at.end,
    replacement,
  });
  switch (node.kind) {
    case 'FilterOperator': {
      const condition = node.field('Condition')!;
      return [change('drop-filter', `without "where ${short(condition.text)}"`, 'where true')];
    }
    case 'AndExpression':
    case 'OrExpression': {
      const word = node.kind === 'AndExpression' ? 'and' : 'or';
      const [left, right] = [node.field('Left')!, node.field('Right')!];
      return [
        change('drop-predicate', `without "${short(left.text)}" ${word}`, right.text),
        change('drop-predicate', `without ${word} "${short(right.text)}"`, left.text),
      ];
    }
    case 'UnionOperator': {
      const legs = node.items('Expressions');
      return legs.length < 2
        ? []
        : legs
            .filter((leg) => !/^\(?\s*datatable\b/.test(leg.text))
            .map((leg) =>
              change('drop-union-leg', `without the leg ${short(leg.text)}`, `(${leg.text} | where false)`, leg),
            );
    }
    case 'NamedParameter': {
      const kind = node.field('Expression')?.text ?? '';
      const other = JOIN_KINDS[kind];
      return node.field('Name')?.text === 'kind' && other
        ? [change('join-kind', `${kind} join becomes ${other}`, `kind=${other}`)]
        : [];
    }
    case 'JoinOnClause': {
      const conditions = node.items('Expressions');
      return conditions.length < 2
        ? []
        : conditions.map((dropped) => {
            const rest = conditions.filter((condition) => condition !== dropped).map((condition) => condition.text);
            return change('drop-join-condition', `joins without ${short(dropped.text)}`, `on ${rest.join(', ')}`);
          });
    }
    case 'FunctionCallExpression':
      return call(node, change);
    case 'DistinctOperator':
      return [change('drop-dedupe', 'without distinct', `project ${node.text.replace(/^distinct\s+/, '')}`)];
    case 'LongLiteralExpression':
    case 'IntLiteralExpression':
      return inSchema(node) || isSizeOfList(node)
        ? []
        : [change('change-literal', `${node.text} becomes ${next(node.text)}`, next(node.text))];
    case 'TimespanLiteralExpression':
      // Ten times nothing is nothing.
      return /^0+(\.0+)?[a-z]*$/i.test(node.text)
        ? []
        : [change('change-literal', `${node.text} becomes ten times as long`, `(${node.text} * 10)`)];
    case 'StringLiteralExpression':
      return strings(node, change);
    case 'BooleanLiteralExpression':
      return node.parent?.kind === 'NamedParameter'
        ? []
        : [change('change-literal', `${node.text} is turned round`, node.text === 'true' ? 'false' : 'true')];
    default:
      return comparison(node, change);
  }
}

type Change = (operator: string, description: string, replacement: string, at?: SyntaxNode) => Mutant;

function comparison(node: SyntaxNode, change: Change): Mutant[] {
  const operator = node.field('Operator');
  if (operator === undefined || !node.field('Left') || !node.field('Right')) return [];
  const word = operator.text.toLowerCase();
  // The keys of a join are compared by the join.
  if (node.parent?.parent?.kind === 'List' && node.parent.parent.parent?.kind === 'JoinOnClause') return [];
  const mutants: Mutant[] = [];
  const flipped = COMPARISONS[word];
  if (flipped && word !== 'has_any') {
    mutants.push(change('flip-comparison', `${word} becomes ${flipped}`, flipped, operator));
  }
  const exact = CASE_SENSITIVE[word];
  if (exact) mutants.push(change('drop-normalisation', `${word} minds case: ${exact}`, exact, operator));
  return mutants;
}

function call(node: SyntaxNode, change: Change): Mutant[] {
  const name = node.field('Name')?.text ?? '';
  const args = node.field('ArgumentList')?.items('Expressions') ?? [];
  if (name === 'not' && args.length === 1) return [change('flip-comparison', 'without not()', `(${args[0]!.text})`)];
  if (name === 'arg_max' || name === 'arg_min') {
    const other = name === 'arg_max' ? 'arg_min' : 'arg_max';
    return [change('drop-dedupe', `${name} becomes ${other}`, other, node.field('Name')!)];
  }
  if (!NORMALISATIONS.has(name) || args.length === 0) return [];
  // trim() takes the pattern first.
  const kept = name.startsWith('trim') ? args.at(-1)! : args[0]!;
  return [change('drop-normalisation', `without ${name}()`, `(${kept.text})`)];
}

/** Texts that something is compared with; not those that only people read. */
function strings(node: SyntaxNode, change: Change): Mutant[] {
  const list = node.parent?.kind === 'SeparatedElement' ? node.parent.parent?.parent : node.parent;
  const compared =
    list?.field('Operator') !== undefined ||
    list?.parent?.kind.startsWith('In') ||
    list?.parent?.kind.startsWith('Has');
  if (!compared || list?.kind === 'AddExpression' || node.text.length < 3) return [];
  return [change('change-literal', `${short(node.text)} becomes another text`, '"~"')];
}

function inSchema(node: SyntaxNode): boolean {
  for (let at: SyntaxNode | undefined = node; at; at = at.parent) if (at.kind === 'DataTableExpression') return true;
  return false;
}

/** How many values make_set() and its kin keep at most: against a text that grows too long, no part of the detection. */
function isSizeOfList(node: SyntaxNode): boolean {
  let up = node.parent;
  while (up && up.end - up.start < 500 && up.kind !== 'FunctionCallExpression') up = up.parent;
  const name = up?.kind === 'FunctionCallExpression' ? (up.field('Name')?.text ?? '') : '';
  const last = up?.field('ArgumentList')?.items('Expressions').at(-1);
  return /^make_(set|list|bag)(_if)?$/.test(name) && last?.start === node.start && last.end === node.end;
}

function next(text: string): string {
  return String(Number.parseInt(text, 10) + 1);
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
