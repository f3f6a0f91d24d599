import type { Result } from '../../contracts/failure.ts';
import { Secret } from '../../contracts/secret.ts';
import { promptSecret, SecretInput } from '../secrets.ts';
import { Complaint } from './complaint.ts';

const flag = '--passphrase-stdin';

/** For a file that is to be written: a line of standard input, or typed twice. @throws Complaint where there is none */
export async function readNewPassphrase(fromStdin: boolean): Promise<Secret<string>> {
  if (fromStdin) return new Secret(await firstLine());
  const first = valueOf(await promptSecret('passphrase for the file', flag));
  const second = valueOf(await promptSecret('the same again', flag));
  if (first !== second) throw new Complaint('password.differs');
  return new Secret(first);
}

/** Of a file that there is: `undefined` where nobody is there to be asked, as it may have none. */
export async function readPassphrase(file: string, fromStdin: boolean): Promise<Secret<string> | undefined> {
  if (fromStdin) return new Secret(await firstLine());
  if (!process.stdin.isTTY) return undefined;
  const typed = await promptSecret(`passphrase of ${file} (empty for none)`, flag);
  return typed.ok ? new Secret(typed.value) : undefined;
}

async function firstLine(): Promise<string> {
  const input = new SecretInput();
  try {
    return valueOf(await input.line('passphrase'));
  } finally {
    input.close();
  }
}

function valueOf(result: Result<string>): string {
  if (result.ok) return result.value;
  throw new Complaint('password.missing', { how: result.failure.fix });
}
