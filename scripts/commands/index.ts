/**
 * The commands in the order of the README. Each module only declares arguments; the work is imported when its command
 * runs. Only the module of the command that is asked for is read, or all of them for `--help`, so that commands start fast.
 */
import type { Command } from 'commander';

/** Adds one command (and its subcommands) to the program. */
export type RegisterCommand = (program: Command) => void;

const loaders: Readonly<Record<string, () => Promise<RegisterCommand>>> = {
  validate: async () => (await import('./validate.ts')).registerValidate,
  bump: async () => (await import('./bump.ts')).registerBump,
  coverage: async () => (await import('./coverage.ts')).registerCoverage,
  test: async () => (await import('./test.ts')).registerTest,
  mutate: async () => (await import('./mutate.ts')).registerMutate,
  scenario: async () => (await import('./scenario.ts')).registerScenario,
  start: async () => (await import('./start.ts')).registerStart,
  query: async () => (await import('./query.ts')).registerQuery,
  kql: async () => (await import('./kql.ts')).registerKql,
  preview: async () => (await import('./preview.ts')).registerPreview,
  workbook: async () => (await import('./workbook.ts')).registerWorkbook,
  report: async () => (await import('./report.ts')).registerReport,
  playbook: async () => (await import('./playbook.ts')).registerPlaybook,
  plan: async () => (await import('./plan.ts')).registerPlan,
  deploy: async () => (await import('./deploy.ts')).registerDeploy,
  drift: async () => (await import('./drift.ts')).registerDrift,
  rollback: async () => (await import('./rollback.ts')).registerRollback,
  prune: async () => (await import('./prune.ts')).registerPrune,
  doctor: async () => (await import('./doctor.ts')).registerDoctor,
  login: async () => (await import('./login.ts')).registerLogin,
  watchlist: async () => (await import('./watchlist.ts')).registerWatchlist,
  backtest: async () => (await import('./backtest.ts')).registerBacktest,
  record: async () => (await import('./record.ts')).registerRecord,
  import: async () => (await import('./import.ts')).registerImport,
  export: async () => (await import('./export.ts')).registerExport,
  bench: async () => (await import('./bench.ts')).registerBench,
};

/** The command of this name; all of them where there is none, so that help and mistakes name every one. */
export async function commandsFor(name: string | undefined): Promise<RegisterCommand[]> {
  const only = name !== undefined && Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  return Promise.all((only ? [only] : Object.values(loaders)).map((load) => load()));
}
