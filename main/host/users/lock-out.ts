import { sourceOf } from '../../protocol/ike/index.ts';

/** As `limits.lockOut` of the host's configuration; durations in seconds. */
export interface LockOutLimits {
  readonly failures: number;
  readonly sourceFailures: number;
  readonly firstLock: number;
  readonly longestLock: number;
  readonly forget: number;
  readonly entries: number;
}

export type LockOutVerdict =
  | { readonly locked: false }
  | { readonly locked: true; readonly by: 'source' | 'userFromSource'; readonly untilMs: number };

/**
 * Counts wrong passwords by address, and by user from an address. Whoever guesses locks out their own address; a user can still
 * sign in from elsewhere. Where a user is guessed at from many addresses, one wrong password is enough to lock that user out of
 * the address it came from: many addresses do not make many guesses, and who knows the password comes in from anywhere at any
 * time. Deterministic: time is an argument. Bounded: the entry that failed least recently goes first.
 */
export interface LockOut {
  judge(source: string, user: string, nowMs: number): LockOutVerdict;
  failed(source: string, user: string, nowMs: number): LockOutVerdict;
  /** Forgets the user's failures from there, but not the address's: else one good account would let it guess others. */
  succeeded(source: string, user: string): void;
  /** How many addresses, pairs and users are remembered. */
  readonly size: number;
}

interface Entry {
  readonly failures: number;
  readonly lastMs: number;
  readonly lockedUntilMs: number;
}

export function createLockOut(limits: LockOutLimits): LockOut {
  /** Least recently failed first. */
  const entries = new Map<string, Entry>();

  const current = (key: string, nowMs: number): Entry | undefined => {
    const entry = entries.get(key);
    const isForgotten =
      entry !== undefined && nowMs >= entry.lockedUntilMs && nowMs - entry.lastMs >= limits.forget * 1000;
    return isForgotten ? undefined : entry;
  };

  const count = (key: string, threshold: number, nowMs: number): void => {
    const failures = (current(key, nowMs)?.failures ?? 0) + 1;
    const beyond = failures - threshold;
    const lockSeconds = beyond < 0 ? 0 : Math.min(limits.firstLock * 2 ** Math.min(beyond, 30), limits.longestLock);
    entries.delete(key);
    entries.set(key, { failures, lastMs: nowMs, lockedUntilMs: nowMs + lockSeconds * 1000 });
    for (const oldest of entries.keys()) {
      if (entries.size <= limits.entries) break;
      entries.delete(oldest);
    }
  };

  const judge: LockOut['judge'] = (source, user, nowMs) => {
    const untilMs = (key: string): number => current(key, nowMs)?.lockedUntilMs ?? 0;
    const [sourceMs, pairMs] = [untilMs(sourceOf(source)), untilMs(pairKey(source, user))];
    if (nowMs < sourceMs && sourceMs >= pairMs) return { locked: true, by: 'source', untilMs: sourceMs };
    return nowMs < pairMs ? { locked: true, by: 'userFromSource', untilMs: pairMs } : { locked: false };
  };

  return {
    judge,
    failed: (source, user, nowMs) => {
      // What is tried while locked is not evaluated, and does not make the lock longer.
      const before = judge(source, user, nowMs);
      if (before.locked) return before;
      const failuresOf = (key: string): number => current(key, nowMs)?.failures ?? 0;
      const isHunted = failuresOf(userKey(user)) >= limits.failures * huntedFactor;
      const patience = isHunted ? failuresOf(pairKey(source, user)) + 1 : limits.failures;
      count(userKey(user), Infinity, nowMs);
      count(pairKey(source, user), Math.min(patience, limits.failures), nowMs);
      count(sourceOf(source), limits.sourceFailures, nowMs);
      return judge(source, user, nowMs);
    },
    succeeded: (source, user) => {
      entries.delete(pairKey(source, user));
    },
    get size() {
      return entries.size;
    },
  };
}

/** So many times the failures that lock one address, over all addresses. */
const huntedFactor = 10;

/** No address is empty. */
function userKey(user: string): string {
  return pairKey('', user);
}

/** A space is in no address, so that a user's name cannot pass for another pair. */
function pairKey(source: string, user: string): string {
  return `${sourceOf(source)} ${user}`;
}
