import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './namespaces.ts';

/** An account that a machine of the test network has beside those of the machine that runs the tests. */
export interface LocalUser {
  readonly name: string;
  readonly uid: number;
  /** Of its processes, beside its own: those that it was in when it signed in. */
  readonly groups?: readonly number[];
}

/** The number of the machine's own group. */
export const ownGroup = 4999;

/**
 * Gives the machine accounts and a group of its own. May be called again: programs that run already see the change, since the
 * files stay the same ones.
 */
export function setUsers(
  machine: Machine,
  users: readonly LocalUser[],
  group: string,
  members: readonly LocalUser[],
): void {
  const passwd = users.map(({ name, uid }) => `${name}:x:${uid}:${uid}::/nonexistent:/usr/sbin/nologin\n`).join('');
  const groups = users.map(({ name, uid }) => `${name}:x:${uid}:\n`).join('');
  const own = `${group}:x:${ownGroup}:${members.map(({ name }) => name).join(',')}\n`;
  const folder = join('/etc/netns', machine.name);
  writeFileSync(join(folder, 'passwd'), `${readFileSync('/etc/passwd', 'utf8')}${passwd}`);
  const others = readFileSync('/etc/group', 'utf8').replace(new RegExp(`^${group}:.*\n`, 'm'), '');
  writeFileSync(join(folder, 'group'), `${others}${groups}${own}`);
}

/** The machine, as that user has it: no rights. */
export function asUser(machine: Machine, { uid, groups = [] }: LocalUser): Machine {
  const also = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`;
  const less = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, also, '--no-new-privs', '--'];
  const command = (argv: readonly string[]): string[] => machine.command([...less, ...argv]);
  return {
    ...machine,
    command,
    exec: (argv, options) => machine.exec([...less, ...argv], options),
    spawn: (argv, options) => machine.spawn([...less, ...argv], options),
  };
}

/** Makes a folder with all that is in it the user's own. */
export function giveFolder(folder: string, { uid }: LocalUser): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  chownSync(folder, uid, uid);
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(folder, entry), uid, uid);
  }
}
