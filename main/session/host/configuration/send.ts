import { Frame, protocols } from '../../../protocol/ppp/index.ts';
import { encode } from '../../../protocol/wire/codec.ts';
import type { Session } from '../peer.ts';
import type { Turn } from '../turn.ts';

/** Sends an IP packet of the host's own into the session. */
export function sendPacket(turn: Turn, session: number, packet: Uint8Array): void {
  const protocol = (packet[0] ?? 0) >> 4 === 4 ? protocols.ipv4 : protocols.ipv6;
  const attachment = encode(Frame, { protocol, information: packet });
  turn.effects.push({ kind: 'command', command: { kind: 'sendPpp', session }, attachment });
}

/** Clients repeat their questions, and ask several in a row; then a session gets one answer a second. */
const answersInARow = 8;
const answerEveryMs = 1000;

/** Whether the session may have one more answer, which is counted. */
export function takeAnswer(turn: Turn, { id, answersPaidMs }: Session): boolean {
  const { nowMs } = turn.env;
  const paidMs = Math.max(answersPaidMs ?? nowMs, nowMs);
  if (paidMs - nowMs > (answersInARow - 1) * answerEveryMs) return false;
  turn.putSession(id, { answersPaidMs: paidMs + answerEveryMs });
  return true;
}
