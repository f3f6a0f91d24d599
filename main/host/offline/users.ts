import type { HostConfig } from '../../contracts/host-config.ts';
import { beside } from '../../files/durable.ts';
import { administerUsers, openUserStore, type UserAdministration } from '../users/index.ts';
import { openAudit } from './audit-log.ts';

/** The users of a configuration whose host does not run. No change without its record. @throws AuditBusy, and on system errors */
export function offlineUsers(configFile: string, config: HostConfig): UserAdministration {
  const { file, keyFile } = config.localUsers;
  const store = openUserStore(beside(configFile, file), { kind: 'file', file: beside(configFile, keyFile) });

  /** The log is opened first. */
  const recorded = async <Done>(edit: (users: UserAdministration) => Promise<Done>): Promise<Done> => {
    const log = await openAudit(configFile, config);
    try {
      return await edit(
        administerUsers(store, ({ change, user }) => {
          log.append({ kind: 'userChanged', change, user: user.name, by: 'administrator' }, Date.now());
        }),
      );
    } finally {
      log.close();
    }
  };

  return {
    list: () => store.list(),
    add: (user, password) => recorded((users) => users.add(user, password)),
    change: (name, changes) => recorded((users) => users.change(name, changes)),
    setPassword: (name, password) => recorded((users) => users.setPassword(name, password)),
    remove: (name) => recorded((users) => users.remove(name)),
    enrol: (name, enrolment) => recorded((users) => users.enrol(name, enrolment)),
    removeCodes: (name) => recorded((users) => users.removeCodes(name)),
    renewRecovery: (name) => recorded((users) => users.renewRecovery(name)),
  };
}
