import type { Command } from 'commander';
import { type AzureFlags, forEachTarget, targetHelp, targetOptions } from '../azure/command-line.ts';
import type { JsonObject } from '../azure/json.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';

interface Flags extends AzureFlags {
  rule?: string;
  out?: string;
}

/** `import`: an existing analytics rule, of a file or a workspace, as YAML of the package. */
export function registerImport(program: Command): void {
  targetOptions(
    program
      .command('import')
      .description('turn an analytics rule of ARM JSON or of a workspace into YAML of this package'),
  )
    .argument('[file]', 'ARM template, export of the portal, or answer of the REST API; `-` reads standard input')
    .option('--rule <name>', 'from a workspace: id or display name of the rule')
    .option('--out <folder>', 'write <slug>.yaml files there (default: standard output); existing files are kept')
    .addHelpText(
      'after',
      `
Examples:
  breakglass import Azure_Sentinel_analytics_rules.json --out detections/rules
  breakglass import --target production --rule "Sign-in of an emergency account"
${targetHelp}
Exit codes: 0 written, 1 failed, 2 wrong usage or nothing to import.`,
    )
    .action(async (file: string | undefined, flags: Flags) => {
      if ((file === undefined) === (flags.rule === undefined)) {
        throw new UserError('usage', {
          what: 'give either a file or --rule with a target',
          remedy: 'see --help for examples',
        });
      }
      if (file !== undefined) return await write(await rulesOfFile(file), flags.out);
      await forEachTarget(flags, async (target) => {
        const { logIn } = await import('../azure/command-line.ts');
        const { collectRules } = await import('../azure/collect.ts');
        const { session } = await logIn(target, flags);
        const wanted = flags.rule!.toLowerCase();
        const rules = await collectRules(session.client, session.workspace.scope, new Set());
        const found = rules.filter(
          (rule) => rule.name.toLowerCase() === wanted || rule.resourceId.toLowerCase().endsWith(`/${wanted}`),
        );
        if (found.length === 0) {
          throw new UserError('rule-unknown', {
            what: `the workspace has no rule "${flags.rule}"`,
            remedy: 'give its display name or its id',
            exitCode: ExitCode.failed,
          });
        }
        await write(
          found.map((rule) => rule.resource),
          flags.out,
        );
        return { exit: ExitCode.ok };
      });
    });
}

async function rulesOfFile(file: string): Promise<JsonObject[]> {
  const { readFileSync } = await import('node:fs');
  const { rulesIn } = await import('../azure/rule-import.ts');
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UserError('file-unreadable', {
      what: `cannot read ${file}: ${(error as Error).message}`,
      remedy: 'check the name',
    });
  }
  try {
    return rulesIn(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new UserError('file-not-json', {
        what: `${file} is not JSON: ${error.message}`,
        place: file,
        remedy: 'give the exported JSON as it is',
      });
    throw error;
  }
}

async function write(rules: readonly JsonObject[], folder: string | undefined): Promise<void> {
  const { randomUUID } = await import('node:crypto');
  const { existsSync, mkdirSync, writeFileSync } = await import('node:fs');
  const path = await import('node:path');
  const { ruleYaml, slugOf } = await import('../azure/rule-import.ts');
  for (const rule of rules) {
    const text = ruleYaml(rule, randomUUID);
    if (folder === undefined) {
      process.stdout.write(rules.length > 1 ? `---\n${text}` : text);
      continue;
    }
    const file = path.join(folder, `${slugOf(rule)}.yaml`);
    if (existsSync(file))
      throw new UserError('file-exists', {
        what: `${file} exists`,
        remedy: 'move it away, or give another --out; nothing is overwritten',
      });
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
    process.stdout.write(`${file}\n`);
  }
  process.stderr.write(
    'next: fill in requiredDataConnectors, write the triage guide beside it, add a scenario, then `breakglass validate`\n',
  );
}
