/**
 * A V8 startup snapshot with the Kusto language service in it: a process that begins with it has the library loaded and
 * its grammar made, which costs 1.5 s of processor time otherwise (its classes, its symbols and its grammar are made by
 * 5 MB of translated C#). https://nodejs.org/docs/latest-v20.x/api/cli.html#--build-snapshot
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDataVersionTag } from 'node:v8';
import { cached, digest, packageFolder } from './cache.mjs';

/** Uses what most queries use. */
const FIRST_QUERY = `let f = (x: string) { tolower(x) };
T | where f(tostring(a.b)) has "c" and now() > ago(1h) | extend d = iff(a == 1, 'e', 'f')
| summarize n = count(), make_set(d) by bin(now(), 1h), g = tostring(a) | project g, n
| join kind=inner (T | distinct g = tostring(a)) on g | union (print g = '') | sort by n desc`;

const BLOB = 'kusto.blob';

/**
 * The file of the snapshot, made now (some seconds, once) where this Node.js has none yet.
 * @returns {Promise<string | undefined>} undefined where it cannot be had: the library is then loaded from its scripts
 */
export async function kustoSnapshot() {
  // A snapshot fits only the flags that it was made with.
  if (process.execArgv.length > 0 || process.env.NODE_OPTIONS) return undefined;
  try {
    const folder = packageFolder('@kusto/language-service-next');
    const sources = ['bridge.min.js', 'Kusto.Language.Bridge.min.js'].map((name) => join(folder, name));
    const key = digest([
      // V8's tag stands for its version, its flags and the features of the processor.
      ...[process.version, process.platform, process.arch, String(cachedDataVersionTag())],
      ...[readFileSync(join(folder, 'package.json'), 'utf8'), entryText('')],
      ...sources.map((file) => `${statSync(file).size} ${statSync(file).mtimeMs}`),
    ]);
    return join(await cached(`snapshot-${key.slice(0, 32)}`, () => make(sources)), BLOB);
  } catch {
    return undefined;
  }
}

/** @param {readonly string[]} sources */
function make(sources) {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-'));
  try {
    const entry = join(folder, 'entry.js');
    const blob = join(folder, BLOB);
    writeFileSync(entry, entryText(sources.map((file) => readFileSync(file, 'utf8')).join('\n;\n')));
    const made = spawnSync(process.execPath, ['--snapshot-blob', blob, '--build-snapshot', entry], { stdio: 'ignore' });
    if (made.status !== 0) throw new Error('node could not make the snapshot');
    return new Map([[BLOB, readFileSync(blob)]]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What the snapshot is made of: the library, its grammar, and what a process that begins with it does first.
 * @param {string} library
 */
function entryText(library) {
  const modules = JSON.stringify(fileURLToPath(new URL('import-module.cjs', import.meta.url)));
  return `${library};
{
  const { GlobalState, KustoCode, Parsing, Symbols } = Kusto.Language;
  Parsing.QueryGrammar.From(GlobalState.Default);
  // What the library makes at the first use of a thing, it makes here.
  const column = new Symbols.ColumnSymbol('a', Symbols.ScalarTypes.GetSymbol('dynamic'), null, null, null, null);
  const table = new Symbols.TableSymbol.$ctor4('T', [column]);
  const database = new Symbols.DatabaseSymbol.ctor('workspace', [table]);
  const globals = GlobalState.Default.WithDatabase(database).WithCache();
  KustoCode.ParseAndAnalyze(${JSON.stringify(FIRST_QUERY)}, globals).GetDiagnostics();
}
require('node:v8').startupSnapshot.setDeserializeMainFunction(() => {
  require('node:module').createRequire(${modules})(${modules})(process.argv[1]);
});
`;
}
