import { describeSystemError } from '../../files/system-error.ts';
import { beside, readGuarded, type Exposure } from '../../files/durable.ts';
import { checkHostConfig, type Checked, type PlacedSecret } from './check.ts';
import type { Surroundings } from './doubts.ts';
import type { Finding, Problem } from './problem.ts';

const largestBytes = 8 * 1024 * 1024;

/** What a configuration file held, whole: `text` is what the version store keeps. */
export type Loaded = Checked & {
  readonly text: string;
  /** There is no such file. */
  readonly isMissing?: true;
};

/** Reads and judges a configuration file, its permissions, and the files with secrets that it names. Never throws. */
export function loadHostConfig(file: string, surroundings: Surroundings): Loaded {
  try {
    const read = readGuarded(file);
    if (read === undefined) {
      return {
        ...unreadable('is not there', 'Check the path; "culvert host setup" makes a first one.'),
        isMissing: true,
      };
    }
    if (read.exposure === 'is not a file') return unreadable('is not a file', 'Name the file itself.');
    if (read.bytes.length > largestBytes) return unreadable('is larger than 8 MiB', 'Put users into the local store.');
    const text = read.bytes.toString('utf8');
    const secretFindings = (secrets: readonly PlacedSecret[]): readonly Finding[] =>
      secrets.flatMap((secret) => secretFinding(secret, file, read.exposure));
    return { ...checkHostConfig(text, surroundings, secretFindings), text };
  } catch (error) {
    return unreadable(
      `cannot be read: ${describeSystemError(error)}`,
      'Run this with sudo; if that does not help, check the file and its folder.',
    );
  }
}

function unreadable(what: string, fix: string): Loaded {
  const problem: Problem = { severity: 'error', path: '', what, fix };
  return { ok: false, problems: [problem], text: '' };
}

/** A secret is read by its owner alone, wherever it stands. */
function secretFinding(
  { path, reference }: PlacedSecret,
  configFile: string,
  configExposure: Exposure | undefined,
): readonly Finding[] {
  if (reference.kind === 'inline') {
    if (configExposure === undefined) return [];
    const what = `is a secret in a file that ${configExposure}`;
    return [{ path, what, fix: `Run "chmod 600 ${configFile}", or put the secret into a file of its own.` }];
  }
  const file = beside(configFile, reference.file);
  try {
    const read = readGuarded(file);
    if (read === undefined)
      return [{ path, what: `names ${file}, which is not there`, fix: 'Correct the path, or write the secret there.' }];
    if (read.exposure !== undefined) {
      return [{ path, what: `names ${file}, which ${read.exposure}`, fix: `Run "chmod 600 ${file}" as its owner.` }];
    }
    return /^\r?\n?$/.test(read.bytes.toString('latin1'))
      ? [{ path, what: `names ${file}, which is empty`, fix: 'Write the secret into it.' }]
      : [];
  } catch (error) {
    return [{ path, what: `names ${file}, which cannot be read: ${describeSystemError(error)}`, fix: 'Correct it.' }];
  }
}
