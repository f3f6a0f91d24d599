import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Files that survive a crash at any moment, and that nobody but their owner can read. */

/** Makes the folder (0700) where it is not there. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** Replaces the file as a whole: after a crash it is the old one or the new one. Mode 0600. @throws on system errors. */
export function writeDurably(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.new`;
  const descriptor = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    try {
      writeAll(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(file));
}

/** Removes what a crash in the middle of `writeDurably` left in the folder. Only for who alone writes files of that prefix. */
export function removeUnfinished(folder: string, prefix: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(prefix) && name.endsWith('.new')) rmSync(join(folder, name), { force: true });
  }
}

/** `writeSync` may write a part only. */
export function writeAll(descriptor: number, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}

/** Makes renames and removals in the folder last. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Why a file with secrets is not to be trusted; each is a sentence's end after its name. */
export type Exposure = 'is not a file' | 'belongs to somebody else' | 'can be read or written by others';

/** What is wrong with a file's type, owner or mode; `undefined` for a file of ours (or of root's) with mode 0600 or less. */
export function exposureOf(stats: {
  readonly mode: number;
  readonly uid: number;
  isFile(): boolean;
}): Exposure | undefined {
  if (!stats.isFile()) return 'is not a file';
  if (stats.uid !== 0 && stats.uid !== process.getuid?.()) return 'belongs to somebody else';
  return (stats.mode & 0o077) === 0 ? undefined : 'can be read or written by others';
}

/**
 * Reads a file and how it is guarded, both of the same file even while somebody replaces it.
 *
 * @returns `undefined` where there is no such file @throws on other system errors
 */
export function readGuarded(
  file: string,
): { readonly bytes: Buffer; readonly exposure: Exposure | undefined } | undefined {
  let descriptor: number;
  try {
    // A named pipe would make an opener wait.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const exposure = exposureOf(fstatSync(descriptor));
    return { bytes: exposure === 'is not a file' ? Buffer.alloc(0) : readFileSync(descriptor), exposure };
  } finally {
    closeSync(descriptor);
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** A path beside a file: relative paths in a configuration start at its folder. */
export function beside(file: string, path: string): string {
  return path.startsWith('/') ? path : join(dirname(file), path);
}
