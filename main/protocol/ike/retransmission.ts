import type { RetransmissionConfig } from './types.ts';

/** A request that is repeated with growing pauses until it is answered or given up. */
export interface Retransmission {
  readonly message: Uint8Array;
  readonly sentMs: number;
  readonly dueMs: number;
  readonly pauseMs: number;
  readonly repeats: number;
  readonly giveUpAtMs: number;
}

export function firstTransmission(message: Uint8Array, config: RetransmissionConfig, nowMs: number): Retransmission {
  const giveUpAtMs = nowMs + config.giveUpMs;
  return {
    message,
    sentMs: nowMs,
    dueMs: Math.min(nowMs + config.firstMs, giveUpAtMs),
    pauseMs: config.firstMs,
    repeats: 0,
    giveUpAtMs,
  };
}

export function judge(
  pending: Retransmission,
  config: RetransmissionConfig,
  nowMs: number,
): 'wait' | 'giveUp' | { readonly again: Retransmission } {
  if (nowMs >= pending.giveUpAtMs) return 'giveUp';
  if (nowMs < pending.dueMs) return 'wait';
  const pauseMs = Math.min(pending.pauseMs * config.factor, config.maxMs);
  const dueMs = Math.min(nowMs + pauseMs, pending.giveUpAtMs);
  return { again: { ...pending, dueMs, pauseMs, repeats: pending.repeats + 1 } };
}

/** A hint says that no answer will come: wait only a little longer, in case the hint was forged. */
export function giveUpSooner(pending: Retransmission, graceMs: number, nowMs: number): Retransmission {
  const giveUpAtMs = Math.min(pending.giveUpAtMs, nowMs + graceMs);
  return { ...pending, giveUpAtMs, dueMs: Math.min(pending.dueMs, giveUpAtMs) };
}

/** Only a request that was sent once tells the round trip (Karn's algorithm). */
export function roundTripOf(pending: Retransmission, nowMs: number): number | undefined {
  return pending.repeats === 0 ? nowMs - pending.sentMs : undefined;
}

/** The last message received in an exchange and what it was answered with: a duplicate gets the identical answer. */
export interface Answered {
  readonly received: Uint8Array;
  readonly reply: Uint8Array;
  readonly replays: number;
}

/** A duplicate is answered this often and no more: a recording played back must not make us a source of traffic. */
export const maxReplays = 16;
