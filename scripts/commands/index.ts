/**
 * The commands in the order of the README. Each module only declares arguments; the work is imported when its command
 * runs, so that `--help` and small commands start fast.
 */
import type { Command } from 'commander';
import { registerBump } from './bump.ts';
import { registerDeploy } from './deploy.ts';
import { registerPlan } from './plan.ts';
import { registerPlaybook } from './playbook.ts';
import { registerPreview } from './preview.ts';
import { registerQuery } from './query.ts';
import { registerTest } from './test.ts';
import { registerValidate } from './validate.ts';

/** Adds one command (and its subcommands) to the program. */
export type RegisterCommand = (program: Command) => void;

export const commands: readonly RegisterCommand[] = [
  registerValidate,
  registerBump,
  registerTest,
  registerQuery,
  registerPreview,
  registerPlaybook,
  registerPlan,
  registerDeploy,
];
