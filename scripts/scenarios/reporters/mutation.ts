/** The report of mutation testing. */
import pc from 'picocolors';
import type { MutantResult, MutationTarget } from '../mutation-testing.ts';

export interface MutationReport {
  /** Of the mutants that can be deployed, how many were killed, in percent; 100 when there are none. */
  readonly percent: number;
  text(color: boolean): string;
  json(): string;
}

/** What could not be measured. */
export interface MutationGaps {
  /** Scenarios in which the rule is wrong without any mutant. */
  readonly skipped: readonly { rule: string; scenario: string }[];
  /** Functions that no rule calls. */
  readonly uncalled: readonly string[];
}

export function mutationReport(
  results: readonly MutantResult[],
  { skipped, uncalled }: MutationGaps,
  milliseconds: number,
): MutationReport {
  const valid = results.filter((result) => result.status !== 'invalid');
  const survivors = valid.filter((result) => result.status === 'survived');
  const killed = valid.length - survivors.length;
  const percent = valid.length === 0 ? 100 : (100 * killed) / valid.length;
  return {
    percent,
    json: () => {
      const listed = survivors.map(({ target, mutant, line, before, after }) => ({
        [target.kind]: target.name,
        operator: mutant.operator,
        description: mutant.description,
        line,
        before,
        after,
      }));
      const report = {
        killed,
        total: valid.length,
        percent: Number(percent.toFixed(1)),
        survivors: listed,
        skipped,
        uncalled,
      };
      return `${JSON.stringify(report, null, 2)}\n`;
    },
    text: (color) => {
      const colors = pc.createColors(color);
      const lines: string[] = [];
      for (const { rule, scenario } of skipped) {
        lines.push(colors.yellow(`${rule} is wrong in ${scenario} as it is; that scenario proves nothing here`), '');
      }
      for (const name of uncalled) lines.push(`${name}() is called by no rule, so that no scenario judges it`, '');
      for (const { target, mutant, line, before, after } of survivors) {
        lines.push(
          `${colors.yellow('survived')} ${colors.bold(nameOf(target))}, line ${line}: ${mutant.operator}, ${mutant.description}`,
          colors.red(`  - ${cut(before)}`),
          colors.green(`  + ${cut(after)}`),
          '',
        );
      }
      const names = [...new Set(valid.map((result) => nameOf(result.target)))];
      for (const name of names) {
        const own = valid.filter((result) => nameOf(result.target) === name);
        const dead = own.filter((result) => result.status === 'killed').length;
        lines.push(`${name.padEnd(36)} ${dead}/${own.length} killed`);
      }
      lines.push(
        '',
        `${killed} of ${valid.length} mutants killed (${percent.toFixed(1)} %), ${survivors.length} survived, ${(milliseconds / 1000).toFixed(1)} s`,
      );
      return `${lines.join('\n')}\n`;
    },
  };
}

function nameOf({ kind, name }: MutationTarget): string {
  return kind === 'function' ? `${name}()` : name;
}

function cut(text: string): string {
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
