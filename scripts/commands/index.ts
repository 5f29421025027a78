/**
 * The commands in the order of the README. Each module only declares arguments; the work is imported when its command
 * runs, so that `--help` and small commands start fast.
 */
import type { Command } from 'commander';
import { registerBacktest } from './backtest.ts';
import { registerBench } from './bench.ts';
import { registerBump } from './bump.ts';
import { registerCoverage } from './coverage.ts';
import { registerDeploy } from './deploy.ts';
import { registerDoctor } from './doctor.ts';
import { registerDrift } from './drift.ts';
import { registerExport } from './export.ts';
import { registerImport } from './import.ts';
import { registerKql } from './kql.ts';
import { registerLogin } from './login.ts';
import { registerMutate } from './mutate.ts';
import { registerPlan } from './plan.ts';
import { registerPlaybook } from './playbook.ts';
import { registerPreview } from './preview.ts';
import { registerPrune } from './prune.ts';
import { registerQuery } from './query.ts';
import { registerRecord } from './record.ts';
import { registerReport } from './report.ts';
import { registerRollback } from './rollback.ts';
import { registerScenario } from './scenario.ts';
import { registerStart } from './start.ts';
import { registerTest } from './test.ts';
import { registerValidate } from './validate.ts';
import { registerWatchlist } from './watchlist.ts';
import { registerWorkbook } from './workbook.ts';

/** Adds one command (and its subcommands) to the program. */
export type RegisterCommand = (program: Command) => void;

export const commands: readonly RegisterCommand[] = [
  registerValidate,
  registerBump,
  registerCoverage,
  registerTest,
  registerMutate,
  registerScenario,
  registerStart,
  registerQuery,
  registerKql,
  registerPreview,
  registerWorkbook,
  registerReport,
  registerPlaybook,
  registerPlan,
  registerDeploy,
  registerDrift,
  registerRollback,
  registerPrune,
  registerDoctor,
  registerLogin,
  registerWatchlist,
  registerBacktest,
  registerRecord,
  registerImport,
  registerExport,
  registerBench,
];
