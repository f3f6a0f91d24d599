import { setTimeout as pause } from 'node:timers/promises';

/** Waits for it, but no longer. */
export async function within(longestMs: number, awaited: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  const time = pause(longestMs, undefined, { signal: enough.signal }).catch(() => undefined);
  await Promise.race([awaited, time]);
  enough.abort();
}
