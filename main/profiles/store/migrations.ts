import { failure, type Result } from '../../contracts/failure.ts';

/** Brings a record of one format to the next; pure. */
export type Migration = (record: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** `migrations[0]` makes format 2 of format 1, and so on. There has been one format so far. */
const migrations: readonly Migration[] = [];

/** The member that says which format a record has. */
export const formatMember = 'storedProfile';

/** The record in the newest known format. `file` is what it is called in a failure. */
export function migrate(
  record: Readonly<Record<string, unknown>>,
  file: string,
  steps: readonly Migration[] = migrations,
): Result<Readonly<Record<string, unknown>>> {
  const newest = steps.length + 1;
  const format = record[formatMember];
  if (typeof format !== 'number' || !Number.isSafeInteger(format) || format < 1) {
    const problems = `${formatMember}: expected a whole number from 1 to ${newest}`;
    return { ok: false, failure: failure('profile.invalid', { file, problems }) };
  }
  if (format > newest) {
    return { ok: false, failure: failure('profile.newer', { file, version: format, known: newest }) };
  }
  const value = steps
    .slice(format - 1)
    .reduce<Readonly<Record<string, unknown>>>(
      (before, step, index) => ({ ...step(before), [formatMember]: format + index + 1 }),
      record,
    );
  return { ok: true, value };
}
