/** A process of its own that checks the package, so that `start` can run the scenarios at the same time. */
import { validatePackage } from './validate.ts';

process.once('message', ({ root }: { root: string }) => {
  validatePackage(root, [])
    .then((report) => ({ report }))
    .catch((error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
    .then((answer) => process.send?.(answer, () => process.disconnect()));
});
