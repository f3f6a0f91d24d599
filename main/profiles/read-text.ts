import { readFileSync, statSync } from 'node:fs';
import { failure, type Result } from '../contracts/failure.ts';
import { describeSystemError } from '../files/system-error.ts';

export const largestProfileBytes = 1024 * 1024;

/** A file's text, bounded. The user chose it, or somebody made them open it. `shownAs`: what a failure calls it. */
export function readProfileText(file: string, shownAs = file): Result<string> {
  const unreadable = (reason: string): Result<string> => ({
    ok: false,
    failure: failure('profile.unreadable', { file: shownAs, reason }),
  });
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) return unreadable('it is a folder');
    // Whoever waits at a pipe may wait for ever.
    if (!stats.isFile()) return unreadable('it is not a file');
    if (stats.size > largestProfileBytes) return unreadable('it is larger than 1 MiB');
    return { ok: true, value: readFileSync(file, 'utf8') };
  } catch (error) {
    return unreadable(describeSystemError(error));
  }
}
