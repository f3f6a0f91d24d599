import { sameBytes } from '../wire/bytes.ts';
import { confirmChild, failChild, namesOf } from './children.ts';
import { isStale, probeNow, receiveAlive } from './dpd.ts';
import { openInformational } from './envelope.ts';
import { failMainMode, forgetAllBefore, removeSa } from './establishment.ts';
import { shortened } from './lifetime.ts';
import { type Received, hintRefusal, openOrUndefined } from './main-mode-parts.ts';
import { ikeName, spiNumber } from './proposals.ts';
import type { AwaitsSixth, IsakmpSa, QuickMode } from './state.ts';
import { type Turn, closeChild, drop, findSa, follow, heard, log, putChild, putSa, rememberMessageId } from './turn.ts';
import type { IkeCause, IkePhase } from './types.ts';
import {
  type NotificationName,
  type PayloadOf,
  decodeChain,
  decodeLifetime,
  find,
  findAll,
  isErrorNotification,
} from './wire/index.ts';

/** Notifications and deletes (RFC 2408 §4.8): what an SA protects is obeyed, what comes in the clear is a hint at most. */

type Notification = PayloadOf<'notification'>;

/** @throws WireError */
export function receiveInformational(turn: Turn, received: Received): void {
  const { header } = received.packet;
  if (!header.encrypted) return receiveInClear(turn, received);
  const sameCookies = ({ cookies }: Pick<IsakmpSa, 'cookies'>) =>
    sameBytes(cookies.initiator, header.initiatorCookie) && sameBytes(cookies.responder, header.responderCookie);
  const sa = turn.state.sas.find(sameCookies);
  if (sa !== undefined) return receiveProtected(turn, sa, received);
  const mode = turn.state.mainModes.find(sameCookies);
  if (mode?.awaits === 6) return receiveBeforeSixth(turn, mode, received);
  drop(turn, 'exchange');
}

function receiveProtected(turn: Turn, known: IsakmpSa, { packet, path }: Received): void {
  const { messageId } = packet.header;
  if (known.messageIds.includes(messageId)) return drop(turn, 'messageId');
  const chain = openInformational(turn.env.crypto, known, packet);
  if (chain === undefined) return drop(turn, 'hash');
  const sa = follow(turn, rememberMessageId(turn, known, messageId), path);
  if (isStale(turn, sa, chain)) return drop(turn, 'sequence');
  heard(turn);
  for (const notification of findAll(chain, 'notification')) receiveNotification(turn, sa, notification);
  for (const deletion of findAll(chain, 'delete')) receiveDelete(turn, deletion);
}

const statusHandlers: Partial<
  Record<NotificationName, (turn: Turn, sa: IsakmpSa, notification: Notification) => void>
> = {
  areYouThere: receiveAlive,
  areYouThereAck: () => undefined, // to be heard is all it is for
  initialContact: receiveInitialContact,
  responderLifetime: receiveLifetime,
  connected: receiveConnected,
};

function receiveNotification(turn: Turn, { id }: IsakmpSa, notification: Notification): void {
  const sa = findSa(turn, id);
  if (sa === undefined) return;
  const { type } = notification;
  const handle = typeof type === 'string' ? statusHandlers[type] : undefined;
  if (handle !== undefined) return handle(turn, sa, notification);
  log(turn, 'ike.notify', { name: String(type) });
  if (isErrorNotification(type)) failQuickMode(turn, sa, notification);
}

/** It belongs to an SA's beginning (RFC 2407 §4.6.3.3). */
function receiveInitialContact(turn: Turn, sa: IsakmpSa): void {
  if (sa.messageIds.length > firstExchanges) return;
  forgetAllBefore(turn, sa);
  turn.effects.push({ kind: 'initialContact' });
}

const firstExchanges = 4;

/** RFC 2408 §3.1: with the commit bit, the peer says when the SA may be used. */
function receiveConnected(turn: Turn): void {
  for (const { inboundSpi, useAtMs } of turn.state.children) {
    if (useAtMs !== undefined) confirmChild(turn, inboundSpi, undefined);
  }
}

/** Which quick mode is refused shows the SPI that it offered; where the peer names none, it is the oldest. */
function failQuickMode(turn: Turn, sa: IsakmpSa, { type, spi }: Notification): void {
  const open = turn.state.quickModes.filter(
    (mode): mode is Extract<QuickMode, { awaits: 'answer' }> => mode.awaits === 'answer' && mode.sa === sa.id,
  );
  const named = spi.length === 4 ? open.find(({ inboundSpi }) => inboundSpi === spiNumber(spi)) : undefined;
  const refused = named ?? open[0];
  if (refused === undefined) return;
  const offered = namesOf(refused.request.espProposals);
  failChild(turn, refused, causeOf(type, 2, offered));
}

const noProposalTypes: readonly Notification['type'][] = [
  'noProposalChosen',
  'attributesNotSupported',
  'badProposalSyntax',
];

function causeOf(type: Notification['type'], phase: IkePhase, offered: readonly string[]): IkeCause {
  if (noProposalTypes.includes(type)) return { code: 'noProposalChosen', phase, offered };
  if (type === 'invalidIdInformation') return { code: 'invalidIdInformation', phase };
  return { code: 'peerNotify', phase, name: String(type) };
}

