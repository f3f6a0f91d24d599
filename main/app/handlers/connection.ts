import type { Handlers } from '../../contracts/ipc/index.ts';
import type { connectionCalls } from '../../contracts/ipc/connection.ts';
import { forgetInterruption } from '../interruption/watch.ts';
import type { Services } from '../services.ts';
import { done } from './done.ts';

export function connectionHandlers({ connections, state }: Services): Handlers<keyof typeof connectionCalls> {
  return {
    'connection.connect': (wish) => connections.connect(wish),
    'connection.disconnect': () => {
      // Answered at once: the slice shows when it is over.
      void connections.disconnect();
      return done;
    },
    'connection.dismiss': () => {
      connections.dismiss();
      forgetInterruption(state);
      return done;
    },
    'connection.traffic': () => ({ ok: true, value: [...connections.trafficSamples] }),
  };
}
