import { type Command, Option } from 'commander';
import { type AzureFlags, forEachTarget, targetHelp, targetOptions } from '../azure/command-line.ts';
import { ExitCode } from '../diagnostics/errors.ts';

/** `login check`: which identity the tool acts as, and whether it reaches the target. */
export function registerLogin(program: Command): void {
  const login = program.command('login').description('the identity that the tool acts as');
  targetOptions(
    login.command('check').description('say which identity is logged in and which permissions it lacks; reads only'),
  )
    .addOption(new Option('--format <format>', 'form of the answer').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  breakglass login check --target production

The tool has no login of its own: it takes what is there (environment, workload identity, managed identity, Azure CLI).
${targetHelp}
Exit codes: 0 all permissions are there, 1 some lack or nobody is logged in, 2 wrong usage.`,
    )
    .action(async (flags: AzureFlags) => {
      await forEachTarget<object>(
        flags,
        async (target) => {
          const { logIn } = await import('../azure/command-line.ts');
          const { lackingPermissions, readPermissions, writePermissions } = await import('../azure/permissions.ts');
          const { kinds } = await import('../azure/kinds.ts');
          const { session, identity } = await logIn(target, flags);
          const excluded = new Set(target.exclude.map((name) => name.toLowerCase()));
          const deployed = kinds.map(({ kind }) => kind).filter((kind) => !excluded.has(kind.toLowerCase()));
          const lacking = await lackingPermissions(session.client, session.workspace.scope, [
            ...readPermissions,
            ...writePermissions(deployed),
          ]);
          if (flags.format === 'text') {
            process.stdout.write(
              `${target.name}: ${identity.name} (${identity.kind}, object ${identity.objectId}), tenant ${identity.tenant}\n`,
            );
            process.stdout.write(
              `  workspace ${target.workspace} (${session.workspace.customerId}) in ${session.workspace.scope.location}\n`,
            );
            for (const item of lacking)
              process.stdout.write(
                `  lacks ${item.action} to ${item.why}\n    remedy: grant "${item.role}" on ${session.workspace.scope[item.scope]}\n`,
              );
            if (lacking.length === 0) process.stdout.write('  all permissions are there\n');
          }
          return {
            exit: lacking.length === 0 ? ExitCode.ok : ExitCode.failed,
            answer: { target: target.name, identity, lacking },
          };
        },
        (answers) => {
          if (flags.format === 'json') process.stdout.write(`${JSON.stringify({ logins: answers }, null, 2)}\n`);
        },
      );
    });
}
