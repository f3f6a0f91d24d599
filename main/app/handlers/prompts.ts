import type { Handlers } from '../../contracts/ipc/index.ts';
import type { promptCalls } from '../../contracts/ipc/prompts.ts';
import type { Services } from '../services.ts';
import { done } from './done.ts';

export function promptHandlers({ prompts }: Services): Handlers<keyof typeof promptCalls> {
  return {
    'prompts.answer': ({ id, answer }) => {
      prompts.answer(id, answer);
      return done;
    },
    'prompts.cancel': ({ id }) => {
      prompts.cancel(id);
      return done;
    },
  };
}
