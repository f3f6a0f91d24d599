import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { exposureOf, isMissing } from './durable.ts';
import { describeSystemError } from './system-error.ts';

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
    if (!stats.isFile()) return unreadable(stats.isDirectory() ? 'it is a folder' : 'it is not a file');
    const bytes = new Uint8Array(Math.min(stats.size, limitBytes) + 1);
    const length = readSync(descriptor, bytes);
    if (length > limitBytes) return unreadable(`it is larger than ${sizeText(limitBytes)}`);
    return { ok: true, bytes: bytes.slice(0, length), exposure: exposureOf(stats) };
  } catch (error) {
    return { ok: false, reason: isMissing(error) ? 'missing' : 'unreadable', detail: describeSystemError(error) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function unreadable(detail: string): BoundedRead {
  return { ok: false, reason: 'unreadable', detail };
}

function sizeText(bytes: number): string {
  return bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 10} KiB`;
}
