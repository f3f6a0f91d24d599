import { resolve } from 'node:path';
import type { HostConfig } from '../../contracts/host-config.ts';
import type { RequestedUserChanges } from '../../contracts/host-control.ts';
import type { HostUser } from '../../contracts/host-user.ts';
import type { Secret } from '../../contracts/secret.ts';
import { hostFolders } from '../../engine/folders.ts';
import { storeChanges } from '../../host/control/index.ts';
import { offlineUsers } from '../../host/offline/index.ts';
import { newEnrolment, type Enrolled, type StoreResult } from '../../host/users/index.ts';
import { usableConfig } from './configuration.ts';
import { userComplaint } from '../../host/words/complaint.ts';
import { askHost, hostUsers, runningHost } from './reach.ts';

/** Where users are administered. Every method throws a Complaint where it is refused. */
export interface UserDesk {
  /** By whom the changes are made: the running host, at once, or on the files, for when one runs. */
  readonly via: 'host' | 'files';
  /** The configuration whose users they are. */
  readonly configFile: string;
  list(): Promise<readonly HostUser[]>;
  add(user: HostUser, password: Secret<string>): Promise<HostUser>;
  change(name: string, changes: RequestedUserChanges): Promise<HostUser>;
  setPassword(name: string, password: Secret<string>): Promise<HostUser>;
  remove(name: string): Promise<HostUser>;
  enrol(name: string): Promise<Enrolled>;
  removeCodes(name: string): Promise<HostUser>;
  renewRecovery(name: string): Promise<Enrolled>;
}

/** The running host's users, or those of the configuration that is named where another one runs, or none. */
export async function openUserDesk(namedConfig: string | undefined, json: boolean): Promise<UserDesk> {
  const running = (await runningHost())?.configuration.file;
  const named = namedConfig === undefined ? undefined : resolve(namedConfig);
  if (running !== undefined && (named === undefined || named === running)) return hostDesk(running);
  const configFile = named ?? hostFolders().configFile;
  return fileDesk(configFile, usableConfig(configFile, json));
}

function hostDesk(configFile: string): UserDesk {
  return {
    via: 'host',
    configFile,
    list: hostUsers,
    add: async (user, password) => (await askHost({ request: 'addUser', user, password }, 'user')).user,
    change: async (name, changes) => (await askHost({ request: 'changeUser', name, changes }, 'user')).user,
    setPassword: async (name, password) => (await askHost({ request: 'setPassword', name, password }, 'user')).user,
    remove: async (name) => (await askHost({ request: 'removeUser', name }, 'user')).user,
    enrol: (name) => askHost({ request: 'enrolUser', name }, 'enrolled'),
    removeCodes: async (name) => (await askHost({ request: 'removeUserCodes', name }, 'user')).user,
    renewRecovery: (name) => askHost({ request: 'renewRecovery', name }, 'enrolled'),
  };
}

function fileDesk(configFile: string, config: HostConfig): UserDesk {
  const users = offlineUsers(configFile, config);
  return {
    via: 'files',
    configFile,
    list: async () => valueOf(await users.list(), ''),
    add: async (user, password) => valueOf(await users.add(user, password), user.name),
    change: async (name, changes) => valueOf(await users.change(name, storeChanges(changes)), name),
    setPassword: async (name, password) => valueOf(await users.setPassword(name, password), name),
    remove: async (name) => valueOf(await users.remove(name), name),
    enrol: async (name) =>
      valueOf(await users.enrol(name, newEnrolment(name, config.oneTimeCodes.issuer, Date.now())), name),
    removeCodes: async (name) => valueOf(await users.removeCodes(name), name),
    renewRecovery: async (name) => valueOf(await users.renewRecovery(name), name),
  };
}

function valueOf<Value>(result: StoreResult<Value>, user: string): Value {
  if (result.ok) return result.value;
  const { failure } = result;
  const problems = failure.reason === 'invalid' ? [...failure.problems] : [];
  throw userComplaint({ reason: failure.reason, problems }, user);
}
