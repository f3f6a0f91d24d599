import type { Handlers } from '../../contracts/ipc/index.ts';
import type { hostCalls } from '../../contracts/ipc/host.ts';
import { failure } from '../../contracts/failure.ts';
import { storeChanges } from '../../host/control/index.ts';
import { proposeHost } from '../../host/guide/index.ts';
import type { Services } from '../services.ts';
import { done } from './done.ts';

export function hostHandlers({ host }: Services): Handlers<keyof typeof hostCalls> {
  const { keeper, administration, clients } = host;
  return {
    'host.propose': async () => ({ ok: true, value: await proposeHost(keeper.folders.configFile) }),
    'host.setUp': (choices) => keeper.setUp(choices),
    'host.turnOn': () => keeper.turnOn(),
    'host.turnOff': () => {
      void keeper.turnOff();
      return done;
    },

    'host.sessions': () => ({ ok: true, value: keeper.running?.sessions().slice(0, 1000) ?? [] }),
    'host.disconnect': async (who) => {
      if (keeper.running === undefined) return { ok: false, failure: failure('host.notOn') };
      return { ok: true, value: await keeper.running.disconnect(who) };
    },
    'host.traffic': () => {
      const { hour, day } = keeper.running?.traffic ?? { hour: [], day: [] };
      return { ok: true, value: { hour: [...hour], day: [...day] } };
    },
    'host.failures': () => administration.failures(),

    'host.users': () => administration.users(),
    'host.addUser': ({ user, password }) => administration.changeUsers(user.name, (users) => users.add(user, password)),
    'host.changeUser': ({ name, changes }) =>
      administration.changeUsers(name, (users) => users.change(name, storeChanges(changes))),
    'host.setPassword': ({ name, password }) =>
      administration.changeUsers(name, (users) => users.setPassword(name, password)),
    'host.removeUser': ({ name }) => administration.changeUsers(name, (users) => users.remove(name)),

    'host.groups': () => administration.groups(),
    'host.saveGroup': ({ name, group }) => administration.edit([{ path: ['groups', name], value: group }]),
    'host.removeGroup': ({ name }) => administration.edit([{ path: ['groups', name], value: undefined }]),

    'host.audit': (wanted) => administration.audit(wanted),
    'host.versions': () => administration.versions(),
    'host.restore': ({ version }) => administration.restore(version),

    'host.clients': (wanted) => clients.instructions(wanted),
    'host.saveClientFile': (wanted) => clients.save(wanted),
  };
}
