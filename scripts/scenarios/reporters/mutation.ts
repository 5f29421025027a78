/** The report of mutation testing. */
import pc from 'picocolors';
import type { MutantResult } from '../mutation-testing.ts';

export interface MutationReport {
  /** Of the mutants that can be deployed, how many were killed, in percent; 100 when there are none. */
  readonly percent: number;
  text(color: boolean): string;
  json(): string;
}

export function mutationReport(
  results: readonly MutantResult[],
  skipped: readonly { rule: string; scenario: string }[],
  milliseconds: number,
): MutationReport {
  const valid = results.filter((result) => result.status !== 'invalid');
  const survivors = valid.filter((result) => result.status === 'survived');
  const killed = valid.length - survivors.length;
  const percent = valid.length === 0 ? 100 : (100 * killed) / valid.length;
  return {
    percent,
    json: () => {
      const listed = survivors.map(({ rule, mutant, line, within, before, after }) => ({
        rule,
        operator: mutant.operator,
        description: mutant.description,
        line,
        ...(within === undefined ? {} : { function: within }),
        before,
        after,
      }));
      const report = { killed, total: valid.length, percent: Number(percent.toFixed(1)), survivors: listed, skipped };
      return `${JSON.stringify(report, null, 2)}\n`;
    },
    text: (color) => {
      const colors = pc.createColors(color);
      const lines: string[] = [];
      for (const { rule, scenario } of skipped) {
        lines.push(colors.yellow(`${rule} is wrong in ${scenario} as it is; that scenario proves nothing here`), '');
      }
      for (const { rule, mutant, line, within, before, after } of survivors) {
        lines.push(
          `${colors.yellow('survived')} ${colors.bold(rule)}${within ? ` in ${within}()` : ''}, line ${line}: ${mutant.operator}, ${mutant.description}`,
          colors.red(`  - ${cut(before)}`),
          colors.green(`  + ${cut(after)}`),
          '',
        );
      }
      const rules = [...new Set(valid.map((result) => result.rule))];
      for (const rule of rules) {
        const own = valid.filter((result) => result.rule === rule);
        const dead = own.filter((result) => result.status === 'killed').length;
        lines.push(`${rule.padEnd(36)} ${dead}/${own.length} killed`);
      }
      lines.push(
        '',
        `${killed} of ${valid.length} mutants killed (${percent.toFixed(1)} %), ${survivors.length} survived, ${(milliseconds / 1000).toFixed(1)} s`,
      );
      return `${lines.join('\n')}\n`;
    },
  };
}

function cut(text: string): string {
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
