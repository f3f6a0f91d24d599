import type { Failure } from '../contracts/failure.ts';
import type { Profile } from '../contracts/profile.ts';

const firstPauseSeconds = 1;

/** What follows the end of an attempt. */
export type Redial = { readonly kind: 'giveUp' } | { readonly kind: 'wait'; readonly seconds: number };

/**
 * Whether and when to dial again after the `attempt`-th failure in a row. A first attempt that fails is reported, not
 * repeated: somebody is looking. Nothing is repeated that the gateway refused on account of what the user gave it
 * (field note 15). `jitter` in [0, 1) keeps a fleet from dialling in step.
 */
export function redial(
  failure: Failure,
  attempt: number,
  everConnected: boolean,
  policy: Profile['reconnect'],
  jitter: number,
): Redial {
  if (!policy.enabled || !everConnected || failure.retry === 'user') return { kind: 'giveUp' };
  const pause = Math.min(policy.longestPause, firstPauseSeconds * 2 ** Math.min(attempt, 16));
  return { kind: 'wait', seconds: Math.round(pause * (0.5 + jitter / 2) * 10) / 10 };
}
