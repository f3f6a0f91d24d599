import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { exposureOf, isMissing } from '../../files/durable.ts';
import { describeSystemError } from '../../files/system-error.ts';

export type BoundedRead =
  | {
      readonly ok: true;
      readonly bytes: Uint8Array;
      /** Why it is no place for a secret: the end of a sentence after its name. */
      readonly exposure: string | undefined;
    }
  | { readonly ok: false; readonly reason: 'missing' | 'unreadable'; readonly detail: string };

/** Reads a file that somebody named: one of a bounded size. */
export function readBounded(file: string, limitBytes: number): BoundedRead {
  let descriptor: number | undefined;
  try {
    // A named pipe would make an opener wait.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return { ok: false, reason: 'unreadable', detail: 'it is not a file' };
    const bytes = new Uint8Array(Math.min(stats.size, limitBytes) + 1);
    const length = readSync(descriptor, bytes);
    if (length > limitBytes)
      return { ok: false, reason: 'unreadable', detail: `it is larger than ${limitBytes} bytes` };
    return { ok: true, bytes: bytes.slice(0, length), exposure: exposureOf(stats) };
  } catch (error) {
    return { ok: false, reason: isMissing(error) ? 'missing' : 'unreadable', detail: describeSystemError(error) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
