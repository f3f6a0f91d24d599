import type { CryptoPort } from './crypto.ts';

/**
 * What every protocol machine is: a pure function of its state, one input and the environment. It returns the next state
 * and what to do. The caller performs the effects in order, and feeds time back in at `deadlineMs(state)`.
 */
export interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** What a machine may ask of the world: the time (monotonic milliseconds), randomness and cryptography. */
export interface Environment {
  readonly nowMs: number;
  readonly crypto: CryptoPort;
}
