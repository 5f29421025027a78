/**
 * V8's code cache of the language service on disk, with a checksum: V8 looks at the version and the length of a cache and
 * runs whatever else is in it, so a damaged file would answer wrongly (or end the process) instead of being left aside.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CHECKSUM_BYTES = 32;

/** Where the cache of these sources is: the name makes it fit this version of V8 and of the package. */
export function codeCacheFile(folder: string, sources: readonly string[]): string {
  const key = sources.map((file) => `${statSync(file).size}-${Math.round(statSync(file).mtimeMs)}`).join('-');
  const modules = join(folder, '..', '..');
  return join(modules, '.cache', 'breakglass', `kusto-${process.versions.v8}-${process.arch}-${key}.checked.bin`);
}

/** The cache, or undefined where there is none or its bytes are not those that were written. */
export function readCodeCache(file: string): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return undefined;
  }
  const data = bytes.subarray(CHECKSUM_BYTES);
  return checksum(data).equals(bytes.subarray(0, CHECKSUM_BYTES)) ? data : undefined;
}

/** Best effort: a folder that cannot be written only costs time at the next start. */
export function writeCodeCache(file: string, make: () => Buffer): void {
  // Processes of several containers may share the folder and have the same number: only a random name is one's own.
  const temporary = `${file}.${randomUUID()}`;
  try {
    const data = make();
    mkdirSync(dirname(file), { recursive: true });
    try {
      writeFileSync(temporary, Buffer.concat([checksum(data), data]));
      renameSync(temporary, file);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch {
    // Told above: the next start is slower, and that is all.
  }
}

function checksum(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
