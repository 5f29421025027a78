/**
 * Two workspaces without a row in some tables: in one these tables are there, in the other they are missing or have fewer
 * columns. A query answers the same in both unless it sees the difference in the schema. Most functions hide it: behind a
 * `union isfuzzy=true` that answers the same columns with the leg and without.
 */
import type { Catalog } from './catalog.ts';
import { bodyAsQuery } from './function-body.ts';
import { analyze } from './language-service.ts';
import { references, walk } from './references.ts';
import type { Analysis, ResultType, SyntaxNode } from './syntax.ts';

/** Functions that make values of the names of columns, or choose by them; and those that name a table by a value. */
const READING_FUNCTIONS = new Set(['pack_all', 'bag_pack_columns', 'column_ifexists', 'columnifexists', 'table']);

/** Syntax that reads all columns or all tables, or whose columns depend on more than names. */
const READING_NODES = new Set([
  'GetSchemaOperator',
  'SearchOperator',
  'FindOperator',
  'EvaluateOperator',
  'WildcardedName',
]);

/**
 * @param whole the workspace with every table
 * @param lacking the one that lacks something; its functions are without the missing legs of their unions
 * @param tables names of the stored tables in which they differ, and that hold no row in either
 * @returns whether a query that binds in `whole` may answer otherwise in `lacking`
 */
export function visibleDifference(
  whole: Catalog,
  lacking: Catalog,
  tables: readonly string[],
): (query: string) => boolean {
  const seen = new Set([...tables, ANY_TABLE]);
  const isSeen = (name: string): boolean => {
    const one = boundFunction(name, whole);
    if (!one || !intersect(one.names, seen)) return false;
    const other = boundFunction(name, lacking);
    return readsSchema(name, whole) || !one.answer || JSON.stringify(one.answer) !== JSON.stringify(other?.answer);
  };
  // A function that does not hide the difference shows it to those that call it.
  for (let before = -1; before < seen.size; ) {
    before = seen.size;
    const candidates = whole.functions.filter(({ name, body }) => !seen.has(name) && mayName(body, seen, whole));
    for (const { name } of candidates) if (isSeen(name)) seen.add(name);
  }
  return (query) => {
    const { names, hasSchemaReader } = boundText(query, whole);
    return intersect(names, seen) || hasSchemaReader || [...names].some((name) => readsSchema(name, whole));
  };
}

/** Whether a text may name one of these: it has the name, or calls a table function whose table its argument chooses. */
function mayName(body: string, names: ReadonlySet<string>, { tableFunctions }: Catalog): boolean {
  return [...names, ...tableFunctions.map(({ name }) => name)].some(
    (name) => name !== ANY_TABLE && body.includes(name),
  );
}

/** Stands for a table that is not known from the text. */
const ANY_TABLE = '*';

/** A query, or the body of a stored function. */
interface BoundText {
  /** Stored tables and functions that it names. */
  names: ReadonlySet<string>;
  hasSchemaReader: boolean;
  /** What the body answers; undefined where it does not bind, and for a query. */
  answer: ResultType | undefined;
}

const boundTexts = new WeakMap<Catalog, Map<string, BoundText>>();

/** A text bound once for each catalogue. */
function boundText(text: string, catalog: Catalog): BoundText {
  const known = boundTexts.get(catalog) ?? new Map<string, BoundText>();
  boundTexts.set(catalog, known);
  const found = known.get(text);
  if (found) return found;
  const analysis = analyze(text, catalog);
  const binds = analysis.diagnostics.every(({ severity }) => severity !== 'error');
  const made = {
    names: namesIn(analysis, catalog),
    hasSchemaReader: hasSchemaReader(analysis),
    answer: binds ? answerOf(analysis) : undefined,
  };
  known.set(text, made);
  return made;
}

/** A stored function bound alone; undefined where there is none of this name. */
function boundFunction(name: string, catalog: Catalog): BoundText | undefined {
  const stored = catalog.functions.find((one) => one.name === name);
  return stored && boundText(bodyAsQuery(stored).text, catalog);
}

/** Whether a stored function reads the schema, itself or through others. */
function readsSchema(name: string, catalog: Catalog): boolean {
  const one = boundFunction(name, catalog);
  return one !== undefined && (one.hasSchemaReader || [...one.names].some((called) => readsSchema(called, catalog)));
}

/** Stored tables and stored functions that a text names. */
function namesIn(analysis: Analysis, catalog: Catalog): ReadonlySet<string> {
  const { tables, functions, tableFunctions } = references(analysis, catalog);
  const answered = tableFunctions.flatMap(({ name, arguments: given }) => {
    const called = catalog.tableFunctions.find((one) => one.name === name);
    const known = given.filter((value) => value !== undefined);
    // A table that only the caller chooses may be any of them.
    if (known.length < given.length) return [ANY_TABLE];
    return called?.resolve(known)?.name ?? [];
  });
  return new Set([...tables, ...functions].map(({ name }) => name).concat(answered));
}

function hasSchemaReader(analysis: Analysis): boolean {
  for (const node of walk(analysis.root)) {
    if (READING_NODES.has(node.kind)) return true;
    if (node.kind === 'FunctionCallExpression' && READING_FUNCTIONS.has(node.field('Name')?.text ?? '')) return true;
    if (node.kind === 'FilterOperator' && hasStar(node)) return true;
  }
  return false;
}

function hasStar(filter: SyntaxNode): boolean {
  for (const node of walk(filter)) if (node.kind === 'StarExpression') return true;
  return false;
}

/** What the function answers whose body is bound alone. */
function answerOf({ root }: Analysis): ResultType | undefined {
  for (const node of walk(root)) if (node.kind === 'FunctionBody') return node.field('Expression')?.result;
  return undefined;
}

function intersect(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return [...some].some((name) => others.has(name));
}
