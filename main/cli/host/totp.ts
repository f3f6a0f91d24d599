import { toString as qrText } from 'qrcode';
import type { HostUser } from '../../contracts/host-user.ts';
import type { Enrolled } from '../../host/users/index.ts';
import { printable } from '../../host/words/format.ts';
import type { CommonFlags } from './options.ts';
import { printJson } from './outcome.ts';
import { openUserDesk, type UserDesk } from './user-desk.ts';

/** `culvert host users totp …`: what is shown here is shown this once, and is written down nowhere. */

export async function enrolUser(name: string, { config, json }: CommonFlags): Promise<void> {
  const desk = await openUserDesk(config, json === true);
  const enrolled = await desk.enrol(name);
  if (json === true) {
    printEnrolled(enrolled);
    return;
  }
  const { user, uri } = enrolled;
  const text = uri?.expose() ?? '';
  console.log(`One-time codes for ${printable(user.name)}. Scan this with the application on the telephone:`);
  console.log(await qrText(text, { type: 'terminal', small: true }));
  console.log(`Or type it in: ${text}`);
  sayRecovery(enrolled);
  sayWhen(desk, user);
}

export async function renewRecovery(name: string, { config, json }: CommonFlags): Promise<void> {
  const desk = await openUserDesk(config, json === true);
  const enrolled = await desk.renewRecovery(name);
  if (json === true) {
    printEnrolled(enrolled);
    return;
  }
  console.log(`New recovery codes for ${printable(enrolled.user.name)}; those of before are worth nothing.`);
  sayRecovery(enrolled);
}

export async function removeCodes(name: string, { config, json }: CommonFlags): Promise<void> {
  const desk = await openUserDesk(config, json === true);
  const user = await desk.removeCodes(name);
  if (json === true) printJson(user);
  else console.log(`${printable(user.name)} signs in without a code again, unless a group requires one.`);
}

function printEnrolled({ user, uri, recovery }: Enrolled): void {
  printJson({
    user,
    ...(uri !== undefined && { uri: uri.expose() }),
    recoveryCodes: recovery.map((code) => code.expose()),
  });
}

function sayRecovery({ recovery }: Enrolled): void {
  console.log('\nFor the day when the telephone is lost, each of these works once in place of a code:\n');
  for (const code of recovery) console.log(`  ${code.expose()}`);
  console.log('');
}

function sayWhen({ via }: UserDesk, { name }: HostUser): void {
  const when = via === 'host' ? 'from now on' : 'when a host starts';
  console.log(
    `${printable(name)} needs a code at each sign-in, ${when}: right behind the password, or when asked for it.`,
  );
}
