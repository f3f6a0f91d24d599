import type { Handlers } from '../../contracts/ipc/index.ts';
import type { logCalls } from '../../contracts/ipc/log.ts';
import type { Services } from '../services.ts';
import { done } from './done.ts';

export function logHandlers({ log }: Services): Handlers<keyof typeof logCalls> {
  return {
    'log.read': ({ after, limit }) => ({ ok: true, value: log.read(after, limit) }),
    'log.clear': () => {
      log.clear();
      return done;
    },
  };
}
