import { call, nothing } from './call.ts';

export const windowCalls = {
  /** From now on this window gets every slice of the state, the present ones at once. */
  'window.subscribe': call(nothing, nothing),
} as const;
