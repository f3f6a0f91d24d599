import { randomU16 } from '../wire/random.ts';
import type { Turn } from './turn.ts';

/** When what lives for a while is renewed: before its end, at times that differ between ends and between connections. */

/** The end that made the SA renews it; the other one only if that does not happen. Fractions of the lifetime. */
const windows = { initiated: { from: 0.8, to: 0.9 }, accepted: { from: 0.93, to: 0.97 } };
/** After a renewal that failed: sooner near the end, but no crowd of them against a peer that refuses at once. */
const retryMs = { most: 5000, least: 250 };
/** What was replaced still receives what is on its way. */
export const graceMs = 10_000;
/** The same once the peer is known to use the successor. */
export const usedGraceMs = 2000;

interface Term {
  readonly rekeyAtMs: number;
  readonly expiresAtMs: number;
}

export function termOf(turn: Turn, lifetimeSeconds: number, initiated: boolean): Term {
  const { nowMs, crypto } = turn.env;
  const { from, to } = initiated ? windows.initiated : windows.accepted;
  const fraction = from + (to - from) * (randomU16(crypto) / 65_536);
  const lifetimeMs = lifetimeSeconds * 1000;
  return { rekeyAtMs: nowMs + lifetimeMs * fraction, expiresAtMs: nowMs + lifetimeMs };
}

/** The peer wants it shorter (RFC 2407 §4.6.3.1). */
export function shortened(turn: Turn, term: Term, lifetimeSeconds: number, initiated: boolean): Term {
  const shorter = termOf(turn, lifetimeSeconds, initiated);
  return shorter.expiresAtMs < term.expiresAtMs ? shorter : term;
}

export function retryAtMs(nowMs: number, expiresAtMs: number): number {
  return nowMs + Math.max(retryMs.least, Math.min(retryMs.most, (expiresAtMs - nowMs) / 3));
}
