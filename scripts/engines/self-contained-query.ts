/**
 * Makes a query self-contained for an engine that holds none of our data: functions and stored tables become `let`
 * statements, and the clock and the ingestion time become values, so Microsoft's engine answers for the recorded moment.
 */
import type { Catalog, TableSchema } from '../kql/catalog.ts';
import { KqlError, KqlUnsupported, rangeAt } from '../kql/errors.ts';
import { analyze } from '../kql/language-service.ts';
import { stringLiteral } from '../kql/literal.ts';
import type { SyntaxNode } from '../kql/syntax.ts';
import { INGESTION_TIME, type RecordedTable, tableStatement, visibleRows } from './inlined-data.ts';
import type { Column, QueryOptions } from './query-engine.ts';

/** A query whose stored tables are known; `text` makes the statement for one moment. */
export interface SelfContainedQuery {
  columns: readonly Column[];
  /** The full text for the rows that the options let the query see. */
  text(options: QueryOptions, rowsOf: (table: string) => readonly Record<string, unknown>[]): string;
}

interface Replacement {
  start: number;
  end: number;
  text: string;
}

/**
 * Binds the query and finds what has to travel with it.
 * @throws KqlError when the query does not bind.
 */
export function selfContainedQuery(query: string, catalog: Catalog): SelfContainedQuery {
  const source = [...functionStatements(query, catalog), query].join('\n');
  const analysis = analyze(source, catalog);
  const errors = analysis.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  if (errors.length > 0 || analysis.columns === undefined) throw new KqlError(errors);
  const tables = new Map<string, TableSchema>();
  const replacements: Replacement[] = [];
  collect(source, analysis.root, catalog, tables, replacements);
  const body = replace(source, replacements);
  return {
    columns: analysis.columns,
    text(options, rowsOf) {
      const now = (options.now ?? new Date()).toISOString();
      const data = [...tables].map(([name, schema]) => {
        const table: RecordedTable = {
          name,
          columns: schema.columns,
          rows: visibleRows(rowsOf(schema.name), options.visibility),
        };
        return tableStatement(table);
      });
      const clock = [
        `let ${NOW} = (offset: timespan = time(0)) { datetime(${now}) + offset };`,
        `let ${AGO} = (offset: timespan) { datetime(${now}) - offset };`,
      ];
      return [...clock, ...data, body].join('\n');
    },
  };
}

const NOW = '__now';
const AGO = '__ago';

/** The functions of the catalog that the query names, callees first. */
function functionStatements(query: string, catalog: Catalog): string[] {
  const statements = new Map<string, string>();
  const visit = (text: string, path: readonly string[]): void => {
    const names = new Set(text.match(/[A-Za-z_]\w*/g));
    for (const definition of catalog.functions) {
      const { name } = definition;
      if (!names.has(name) || statements.has(name) || path.includes(name)) continue;
      if (new RegExp(`\\blet\\s+${name}\\s*=`).test(text)) continue;
      visit(definition.body, [...path, name]);
      const body = definition.body.trim().replace(/;$/, '');
      statements.set(name, `let ${name} = ${definition.parameters} {\n${body}\n};`);
    }
  };
  visit(query, []);
  return [...statements.values()];
}

function collect(
  source: string,
  node: SyntaxNode,
  catalog: Catalog,
  tables: Map<string, TableSchema>,
  replacements: Replacement[],
): void {
  if (node.kind === 'FunctionCallExpression') {
    const name = node.field('Name');
    if (name?.text === 'now') replacements.push({ start: name.start, end: name.end, text: NOW });
    if (name?.text === 'ago') replacements.push({ start: name.start, end: name.end, text: AGO });
    if (name?.text === 'table' && node.result?.kind === 'table') {
      // The name may come from anywhere, and the engine would read its own table of that name.
      throw new KqlUnsupported(
        'table() beside rows that travel in the query',
        rangeAt(source, node.start, node.end - node.start),
      );
    }
    if (name?.text === 'ingestion_time') {
      const text = `column_ifexists(${stringLiteral(INGESTION_TIME)}, datetime(null))`;
      replacements.push({ start: node.start, end: node.end, text });
      return;
    }
    const tableFunction = catalog.tableFunctions.find((candidate) => candidate.name === name?.text);
    if (tableFunction !== undefined) {
      const args = constantArguments(node);
      const schema = tableFunction.resolve(args);
      if (schema !== undefined) {
        const alias = `__${schema.name.replace(/\W/g, '_')}`;
        tables.set(alias, schema);
        replacements.push({ start: node.start, end: node.end, text: alias });
        return;
      }
    }
  }
  if (node.kind === 'NameReference' && node.symbol?.kind === 'table') {
    const schema = catalog.tables.find((table) => table.name === node.symbol?.name);
    if (schema !== undefined) tables.set(schema.name, schema);
  }
  for (const child of node.children) collect(source, child, catalog, tables, replacements);
}

function constantArguments(call: SyntaxNode): string[] {
  const args = call.field('ArgumentList')?.items('Expressions') ?? [];
  return args.map((argument) => argument.constant).filter((value) => typeof value === 'string');
}

function replace(source: string, replacements: readonly Replacement[]): string {
  let text = source;
  for (const { start, end, text: value } of [...replacements].sort((a, b) => b.start - a.start)) {
    text = text.slice(0, start) + value + text.slice(end);
  }
  return text;
}
