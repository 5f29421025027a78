/**
 * What each query of this package's workbook would read in a large workspace. Rows and widths are those of the ordinary
 * week, scaled up; which tables and columns a query reads, and how often, is told by the local engine's plan.
 */
import Table from 'cli-table3';
import { LocalEngine } from '../engines/local-engine.ts';
import { checkWorkbook, renderWithoutBrowser } from './check.ts';
import { engineEnvironment } from './engine-environment.ts';
import type { TimeWindow, WorkbookEnvironment } from './environment.ts';
import { isRecord, listOf, recordOf, textOf } from './lenient.ts';
import { parseWorkbook, type QueryItem, walkItems } from './model.ts';
import { openPreviewData } from './preview-data.ts';
import { readWorkbook } from './read-workbook.ts';

const ROWS = 10_000_000;
const DAYS = 90;
const DAY_MS = 86_400_000;

interface Asked {
  query: string;
  window: TimeWindow;
}

/** One scan of a stored table in a query's plan. */
export interface Scan {
  table: string;
  columns: string[];
}

/** Prints one line a query: the rows that its window holds of the tables it reads, and the bytes of the columns read. */
export async function benchReads(workbook: string): Promise<void> {
  const { json } = await readWorkbook(workbook);
  const data = await openPreviewData({ scenario: 'ordinary-week' });
  const { engine } = data;
  if (!(engine instanceof LocalEngine)) return;
  try {
    const model = parseWorkbook(json);
    const asked: Asked[] = [];
    const real = engineEnvironment(engine, data.now);
    const environment: WorkbookEnvironment = {
      ...real,
      runQuery(query, window, signal) {
        if (window && !asked.some((one) => one.query === query)) asked.push({ query, window });
        return real.runQuery(query, window, signal);
      },
    };
    await checkWorkbook(
      workbook,
      model,
      {},
      renderWithoutBrowser(model, environment, () => undefined),
      false,
    );
    const items = [...walkItems(model.items)].filter((item): item is QueryItem => item.kind === 'query');
    const plans = new Map<Asked, Scan[]>();
    for (const one of asked) {
      const rows = await engine.sql(
        `EXPLAIN (FORMAT JSON) ${engine.explain(one.query, { timeFrom: true, timeTo: true })}`,
      );
      plans.set(one, scansOf(JSON.parse(String(rows[0]?.[1]))));
    }
    const sizes = await measure(engine, [...plans.values()].flat());
    const recorded = [...sizes.values()].reduce((sum, { rows }) => sum + rows, 0);
    const table = new Table({
      head: ['item', 'window', 'rows', 'bytes', 'read from'],
      colAligns: ['left', 'right', 'right', 'right', 'left'],
      style: { head: [], border: [] },
      // No lines between the rows.
      chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    });
    for (const [{ query, window }, scans] of plans) {
      const days = (window.to.getTime() - window.from.getTime()) / DAY_MS;
      const share = (Math.min(days, DAYS) / DAYS) * (ROWS / recorded);
      let [rows, bytes] = [0, 0];
      for (const { table: name, columns } of scans) {
        const size = sizes.get(name);
        if (!size) continue;
        rows += size.rows * share;
        bytes += size.rows * share * columns.reduce((sum, column) => sum + (size.widths.get(column) ?? 0), 0);
      }
      const names = [...new Set(scans.map((scan) => scan.table))];
      table.push([
        items.find((item) => isFrom(query, item.query))?.name ?? query.slice(0, 30),
        `${days} d`,
        Math.round(rows).toLocaleString('en'),
        `${(bytes / 1_000_000).toLocaleString('en', { maximumFractionDigits: 0 })} MB`,
        names.map((name) => readTimes(name, scans)).join(', ') || 'watchlists',
      ]);
    }
    process.stdout.write(
      `  what each query reads where ${ROWS.toLocaleString('en')} rows of ${DAYS} days are kept (${sizes.size} tables, rows as in the ordinary week):\n${table}\n`,
    );
  } finally {
    await engine.close();
  }
}

function readTimes(name: string, scans: readonly Scan[]): string {
  const count = scans.filter((scan) => scan.table === name).length;
  return count > 1 ? `${name} (${count} times)` : name;
}

/** The scans of logs in a plan of DuckDB; watchlists and the clock are small and left out. */
export function scansOf(plan: unknown): Scan[] {
  return listOf(plan)
    .filter(isRecord)
    .flatMap((node) => {
      const info = recordOf(node.extra_info);
      const table = textOf(info.Table)?.replace(/^memory\.main\./, '');
      const isLog = textOf(node.name)?.trim() === 'SEQ_SCAN' && table !== undefined && !/[:$]/.test(table);
      const columns = listOf(info.Projections).flatMap((one) => textOf(one) ?? []);
      return [...(isLog ? [{ table, columns }] : []), ...scansOf(node.children)];
    });
}

interface Size {
  rows: number;
  /** Mean bytes of a value as text. */
  widths: ReadonlyMap<string, number>;
}

async function measure(engine: LocalEngine, scans: readonly Scan[]): Promise<Map<string, Size>> {
  const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const sizes = new Map<string, Size>();
  for (const table of new Set(scans.map((scan) => scan.table))) {
    const columns = [...new Set(scans.filter((scan) => scan.table === table).flatMap((scan) => scan.columns))];
    const widths = columns.map((column) => `coalesce(avg(strlen(${quoted(column)}::VARCHAR)), 0)`);
    const [row = []] = await engine.sql(`SELECT ${['count(*)', ...widths].join(', ')} FROM ${quoted(table)}`);
    sizes.set(table, {
      rows: Number(row[0]),
      widths: new Map(columns.map((column, at) => [column, Number(row[at + 1])])),
    });
  }
  return sizes;
}

/** Whether a query is an item's with its parameters filled in: the text between them stands in it, in order. */
export function isFrom(query: string, template: string): boolean {
  let at = 0;
  const pieces = template.split(/\{[A-Za-z]\w*(?::[^{}]*)?\}/);
  for (const [index, piece] of pieces.entries()) {
    const found = query.indexOf(piece, at);
    if (found < 0 || (index === 0 && found > 0)) return false;
    at = found + piece.length;
  }
  return at === query.length || pieces.at(-1) === '';
}
