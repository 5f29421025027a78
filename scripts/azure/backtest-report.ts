/** A backtest for a terminal. Pure. */
import Table from 'cli-table3';
import type { RuleBacktest } from './backtest.ts';

export function backtestText(target: string, days: number, results: readonly RuleBacktest[]): string {
  const table = new Table({
    head: ['rule', 'severity', 'windows', 'runs', 'alerts', 'a day', 'worst day', 'rows read', 'CPU s', 'note'],
    style: { head: [], border: [] },
  });
  for (const result of results) {
    const worst = result.days.reduce((most, day) => (day.alerts > most.alerts ? day : most), { day: '', alerts: 0 });
    const notes = [
      ...(result.partial > 0 ? [`${result.partial} partial answers: counts are too low`] : []),
      ...(result.failed > 0 ? [`${result.failed} failed: ${result.error ?? ''}`.slice(0, 80)] : []),
    ];
    table.push([
      result.rule,
      result.severity,
      result.windows,
      result.runs,
      result.alerts,
      (result.alerts / days).toFixed(1),
      worst.alerts === 0 ? '-' : `${worst.alerts} on ${worst.day}`,
      result.cost.rowsScanned?.toLocaleString('en') ?? '-',
      result.cost.cpuSeconds?.toFixed(1) ?? '-',
      notes.join('; '),
    ]);
  }
  const total = results.reduce((sum, result) => sum + result.alerts, 0);
  return `${target}, ${days} days\n${table.toString()}\n${total} alerts in all, ${(total / days).toFixed(1)} a day\n`;
}
