import { sameBytes } from '../wire/bytes.ts';
import { receiveFourth, receiveSecond, receiveSixth } from './main-mode-initiator.ts';
import type { Received } from './main-mode-parts.ts';
import { receiveFifth, receiveFirst, receiveThird } from './main-mode-responder.ts';
import { noCookie } from './state.ts';
import { drop, putMainMode, putSa, replay, type Turn } from './turn.ts';

/** Main mode, both ends (RFC 2409 §5.1, §5.4): each state is named by the message that it awaits. */

/** @throws WireError where the message is malformed: nothing has changed then. */
export function receiveMainMode(turn: Turn, received: Received): void {
  const { header } = received.packet;
  if (header.messageId !== 0) return drop(turn, 'messageId');
  if (sameBytes(header.responderCookie, noCookie)) return receiveFirst(turn, received);
  const mode = turn.state.mainModes.find(
    ({ cookies, awaits }) =>
      sameBytes(cookies.initiator, header.initiatorCookie) &&
      (awaits === 2 || sameBytes(cookies.responder, header.responderCookie)),
  );
  if (mode === undefined) return receiveLate(turn, received);
  // The peer repeats what is being looked into, or what came before it.
  if (mode.awaits === 'verdict') return drop(turn, 'awaitingVerdict');
  if (mode.role === 'responder' && sameBytes(mode.answered.received, received.bytes)) {
    const answered = replay(turn, mode.answered, received.path, mode.features.fragmentation);
    return putMainMode(turn, { ...mode, answered });
  }
  if (header.encrypted !== mode.awaits >= 5) return drop(turn, 'encryption');
  switch (mode.awaits) {
    case 2:
      return receiveSecond(turn, mode, received);
    case 3:
      return receiveThird(turn, mode, received);
    case 4:
      return receiveFourth(turn, mode, received);
    case 5:
      return receiveFifth(turn, mode, received);
    case 6:
      return receiveSixth(turn, mode, received);
  }
}

/** For an SA that is established already: message 5 once more means that our message 6 was lost. */
function receiveLate(turn: Turn, { packet, bytes, path }: Received): void {
  const sa = turn.state.sas.find(
    ({ cookies }) =>
      sameBytes(cookies.initiator, packet.header.initiatorCookie) &&
      sameBytes(cookies.responder, packet.header.responderCookie),
  );
  if (sa?.answered === undefined || !sameBytes(sa.answered.received, bytes)) return drop(turn, 'exchange');
  putSa(turn, { ...sa, answered: replay(turn, sa.answered, path, sa.features.fragmentation) });
}
