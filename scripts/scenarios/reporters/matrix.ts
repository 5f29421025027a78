/** The matrix: a row for each rule, a column for each scenario, one character a cell. */
import pc from 'picocolors';
import type { Cell } from '../run-scenarios.ts';
import type { Scenario } from '../scenario.ts';
import { duration } from './words.ts';

type Colors = ReturnType<typeof pc.createColors>;

export interface MatrixOptions {
  /** Columns of the terminal. */
  width: number;
  color: boolean;
}

const MARK = { fired: '●', quiet: '·', nearMiss: '○', wrong: '✗', absent: ' ' } as const;
const GROUP = 5;
const FIGURES = '  fired  within'.length;

/** One block, or several where the terminal cannot hold all scenarios side by side. */
export function matrix(
  rules: readonly string[],
  scenarios: readonly Scenario[],
  cells: readonly Cell[],
  options: MatrixOptions,
): string {
  const colors = pc.createColors(options.color);
  const byKey = new Map(cells.map((cell) => [`${cell.rule}/${cell.scenario}`, cell]));
  const nameWidth = Math.max(4, ...rules.map((rule) => rule.length));
  const room = options.width - nameWidth - 2 - FIGURES;
  const perBlock = Math.max(GROUP, Math.floor((room + 1) / (GROUP + 1)) * GROUP);
  const blocks: string[] = [];
  for (let start = 0; start === 0 || start < scenarios.length; start += perBlock) {
    const shown = scenarios.slice(start, start + perBlock);
    const last = start + perBlock >= scenarios.length;
    const numbers = shown.map((_, index) => start + index + 1);
    const tens = grouped(
      numbers.map((n) => (n % 10 === 0 || n === start + 1 ? String(Math.floor(n / 10) || ' ') : ' ')),
    );
    const ones = grouped(numbers.map((n) => String(n % 10)));
    const lines = [
      ...(scenarios.length >= 10 ? [colors.dim(`${' '.repeat(nameWidth)}  ${tens}`)] : []),
      colors.dim(`${'rule'.padEnd(nameWidth)}  ${ones}${last ? '  fired  within' : ''}`),
    ];
    for (const rule of rules) {
      const row = shown.map((scenario) => byKey.get(`${rule}/${scenario.slug}`));
      const all = scenarios.map((scenario) => byKey.get(`${rule}/${scenario.slug}`));
      const wrong = all.some((cell) => cell?.status === 'wrong');
      const name = rule.padEnd(nameWidth);
      const marks = grouped(row.map((cell) => mark(cell, colors)));
      lines.push(`${wrong ? colors.red(name) : name}  ${marks}${last ? figures(all, colors) : ''}`.trimEnd());
    }
    blocks.push(lines.join('\n'));
  }
  return blocks.join('\n\n');
}

/** What the marks mean, on one line. */
export function matrixKey(color: boolean): string {
  const colors = pc.createColors(color);
  return [
    `${colors.green(MARK.fired)} fired as expected`,
    `${MARK.quiet} quiet as expected`,
    `${colors.cyan(MARK.nearMiss)} near miss, quiet`,
    `${colors.red(MARK.wrong)} wrong`,
  ].join('   ');
}

function mark(cell: Cell | undefined, colors: Colors): string {
  if (cell === undefined) return MARK.absent;
  if (cell.status === 'wrong') return colors.red(colors.bold(MARK.wrong));
  if (cell.status === 'fired') return colors.green(MARK.fired);
  return cell.nearMiss ? colors.cyan(MARK.nearMiss) : colors.dim(MARK.quiet);
}

function grouped(marks: readonly string[]): string {
  return marks.map((text, index) => (index > 0 && index % GROUP === 0 ? ` ${text}` : text)).join('');
}

/** In how many scenarios the rule fired, and the longest time from ingestion (else from the event) to the incident. */
function figures(cells: readonly (Cell | undefined)[], colors: Colors): string {
  const fired = cells.filter((cell) => cell && cell.incidents.length + cell.alerts.length > 0);
  const delays = fired.flatMap((cell) =>
    cell!.detections.map((detection) => detection.fromIngestion ?? detection.fromEvent),
  );
  const within = delays.length > 0 ? duration(Math.max(...delays)) : '';
  const count = String(fired.length).padStart(7);
  return `${fired.length === 0 ? colors.yellow(count) : count}  ${within.padStart(6)}`;
}
