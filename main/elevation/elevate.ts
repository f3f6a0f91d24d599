import { exec } from 'sudo-prompt';
import type { Result } from '../contracts/failure.ts';
import { refusalOf } from './refusal.ts';

/** A word that no shell reads anything into. */
const plainWord = /^[\w@%+=:,./-]+$/;

/** Of a command that ran with the rights. */
export interface Elevated {
  readonly succeeded: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command with administrator rights: the desktop asks for a password. It goes through shells, the caller's and root's, so
 * it is words of ours alone, none of which means anything to a shell.
 *
 * @throws on a word that does; it would be a defect of the caller
 */
export async function elevate(words: readonly string[]): Promise<Result<Elevated>> {
  const strange = words.find((word) => !plainWord.test(word));
  if (strange !== undefined || !words[0]?.startsWith('/'))
    throw new Error(`not to be elevated: ${strange ?? 'no path'}`);
  const command = words.join(' ');
  // sudo-prompt has the caller's shell change to this folder, by a name that the shell reads.
  process.chdir('/');
  return new Promise((resolve) => {
    exec(command, { name: 'Culvert' }, (error, stdout = '', stderr = '') => {
      const why = error ? refusalOf(error.message, String(stderr), `sudo ${command}`) : undefined;
      if (why !== undefined) resolve({ ok: false, failure: why });
      else resolve({ ok: true, value: { succeeded: !error, stdout: String(stdout), stderr: String(stderr) } });
    });
  });
}
