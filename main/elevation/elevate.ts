import { exec } from 'sudo-prompt';
import { failure, type Result } from '../contracts/failure.ts';

/** sudo-prompt's own words, which it does not translate. */
const withoutAgent = /polkit authentication agent/i;
const withoutProgram = /Unable to find pkexec/;
const denied = /did not grant permission/;
/** pkexec's, of who said no or may not; where it says something else, it could not even ask. */
const answeredNo = /Not authorized|Request dismissed/;

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
      const why = error ? refusal(error.message, String(stderr), command) : undefined;
      if (why !== undefined) resolve({ ok: false, failure: why });
      else resolve({ ok: true, value: { succeeded: !error, stdout: String(stdout), stderr: String(stderr) } });
    });
  });
}

function refusal(message: string, stderr: string, command: string): ReturnType<typeof failure> | undefined {
  const facts = { command: `sudo ${command}` };
  if (withoutAgent.test(message)) {
    return failure('elevation.unavailable', { ...facts, reason: 'no polkit agent runs on this desktop' });
  }
  if (denied.test(message)) {
    const said = stderr.trim().split('\n').at(-1) ?? '';
    if (said === '' || answeredNo.test(stderr)) return failure('elevation.refused', facts);
    return failure('elevation.unavailable', { ...facts, reason: said.replace(/\.$/, '').slice(0, 300) });
  }
  if (withoutProgram.test(message)) {
    return failure('elevation.unavailable', { ...facts, reason: 'pkexec is not installed' });
  }
  return undefined;
}