function receiveLifetime(turn: Turn, sa: IsakmpSa, { protocol, spi, data }: Notification): void {
  const { lifeSeconds } = decodeLifetime(data);
  if (lifeSeconds === undefined || lifeSeconds === 0) return;
  if (protocol === 'isakmp') putSa(turn, { ...sa, ...shortened(turn, sa, lifeSeconds, sa.role === 'initiator') });
  const child = turn.state.children.find(({ outboundSpi }) => outboundSpi === spiNumber(spi));
  if (protocol !== 'esp' || child === undefined) return;
  putChild(turn, { ...child, ...shortened(turn, child, lifeSeconds, child.initiatedBy === 'us') });
}

/** The SPIs of a Delete are those by which the sender received (RFC 2408 §3.15). */
function receiveDelete(turn: Turn, { protocol, spis }: PayloadOf<'delete'>): void {
  for (const spi of spis) {
    if (protocol === 'esp' && spi.length === 4) {
      const child = turn.state.children.find(({ outboundSpi }) => outboundSpi === spiNumber(spi));
      if (child === undefined) continue;
      log(turn, 'ike.deleted', { what: 'child' });
      closeChild(turn, child.inboundSpi, child.superseded ? 'replaced' : 'peerDeleted');
    }
    if (protocol === 'isakmp' && spi.length === 16) {
      const sa = turn.state.sas.find(
        ({ cookies }) =>
          sameBytes(cookies.initiator, spi.subarray(0, 8)) && sameBytes(cookies.responder, spi.subarray(8)),
      );
      if (sa === undefined) continue;
      log(turn, 'ike.deleted', { what: 'sa' });
      removeSa(turn, sa, { code: 'peerDeleted' });
    }
  }
}

// ── Before the SA stands ─────────────────────────────────────────────────────────────────────────────────────────────

/** The peer answers message 5 with a refusal. With a wrong pre-shared key its keys are others, and it reads as noise. */
function receiveBeforeSixth(turn: Turn, mode: AwaitsSixth, { packet }: Received): void {
  const protection = { cookies: mode.cookies, keys: mode.keys, lastBlock: mode.iv };
  const chain = openOrUndefined(() => openInformational(turn.env.crypto, protection, packet));
  if (chain === undefined) {
    drop(turn, 'undecryptable');
    return hintRefusal(turn, mode, {
      code: 'authenticationFailed',
      authentication: mode.authentication,
      evidence: 'undecryptable',
    });
  }
  if (find(chain, 'delete') !== undefined) return failMainMode(turn, mode, { code: 'peerDeleted' });
  const refusal = findAll(chain, 'notification').find(({ type }) => isErrorNotification(type));
  if (refusal !== undefined) failMainMode(turn, mode, causeOfRefusal(mode, refusal.type, 'sealed'));
}

function receiveInClear(turn: Turn, { packet }: Received): void {
  const { header } = packet;
  const refusal = findAll(decodeChain(packet.firstPayload, packet.body), 'notification').find(({ type }) =>
    isErrorNotification(type),
  );
  if (refusal === undefined) return drop(turn, 'unauthenticated');
  const { type, spi } = refusal;
  log(turn, 'ike.unauthenticatedNotify', { name: String(type) });
  // SoftEther answers under a cookie of its own and names ours in the notification alone.
  const named = [header.initiatorCookie, spi.subarray(0, 8)];
  const mode = turn.state.mainModes.find(
    ({ role, cookies }) => role === 'initiator' && named.some((each) => sameBytes(cookies.initiator, each)),
  );
  if (mode?.awaits === 'verdict') return drop(turn, 'awaitingVerdict');
  if (mode === undefined) {
    if (type === 'invalidCookie' || type === 'invalidSpi') probeNow(turn);
    return;
  }
  if (mode.awaits === 2 && type === 'noProposalChosen') {
    const offered = turn.state.config.ikeProposals.map(ikeName);
    return failMainMode(turn, mode, { code: 'noProposalChosen', phase: 1, offered });
  }
  hintRefusal(turn, mode, mode.awaits === 6 ? causeOfRefusal(mode, type, 'inClear') : causeOf(type, 1, []));
}

/** Once message 5 is sent, complaints about what it holds are complaints about the key that it is encrypted with. */
const noiseTypes: readonly Notification['type'][] = [
  'payloadMalformed',
  'invalidPayloadType',
  'invalidHashInformation',
  'authenticationFailed',
  'unequalPayloadLengths',
];

/**
 * Of message 5. To a signature, whatever is complained about: what came before it was agreed on. Who reads it with another pre-shared key
 * reads noise, and may complain in the clear about anything in it, while who has the right one answers under that; only that the SA is not
 * known any more says nothing of the key.
 */
function causeOfRefusal(
  { authentication }: AwaitsSixth,
  type: Notification['type'],
  form: 'inClear' | 'sealed',
): IkeCause {
  const isOfKey = form === 'inClear' ? type !== 'invalidCookie' : noiseTypes.includes(type);
  if (authentication === 'psk' && !isOfKey) return causeOf(type, 1, []);
  return { code: 'authenticationFailed', authentication, evidence: 'notify', notification: String(type) };
}
