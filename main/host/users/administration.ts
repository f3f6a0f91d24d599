import type { HostUser } from '../../contracts/host-user.ts';
import type { UserStore } from './store.ts';

/** The users as an administrator has them: nothing hands out a password. */
export type UserAdministration = Omit<UserStore, 'find' | 'useCode'>;

/** What an administrator did to a user, as it is afterwards (or was, where it is removed). */
export interface UserChanged {
  readonly change:
    'added' | 'changed' | 'passwordChanged' | 'removed' | 'codesEnrolled' | 'codesRemoved' | 'recoveryRenewed';
  readonly user: HostUser;
}

/** The store, with everything that succeeds told to `onChanged`: to be recorded, and to end the sessions of who is barred. */
export function administerUsers(store: UserStore, onChanged: (changed: UserChanged) => void): UserAdministration {
  const told =
    <Arguments extends readonly unknown[]>(
      change: UserChanged['change'],
      edit: (...values: Arguments) => ReturnType<UserStore['remove']>,
    ) =>
    async (...values: Arguments): ReturnType<UserStore['remove']> => {
      const edited = await edit(...values);
      if (edited.ok) onChanged({ change, user: edited.value });
      return edited;
    };
  const toldOf =
    <Arguments extends readonly unknown[]>(
      change: UserChanged['change'],
      enrol: (...values: Arguments) => ReturnType<UserStore['renewRecovery']>,
    ) =>
    async (...values: Arguments): ReturnType<UserStore['renewRecovery']> => {
      const enrolled = await enrol(...values);
      if (enrolled.ok) onChanged({ change, user: enrolled.value.user });
      return enrolled;
    };
  return {
    list: () => store.list(),
    add: told('added', store.add.bind(store)),
    change: told('changed', store.change.bind(store)),
    setPassword: told('passwordChanged', store.setPassword.bind(store)),
    remove: told('removed', store.remove.bind(store)),
    enrol: toldOf('codesEnrolled', store.enrol.bind(store)),
    removeCodes: told('codesRemoved', store.removeCodes.bind(store)),
    renewRecovery: toldOf('recoveryRenewed', store.renewRecovery.bind(store)),
  };
}
