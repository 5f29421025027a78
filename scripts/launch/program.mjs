/** The tool compiled to JavaScript, kept for as long as no source changes: reading the sources costs less than tsx. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cached, digest, packageFolder } from './cache.mjs';

const scripts = fileURLToPath(new URL('..', import.meta.url));

/** What a process can be started with; each has a compiled module of this name. */
const entries = {
  breakglass: 'breakglass.ts',
  'scenario-worker': 'scenarios/scenario-worker.ts',
  'validate-process': 'commands/validate-process.ts',
};

/**
 * Packages that go into the compiled modules, since almost every command loads them: many small CommonJS files, which Node.js
 * reads twice when a module imports them. The others are imported from where they are installed.
 */
const inlined = ['commander', '@duckdb/node-api', 'csv-parse', 'yaml', 'cli-table3'];

/**
 * @typedef {object} Program
 * @property {(name: keyof typeof entries) => string} entry the file of a compiled module
 */

/**
 * The compiled tool, made now where the sources have none yet.
 * @returns {Promise<Program | undefined>} undefined where it cannot be made or kept
 */
export async function compiledProgram() {
  try {
    const folder = await cached(`program-${sourceKey()}`, compile);
    return { entry: (name) => join(folder, `${name}.js`) };
  } catch {
    // The sources are still there, and a mistake in them is told better by what runs them.
    return undefined;
  }
}

/** Changes with every source, with the compiler, and with the place of the sources: they read files beside them. */
function sourceKey() {
  const files = readdirSync(scripts, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs)$/.test(name))
    .sort();
  const packages = ['esbuild', ...inlined].map((name) => readFileSync(join(packageFolder(name), 'package.json')));
  const texts = files.flatMap((name) => [name, readFileSync(join(scripts, name))]);
  return digest([scripts, process.version, ...packages, ...texts]).slice(0, 32);
}

async function compile() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(scripts, file)])),
    outdir: '.',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    // Error messages and stack traces name functions and classes.
    keepNames: true,
    // What a module forks is compiled as well: fork-module.ts.
    banner: { js: banner },
    write: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'breakglass',
        setup(compiler) {
          compiler.onLoad({ filter: /\.ts$/ }, withItsPlace);
          compiler.onResolve({ filter: /^[^./]/ }, asInstalled);
        },
      },
    ],
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}

/** The CommonJS files of packages may require what is not compiled, such as DuckDB's native part. */
const banner = `import { createRequire as createRequireOfCompiled } from 'node:module';
const require = createRequireOfCompiled(import.meta.url);
const BREAKGLASS_COMPILED = new URL('.', import.meta.url);`;

/**
 * @param {{ path: string, importer: string, kind: string }} wanted
 * @returns {{ external: true } | undefined} undefined where it is compiled
 */
function asInstalled({ path, importer, kind }) {
  if (kind === 'entry-point') return undefined;
  const ours = importer.startsWith(scripts);
  const compiled = inlined.some((name) => path === name || path.startsWith(`${name}/`));
  // What an inlined package is made of goes with it, but for native code.
  return compiled || (!ours && !path.startsWith('@duckdb/node-bindings')) ? undefined : { external: true };
}

/**
 * A module finds files of the package by its own place, which is that of its source.
 * @param {{ path: string }} source
 * @returns {{ contents: string, loader: 'ts' }}
 */
function withItsPlace({ path }) {
  const place = JSON.stringify(pathToFileURL(path).href);
  return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', place), loader: 'ts' };
}
