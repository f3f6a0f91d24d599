import type { certificateCalls } from '../../contracts/ipc/certificates.ts';
import type { Handlers } from '../../contracts/ipc/index.ts';
import type { Services } from '../services.ts';
import { done } from './done.ts';

export function certificateHandlers({ certificates }: Services): Handlers<keyof typeof certificateCalls> {
  return {
    'certificates.choose': () => certificates.choose(),
    'certificates.open': ({ passphrase }) => certificates.open(passphrase),
    'certificates.drop': () => {
      certificates.drop();
      return done;
    },
    'certificates.request': (wanted) => certificates.request(wanted),
    'certificates.export': (wanted) => certificates.export(wanted),
    'certificates.exportPublic': ({ id }) => certificates.exportPublic(id),
    'certificates.remove': ({ id }) => certificates.remove(id),
  };
}
