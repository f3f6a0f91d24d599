import { Reader, Writer } from '../wire/codec.ts';
import { isakmpNotification, sendOnSa } from './protected.ts';
import { type IsakmpSa, type OpenState, currentSa } from './state.ts';
import { type Turn, close, putSa } from './turn.ts';
import { type Chain, type PayloadOf, findAll } from './wire/index.ts';

/** Dead peer detection (RFC 3706): questions with growing numbers after a silence; any valid packet is an answer too. */

export function dpdDeadlineMs(state: OpenState): number | undefined {
  if (currentSa(state)?.features.deadPeerDetection !== true) return undefined;
  return state.dpd.at === 'asking' ? state.dpd.dueMs : state.heardMs + state.config.dpd.idleMs;
}

export function tickDpd(turn: Turn): void {
  const dueMs = dpdDeadlineMs(turn.state);
  if (dueMs === undefined || turn.env.nowMs < dueMs) return;
  const { dpd, config } = turn.state;
  if (dpd.at === 'asking' && dpd.tries >= config.dpd.tries) return close(turn, { code: 'deadPeer' });
  ask(turn);
}

/** Something unauthenticated says that the peer forgot us: ask it, once. */
export function probeNow(turn: Turn): void {
  if (turn.state.dpd.at === 'quiet' && dpdDeadlineMs(turn.state) !== undefined) ask(turn);
}

function ask(turn: Turn): void {
  const sa = currentSa(turn.state);
  if (sa === undefined) return;
  const { dpd, config } = turn.state;
  const sequence = (dpd.sequence + 1) >>> 0;
  const tries = dpd.at === 'asking' ? dpd.tries + 1 : 1;
  const dueMs = turn.env.nowMs + config.dpd.retryMs;
  turn.state = { ...turn.state, dpd: { at: 'asking', sequence, tries, dueMs } };
  sendOnSa(turn, sa, isakmpNotification(sa, 'areYouThere', sequenceBytes(sequence)));
}

/** The peer asks; `isStale` has seen to it that this is no replay. */
export function receiveAlive(turn: Turn, sa: IsakmpSa, { data }: PayloadOf<'notification'>): void {
  const sequence = sequenceOf(data);
  putSa(turn, { ...sa, peerSequence: sequence });
  sendOnSa(turn, sa, isakmpNotification(sa, 'areYouThereAck', sequenceBytes(sequence)));
}

/** A question's number grows, and an answer's is that of a question just asked: anything else is a replay (§5.4, §6.5). */
export function isStale(turn: Turn, sa: IsakmpSa, chain: Chain): boolean {
  return findAll(chain, 'notification').some(({ type, data }) => {
    if (type === 'areYouThere') return sa.peerSequence !== undefined && sequenceOf(data) <= sa.peerSequence;
    if (type !== 'areYouThereAck') return false;
    const { dpd, config } = turn.state;
    return dpd.sequence - sequenceOf(data) < 0 || dpd.sequence - sequenceOf(data) >= config.dpd.tries;
  });
}

function sequenceOf(data: Uint8Array): number {
  return new Reader(data).u32('sequence');
}

function sequenceBytes(sequence: number): Uint8Array {
  return new Writer().u32(sequence).finish();
}
