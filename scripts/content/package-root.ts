/** Where the package is. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The content package that a command works on: the nearest folder, from `from` (the working directory) upwards, that
 * holds `detections`; else the package that the tool came with.
 */
export function packageRoot(from: string = process.cwd()): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'detections'))) return folder;
    if (dirname(folder) === folder) return fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
  }
}
