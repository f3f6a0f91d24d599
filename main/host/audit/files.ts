import { closeSync, fstatSync, openSync, readSync, readdirSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { isMissing } from '../../files/durable.ts';

/** Put away by rotation: `audit.000007.jsonl` beside `audit.jsonl`, in ascending order. */
export interface PutAway {
  readonly number: number;
  readonly path: string;
}

export function putAwayFiles(file: string): readonly PutAway[] {
  const { stem, extension } = partsOf(file);
  return readdirSync(dirname(file))
    .flatMap((name) => {
      const middle = name.startsWith(`${stem}.`) && name.endsWith(extension) ? name.slice(stem.length + 1) : '';
      const digits = middle.slice(0, middle.length - extension.length);
      return /^\d{6,15}$/.test(digits) ? [{ number: Number(digits), path: join(dirname(file), name) }] : [];
    })
    .toSorted((a, b) => a.number - b.number);
}

export function nextPutAway(file: string): string {
  const { stem, extension } = partsOf(file);
  const number = (putAwayFiles(file).at(-1)?.number ?? 0) + 1;
  return join(dirname(file), `${stem}.${String(number).padStart(6, '0')}${extension}`);
}

function partsOf(file: string): { readonly stem: string; readonly extension: string } {
  const extension = extname(file);
  return { stem: basename(file, extension), extension };
}

/** No record is longer: a session's policy, with all its groups, is a few kilobytes. */
export const longestLineBytes = 1024 * 1024;

/** The ends of a file: enough to go on with it, however large it is. */
export interface Ends {
  readonly sizeBytes: number;
  /** Absent where there is no complete line. */
  readonly firstLine?: string;
  readonly lastLine?: string;
  /** What follows the last line's end. */
  readonly torn: Buffer;
}

/** @returns `undefined` where there is no such file. @throws on other system errors. */
export function readEnds(path: string): Ends | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const sizeBytes = fstatSync(descriptor).size;
    const head = readAt(descriptor, 0, Math.min(sizeBytes, longestLineBytes));
    const tail = readAt(
      descriptor,
      Math.max(0, sizeBytes - 2 * longestLineBytes),
      Math.min(sizeBytes, 2 * longestLineBytes),
    );
    const end = tail.lastIndexOf('\n');
    const torn = tail.subarray(end + 1);
    if (end < 0) return { sizeBytes, torn };
    const firstLine = head.subarray(0, Math.max(0, head.indexOf('\n'))).toString('utf8');
    const lastLine = tail.subarray(tail.lastIndexOf('\n', end - 1) + 1, end).toString('utf8');
    return { sizeBytes, firstLine, lastLine: end === 0 ? '' : lastLine, torn };
  } finally {
    closeSync(descriptor);
  }
}

function readAt(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const more = readSync(descriptor, bytes, read, length - read, position + read);
    if (more === 0) break;
    read += more;
  }
  return bytes.subarray(0, read);
}
