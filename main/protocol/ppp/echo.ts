import { concat } from '../wire/bytes.ts';
import { encode, u32 } from '../wire/codec.ts';
import { number } from './options/lcp.ts';
import type { Packet } from './packet.ts';
import type { EchoConfig } from './types.ts';

/** LCP's own codes (RFC 1661 §5.7 to §5.9, RFC 1570 §2.1, §2.2). */
export const lcpCodes = {
  protocolReject: 8,
  echoRequest: 9,
  echoReply: 10,
  discardRequest: 11,
  identification: 12,
  timeRemaining: 13,
} as const;

/** Asks at intervals whether the peer is there. */
export interface EchoState {
  readonly dueMs: number;
  readonly unanswered: number;
  readonly identifier: number;
  /** When the latest request left; `undefined` once it is answered. */
  readonly sentMs: number | undefined;
}

export function startEcho(config: EchoConfig, nowMs: number): EchoState {
  return { dueMs: nowMs + config.intervalMs, unanswered: 0, identifier: 0, sentMs: undefined };
}

export type EchoTurn =
  { readonly kind: 'wait' | 'dead' } | { readonly kind: 'ask'; readonly state: EchoState; readonly packet: Packet };

export function tickEcho(state: EchoState, config: EchoConfig, magic: number, nowMs: number): EchoTurn {
  if (nowMs < state.dueMs) return { kind: 'wait' };
  if (state.unanswered >= config.failures) return { kind: 'dead' };
  const identifier = (state.identifier + 1) & 0xff;
  return {
    kind: 'ask',
    state: { dueMs: nowMs + config.intervalMs, unanswered: state.unanswered + 1, identifier, sentMs: nowMs },
    packet: { code: lcpCodes.echoRequest, identifier, data: encode(u32, magic) },
  };
}

/** The round trip, where this answers the latest request. */
export function receiveReply(
  state: EchoState,
  packet: Packet,
  nowMs: number,
): { readonly state: EchoState; readonly roundTripMs?: number } {
  const heard = { ...state, unanswered: 0 };
  if (state.sentMs === undefined || packet.identifier !== state.identifier) return { state: heard };
  return { state: { ...heard, sentMs: undefined }, roundTripMs: nowMs - state.sentMs };
}

/** `undefined` for what is malformed, or our own voice on a looped line. */
export function answerEcho(request: Packet, magic: number): Packet | undefined {
  if (request.data.length < 4) return undefined;
  if (magic !== 0 && number(request.data.subarray(0, 4)) === magic) return undefined;
  return {
    code: lcpCodes.echoReply,
    identifier: request.identifier,
    data: concat(encode(u32, magic), request.data.subarray(4)),
  };
}
