import type { Handlers } from '../../contracts/ipc/index.ts';
import type { serviceCalls } from '../../contracts/ipc/service.ts';
import type { Services } from '../services.ts';

export function serviceHandlers({ service }: Services): Handlers<keyof typeof serviceCalls> {
  return {
    'service.state': async () => ({ ok: true, value: await service.state() }),
    'service.install': () => service.install(),
    'service.uninstall': () => service.uninstall(),
  };
}
