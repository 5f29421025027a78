import type { Command } from 'commander';
import { UserError } from '../diagnostics/errors.ts';

/** `export arm|solution|yaml|bicep`: the package for those who deploy another way; needs no login. */
export function registerExport(program: Command): void {
  const exports = program
    .command('export')
    .description('write the content in other forms: ARM template, Azure-Sentinel solution, YAML, Bicep');
  exports
    .command('arm')
    .description('one azuredeploy.json with its createUiDefinition.json, for a Deploy to Azure button')
    .option('--out <folder>', 'where to', 'out/arm')
    .addHelpText(
      'after',
      '\nExamples:\n  breakglass export arm\n  az deployment group create --resource-group rg --template-file out/arm/azuredeploy.json --parameters workspace=law',
    )
    .action(async (flags: { out: string }) => {
      const { loadContent } = await import('../azure/package-content.ts');
      const { exportArm } = await import('../azure/arm-export.ts');
      const { azuredeploy, createUiDefinition } = exportArm(await loadContent());
      const text = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
      await writeAll(
        flags.out,
        new Map([
          ['azuredeploy.json', text(azuredeploy)],
          ['createUiDefinition.json', text(createUiDefinition)],
        ]),
      );
    });
  exports
    .command('solution')
    .description("the layout of Azure-Sentinel's Solutions folder, with its package")
    .option('--out <folder>', 'where to', 'out/solution/Break Glass Accounts')
    .option('--solution-version <version>', 'version of the solution', '3.0.0')
    .option('--date <day>', 'day of publication, YYYY-MM-DD (default: today)')
    .addHelpText('after', '\nExamples:\n  breakglass export solution --solution-version 3.0.1')
    .action(async (flags: { out: string; solutionVersion: string; date?: string }) => {
      const date = flags.date ?? new Date().toISOString().slice(0, 10);
      if (!/^\d+\.\d+\.\d+$/.test(flags.solutionVersion) || !/^\d{4}-\d\d-\d\d$/.test(date)) {
        throw new UserError('usage', {
          what: '--solution-version is like 3.0.0 and --date like 2026-11-24',
          remedy: 'correct them',
        });
      }
      const { loadContent } = await import('../azure/package-content.ts');
      const { exportSolution } = await import('../azure/solution-export.ts');
      await writeAll(flags.out, exportSolution(await loadContent(), { version: flags.solutionVersion, date }));
    });
  for (const form of ['yaml', 'bicep'] as const) {
    exports
      .command(form)
      .description(
        form === 'yaml'
          ? 'one item as self-contained YAML, on standard output'
          : 'one item as Bicep, on standard output',
      )
      .argument('<item>', 'kind/slug, such as rule/sign-in-succeeded')
      .addHelpText('after', `\nExamples:\n  breakglass export ${form} rule/sign-in-succeeded > rule.${form}`)
      .action(async (key: string) => {
        const { loadContent } = await import('../azure/package-content.ts');
        const { exportItem } = await import('../azure/item-export.ts');
        process.stdout.write(exportItem(await loadContent(), key, form));
      });
  }
}

async function writeAll(folder: string, files: ReadonlyMap<string, string | Buffer>): Promise<void> {
  const { mkdirSync, writeFileSync } = await import('node:fs');
  const path = await import('node:path');
  for (const [name, content] of files) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  process.stdout.write(`${files.size} files written to ${folder}\n`);
}
