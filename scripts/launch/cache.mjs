/**
 * Files that can be made again, under node_modules/.cache: each with a name that holds everything it was made from, and
 * with a checksum that is looked at before use. A damaged or half-written file counts as none.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The folder of an installed package; not every package lets its package.json be resolved. @param {string} name */
export function packageFolder(name) {
  const folders = (require.resolve.paths(name) ?? []).map((modules) => join(modules, name));
  const folder = folders.find((one) => existsSync(join(one, 'package.json')));
  if (!folder) throw new Error(`the package ${name} is not installed`);
  return folder;
}

/** Beside the installed packages, so that what is cached finds them, and `npm ci` removes it. */
export function cacheFolder() {
  return join(packageFolder('@kusto/language-service-next'), '..', '..', '.cache', 'breakglass');
}

/** @param {readonly (string | Uint8Array)[]} parts */
export function digest(parts) {
  const hash = createHash('sha256');
  // With the length in front, no two lists of parts read the same.
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
}

/** Names the files of a folder, each with its checksum. */
const MANIFEST = 'manifest.json';

/**
 * A folder of the cache, made now where it is not there or not whole.
 * @param {string} name a kind and a key, such as `program-0a1b`
 * @param {() => Map<string, Uint8Array> | Promise<Map<string, Uint8Array>>} make the files by their names
 */
export async function cached(name, make) {
  const folder = join(cacheFolder(), name);
  if (!isWhole(folder)) await put(folder, await make());
  touch(folder);
  return folder;
}

/** @param {string} folder */
function isWhole(folder) {
  try {
    const listed = Object.entries(JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')));
    return listed.length > 0 && listed.every(([name, sum]) => digest([readFileSync(join(folder, name))]) === sum);
  } catch {
    return false;
  }
}

/**
 * Puts a folder in its place at once, or not at all.
 * @param {string} folder
 * @param {Map<string, Uint8Array>} files
 */
function put(folder, files) {
  // Processes of several containers may share the cache and have the same number: only a random name is one's own.
  const temporary = `${folder}.${randomUUID()}`;
  try {
    mkdirSync(temporary, { recursive: true });
    for (const [name, bytes] of files) writeFileSync(join(temporary, name), bytes);
    const sums = Object.fromEntries([...files].map(([name, bytes]) => [name, digest([bytes])]));
    writeFileSync(join(temporary, MANIFEST), JSON.stringify(sums));
    rmSync(folder, { recursive: true, force: true });
    try {
      renameSync(temporary, folder);
    } catch (error) {
      // Another process was faster: what it put there is as good.
      if (!isWhole(folder)) throw error;
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  removeOld(dirname(folder), basename(folder));
}

/** A process that still runs may load modules from an older folder, so that only what nobody used for long goes. */
const OLD = 7 * 24 * 3600 * 1000;

/** Removes what has the same kind of name. @param {string} parent @param {string} kept */
function removeOld(parent, kept) {
  const kind = kept.slice(0, kept.indexOf('-') + 1);
  const oldest = Date.now() - OLD;
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    if (name.startsWith(kind) && name !== kept && statSync(path).mtimeMs < oldest) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

/** Tells `removeOld` that this one is in use. Once a day is enough. @param {string} path */
function touch(path) {
  try {
    if (Date.now() - statSync(path).mtimeMs > 24 * 3600 * 1000) utimesSync(path, new Date(), new Date());
  } catch {
    // A cache that may not be written can still be read.
  }
}
