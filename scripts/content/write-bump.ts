/** Reading, planning and writing of `bump`. */
import { rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { formatPlace } from '../diagnostics/diagnostic.ts';
import { ExitCode, UserError } from '../diagnostics/errors.ts';
import { type BumpOptions, type BumpPlan, planBump, updatedPackageFunction } from './bump.ts';
import { readContent, readVersionLock } from './read-content.ts';
import { formatVersionLock, lockFile, parseVersionLock, type VersionLock } from './version-lock.ts';

/**
 * Plans a bump of the package at `root` and, with `write`, writes it: each file is replaced whole, the lock last, so that
 * an interruption leaves nothing half written and the next bump goes on.
 * @throws UserError when content cannot be read, or the plan is refused.
 */
export async function writeBump(root: string, options: Omit<BumpOptions, 'today'>, write: boolean): Promise<BumpPlan> {
  let { content, diagnostics } = await readContent(root);
  const unreadable = diagnostics.find((item) => item.severity === 'error');
  if (unreadable !== undefined) {
    throw new UserError(unreadable.code, {
      what: `Content with errors is not bumped: ${unreadable.message}`,
      remedy: 'Run `breakglass validate` and mend what it finds.',
      place: formatPlace(unreadable.place),
      exitCode: ExitCode.failed,
    });
  }
  const source = await readVersionLock(root);
  const lock: VersionLock = source ? parseLock(source.text) : { items: {}, retired: {} };
  const list = updatedPackageFunction(content);
  if (list !== undefined) {
    const functions = content.functions.map((item) =>
      item.source.file === list.file
        ? { source: { ...item.source, text: list.text }, value: { ...item.value, FunctionQuery: queryOf(list.text) } }
        : item,
    );
    content = { ...content, functions };
  }
  const today = new Date().toISOString().slice(0, 10);
  const plan = planBump(content, lock, { ...options, today });
  if (list !== undefined && !plan.files.some((item) => item.file === list.file)) plan.files.push(list);
  if (write) {
    for (const { file, text } of plan.files) await replaceFile(file, text);
    await replaceFile(join(resolve(root), lockFile), formatVersionLock(plan.lock));
  }
  return plan;
}

function parseLock(text: string): VersionLock {
  try {
    return parseVersionLock(text);
  } catch (error) {
    throw new UserError('lock-unreadable', {
      what: `${lockFile} cannot be used: ${error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message}.`,
      remedy: 'Restore it from the repository. Without it every change since the last version is forgotten.',
      exitCode: ExitCode.failed,
    });
  }
}

function queryOf(yaml: string): string {
  const block = /^FunctionQuery:[^\n]*\n([\s\S]*)$/m.exec(yaml)?.[1] ?? '';
  return block.replace(/^ {2}/gm, '');
}

async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, file);
}
