import { failure, type Result } from '../contracts/failure.ts';
import { readBounded } from '../files/read-bounded.ts';

export const largestProfileBytes = 1024 * 1024;

/** A file's text, bounded. The user chose it, or somebody made them open it. `shownAs`: what a failure calls it. */
export function readProfileText(file: string, shownAs = file): Result<string> {
  const read = readBounded(file, largestProfileBytes);
  if (read.ok) return { ok: true, value: Buffer.from(read.bytes).toString('utf8') };
  return { ok: false, failure: failure('profile.unreadable', { file: shownAs, reason: read.detail }) };
}
