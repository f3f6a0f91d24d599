import { Secret } from '../../contracts/secret.ts';
import type { Result } from '../../contracts/failure.ts';
import { promptSecret, SecretInput } from '../secrets.ts';
import { Complaint } from '../../host/words/complaint.ts';

/** A new password: a line of standard input, or typed twice on the terminal. @throws Complaint where there is none */
export async function readNewPassword(name: string, fromStdin: boolean): Promise<Secret<string>> {
  if (fromStdin) {
    const input = new SecretInput();
    try {
      return new Secret(valueOf(await input.line('password')));
    } finally {
      input.close();
    }
  }
  for (;;) {
    const first = valueOf(await promptSecret(`new password of ${name}`, '--password-stdin'));
    const second = valueOf(await promptSecret('the same again', '--password-stdin'));
    if (first === second) return new Secret(first);
    console.error('  The two passwords differ: once more.');
  }
}

function valueOf(result: Result<string>): string {
  if (result.ok) return result.value;
  throw new Complaint('password.missing', { what: 'password', how: result.failure.fix });
}
