import { sameBytes } from '../wire/bytes.ts';
import type { Received } from './main-mode-parts.ts';
import { receiveAnswer, receiveFourth } from './quick-mode-initiator.ts';
import { receiveConfirmation, receiveOffer } from './quick-mode-responder.ts';
import { drop, putQuickMode, replay, type Turn } from './turn.ts';

/** Quick mode in transport mode for L2TP's UDP, both ends (RFC 2409 §5.5, RFC 3193). */

/** @throws WireError where the message is malformed: nothing has changed then. */
export function receiveQuickMode(turn: Turn, received: Received): void {
  const { header } = received.packet;
  const sa = turn.state.sas.find(
    ({ cookies }) =>
      sameBytes(cookies.initiator, header.initiatorCookie) && sameBytes(cookies.responder, header.responderCookie),
  );
  if (sa === undefined || !header.encrypted || header.messageId === 0) return drop(turn, 'exchange');
  const mode = turn.state.quickModes.find((each) => each.sa === sa.id && each.messageId === header.messageId);
  if (mode === undefined) {
    if (sa.messageIds.includes(header.messageId)) return drop(turn, 'messageId');
    return receiveOffer(turn, sa, received);
  }
  if (mode.awaits !== 'answer' && sameBytes(mode.answered.received, received.bytes)) {
    const answered = replay(turn, mode.answered, sa.path, sa.features.fragmentation);
    return putQuickMode(turn, { ...mode, answered });
  }
  switch (mode.awaits) {
    case 'answer':
      return receiveAnswer(turn, sa, mode, received);
    case 'confirmation':
      return receiveConfirmation(turn, sa, mode, received);
    case 'nothing':
      return receiveFourth(turn, sa, mode, received);
  }
}
