import type { Result } from '../../contracts/failure.ts';
import { failure } from '../../contracts/failure.ts';
import { Secret } from '../../contracts/secret.ts';
import { promptSecret, SecretInput } from '../secrets.ts';

export interface PassphraseFlags {
  readonly passphraseStdin?: true;
}

const flag = '--passphrase-stdin';

/** A line of standard input, or typed on the terminal. */
export async function askPassphrase(what: string, flags: PassphraseFlags): Promise<Result<Secret<string>>> {
  if (flags.passphraseStdin !== true) return secret(await promptSecret(what, flag));
  const input = new SecretInput();
  try {
    return secret(await input.line(what));
  } finally {
    input.close();
  }
}

/** A new one: on the terminal it is typed twice. */
export async function askPassphraseTwice(flags: PassphraseFlags): Promise<Result<Secret<string>>> {
  const first = await askPassphrase('passphrase for the secrets', flags);
  if (!first.ok || flags.passphraseStdin === true) return first;
  const second = await askPassphrase('the same again', flags);
  if (!second.ok || second.value.expose() === first.value.expose()) return second;
  const how = 'The two that were typed differ: try again.';
  return { ok: false, failure: failure('credentials.missing', { what: 'passphrase', how }) };
}

function secret(typed: Result<string>): Result<Secret<string>> {
  return typed.ok ? { ok: true, value: new Secret(typed.value) } : typed;
}
