import { type Command, Option } from 'commander';
import { ExitCode, UserError } from '../diagnostics/errors.ts';
import type { MutantResult, MutationTarget } from '../scenarios/mutation-testing.ts';

interface Options {
  rule: string[];
  function: string[];
  min?: string;
  format: 'text' | 'json';
  root?: string;
}

/** `mutate`: small mistakes are put into each rule, one at a time; the scenarios should notice every one. */
export function registerMutate(program: Command): void {
  const collect = (value: string, all: string[]): string[] => [...all, value];
  program
    .command('mutate')
    .description('how strong the scenarios are: make small mistakes in a rule, see which ones nobody notices')
    .option('--rule <slug>', 'only the query of this rule; may be repeated', collect, [])
    .option('--function <name>', 'only the body of this function; may be repeated', collect, [])
    .option('--min <percent>', 'fail when fewer mutants than this are killed')
    .addOption(new Option('--format <format>', 'form of the report').choices(['text', 'json']).default('text'))
    .option('--root <folder>', 'the package (default: the nearest folder upwards with detections)')
    .addHelpText(
      'after',
      `
Examples:
  breakglass mutate --rule sign-in-failed
  breakglass mutate --function BreakGlassSignIns
  breakglass mutate --min 90 --format json

A mutant is a query with one change: a predicate, a leg of a union, a join condition or a normalisation left out, a
comparison turned round, a literal or the kind of a join changed. It runs over the scenarios in which the rule fires and
over its near misses, one of a function over those of every rule that calls it; where one of them fails, it is killed. A
survivor is a mistake that nobody would notice: add a near miss that does, or find that the change makes no difference.

Exit codes: 0 done (and at least --min killed), 1 fewer killed than --min, 2 wrong usage.`,
    )
    .action(async (options: Options) => {
      const { packageRoot } = await import('../content/package-root.ts');
      const { readContent } = await import('../content/read-content.ts');
      const { loadScenarios, unknownName } = await import('../scenarios/load-scenarios.ts');
      const { mutate, mutationTargets } = await import('../scenarios/mutation-testing.ts');
      const { mutationReport } = await import('../scenarios/reporters/mutation.ts');
      const minimum = options.min === undefined ? undefined : Number(options.min);
      if (minimum !== undefined && !(minimum >= 0 && minimum <= 100)) {
        throw new UserError('OPTION_VALUE', {
          what: `--min is "${options.min}"`,
          remedy: 'Give a percentage between 0 and 100.',
        });
      }
      const root = options.root ?? packageRoot();
      const { content } = await readContent(root);
      const all = mutationTargets(content);
      const named = (kind: 'rule' | 'function', names: readonly string[]): MutationTarget[] => {
        const known = all.filter((target) => target.kind === kind);
        return names.map((name) => {
          const found = known.find((target) => target.name === name);
          if (!found)
            throw unknownName(
              kind,
              name,
              known.map((target) => target.name),
            );
          return found;
        });
      };
      const chosen = [...named('rule', options.rule), ...named('function', options.function)];
      const { scenarios } = await loadScenarios(root, content, []);
      const results: MutantResult[] = [];
      const skipped: { rule: string; scenario: string }[] = [];
      const uncalled: string[] = [];
      const started = performance.now();
      let left = 0;
      for await (const event of mutate(chosen.length > 0 ? chosen : all, scenarios, content)) {
        if (event.type === 'skipped') skipped.push({ rule: event.rule, scenario: event.scenario });
        if (event.type === 'uncalled') uncalled.push(event.function);
        if (event.type === 'target') left = event.mutants;
        if (event.type !== 'result') continue;
        results.push(event.result);
        left--;
        if (process.stderr.isTTY) {
          process.stderr.write(`\r\u001b[K${event.result.target.name}: ${left} mutants left`);
        }
      }
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
      const report = mutationReport(results, { skipped, uncalled }, performance.now() - started);
      process.stdout.write(
        options.format === 'json' ? report.json() : report.text(Boolean(process.stdout.isTTY) && !process.env.NO_COLOR),
      );
      if (minimum !== undefined && report.percent < minimum) process.exitCode = ExitCode.failed;
    });
}
