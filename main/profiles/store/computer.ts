import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { failure, type Result } from '../../contracts/failure.ts';
import { isMissing } from '../../files/durable.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { largestProfileBytes } from '../read-text.ts';

/**
 * Profiles that the computer gives: files that root alone can write, in a folder of root's. They need no confirmation, since who
 * could put them there could replace Culvert itself.
 */

const mostFiles = 200;
const endings = /\.(json|culvert)$/;

export interface ComputerFile {
  readonly file: string;
  /** Of the file's name, without its ending. */
  readonly name: string;
  readonly text: Result<string>;
}

/** In the order of their names. Empty where there is no such folder. */
export function readComputerFiles(folder: string): ComputerFile[] {
  const names = namesIn(folder);
  return names.map((name) => {
    const file = join(folder, name);
    return { file, name: name.replace(endings, ''), text: readTrusted(file) };
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => endings.test(name) && !name.startsWith('.'))
      .sort()
      .slice(0, mostFiles);
  } catch {
    return [];
  }
}

function readTrusted(file: string): Result<string> {
  const exposed = (exposure: string): Result<string> => ({
    ok: false,
    failure: failure('managed.exposed', { file, exposure }),
  });
  let descriptor: number | undefined;
  try {
    for (const folder of [dirname(file), dirname(dirname(file))]) {
      const exposure = exposureOf(lstatSync(folder));
      if (exposure !== undefined) return exposed(`is in the folder ${folder}, which ${exposure}`);
    }
    // Not through a link, which may lead anywhere; and a named pipe would make an opener wait.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    const exposure = stats.isFile() ? exposureOf(stats) : 'is not a file';
    if (exposure !== undefined) return exposed(exposure);
    if (stats.size > largestProfileBytes)
      return { ok: false, failure: failure('profile.unreadable', { file, reason: 'it is larger than 1 MiB' }) };
    return { ok: true, value: readFileSync(descriptor, 'utf8') };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ELOOP') return exposed('is a symbolic link');
    const reason = isMissing(error) ? 'it is gone' : describeSystemError(error);
    return { ok: false, failure: failure('profile.unreadable', { file, reason }) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function exposureOf({ uid, mode }: Stats): string | undefined {
  if (uid !== 0) return 'does not belong to root';
  return (mode & 0o022) === 0 ? undefined : 'can be written by others';
}
