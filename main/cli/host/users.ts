import type { HostUser } from '../../contracts/host-user.ts';
import { loadHostConfig } from '../../host/configuration/index.ts';
import { surroundings } from '../../host/service/index.ts';
import { asTyped } from '../as-typed.ts';
import { currentCertificatesOf } from './ca.ts';
import { countText } from '../../host/words/format.ts';
import { readNewPassword } from './new-password.ts';
import type { CommonFlags } from './options.ts';
import { printJson } from './outcome.ts';
import { openUserDesk, type UserDesk } from './user-desk.ts';
import { newUser, userChanges, type Clearable, type UserFlags } from './user-options.ts';
import { describeUser, describeUsers } from './users-text.ts';

export async function listUsers({ config, json }: CommonFlags): Promise<void> {
  const desk = await openUserDesk(config, json === true);
  const users = await desk.list();
  if (json === true) users.forEach(printJson);
  else if (users.length > 0) console.log(describeUsers(users, Date.now()));
  else console.log(asTyped('There are no local users yet. "culvert host users add NAME" adds one.'));
}

export async function addUser(name: string, flags: UserFlags & CommonFlags & { passwordStdin?: true }): Promise<void> {
  const json = flags.json === true;
  const user = newUser(name, flags);
  const desk = await openUserDesk(flags.config, json);
  const password = await readNewPassword(name, flags.passwordStdin === true);
  say(desk, 'Added', await desk.add(user, password), json);
}

export async function setUser(
  name: string,
  flags: UserFlags & CommonFlags & { clear?: readonly Clearable[] },
): Promise<void> {
  const json = flags.json === true;
  const changes = userChanges(name, flags, flags.clear ?? []);
  const desk = await openUserDesk(flags.config, json);
  say(
    desk,
    'Changed',
    await desk.change(name, changes),
    json,
    lasting.some((member) => member in changes),
  );
}

export async function setPassword(name: string, flags: CommonFlags & { passwordStdin?: true }): Promise<void> {
  const json = flags.json === true;
  const desk = await openUserDesk(flags.config, json);
  const password = await readNewPassword(name, flags.passwordStdin === true);
  say(desk, 'New password for', await desk.setPassword(name, password), json);
}

export async function disableUser(name: string, disabled: boolean, flags: CommonFlags): Promise<void> {
  const { config, json } = flags;
  const desk = await openUserDesk(config, json === true);
  say(desk, 'Changed', await desk.change(name, { disabled }), json === true);
  if (disabled) await offerToRevoke(name, flags);
}

export async function removeUser(name: string, flags: CommonFlags): Promise<void> {
  const { config, json } = flags;
  const desk = await openUserDesk(config, json === true);
  const user = await desk.remove(name);
  if (json === true) printJson({ removed: user });
  else console.log(`Removed ${user.name}. ${consequence(desk)}`);
  await offerToRevoke(name, flags);
}

/** A certificate outlives its user, and another user may be let in with it. */
async function offerToRevoke(name: string, flags: CommonFlags): Promise<void> {
  const count = (await currentCertificatesOf(name, flags)).length;
  if (count === 0 || flags.json === true) return;
  console.error(
    asTyped(
      `${countText(count, 'certificate')} of ${name} can still be used: "culvert host ca revoke --user ${name}" revokes them.`,
    ),
  );
}

/** What a session keeps as it was when it began. */
const lasting = ['groups', 'address', 'networks', 'sessions'] as const satisfies readonly (keyof HostUser)[];

function say(desk: UserDesk, what: string, user: HostUser, json: boolean, isLasting = false): void {
  if (json) printJson(user);
  else console.log(`${what} ${describeUser(user, Date.now())}. ${consequence(desk, isLasting)}`);
  const unknown = unknownGroups(desk.configFile, user);
  if (unknown.length > 0) {
    console.error(
      `${desk.configFile} has no group ${unknown.join(', ')}. Until it has, it says nothing about ${user.name}.`,
    );
  }
}

function consequence({ via }: UserDesk, isLasting = false): string {
  if (via === 'files') return 'No host is running; it holds when one starts.';
  return isLasting
    ? 'It holds from the next sign-in on; a session that is there stays as it is.'
    : 'It holds from now on.';
}

function unknownGroups(configFile: string, { groups }: HostUser): readonly string[] {
  const loaded = loadHostConfig(configFile, surroundings(Date.now()));
  if (!loaded.ok) return [];
  return groups.filter((group) => group !== 'default' && !Object.hasOwn(loaded.config.groups, group));
}
