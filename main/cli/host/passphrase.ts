import type { Result } from '../../contracts/failure.ts';
import type { Secret } from '../../contracts/secret.ts';
import { askPassphrase, askPassphraseTwice } from '../profile/passphrases.ts';
import { Complaint } from '../../host/words/complaint.ts';

/** For a file that is to be written. @throws Complaint where there is none */
export async function readNewPassphrase(fromStdin: boolean): Promise<Secret<string>> {
  return valueOf(await askPassphraseTwice(fromStdin ? { passphraseStdin: true } : {}));
}

/** Of a file that there is: `undefined` where nothing is given, as it may have none. */
export async function readPassphrase(file: string, fromStdin: boolean): Promise<Secret<string> | undefined> {
  const what = `passphrase of ${file} (empty for none)`;
  if (fromStdin) return valueOf(await askPassphrase(what, { passphraseStdin: true }));
  const typed = await askPassphrase(what, {});
  return typed.ok ? typed.value : undefined;
}

function valueOf(result: Result<Secret<string>>): Secret<string> {
  if (result.ok) return result.value;
  throw new Complaint('password.missing', { what: 'passphrase', how: result.failure.fix });
}
