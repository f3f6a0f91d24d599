import { encapsulationOf } from './encapsulation.ts';
import { headerOf, open, sealHashed, verifies } from './envelope.ts';
import { addressIdentity, identification, protocolUdp } from './identity.ts';
import { firstHash, phase2Iv, secondHash, thirdHash } from './keys.ts';
import { type Received, endsOf, nonceBytes, nonceOf } from './main-mode-parts.ts';
import { originalAddresses, originalAddressPayloads } from './nat-traversal.ts';
import { chooseEsp, describeEspOffer, offerEsp, spiBytes, type ChosenEsp, type SaPayload } from './proposals.ts';
import { espNotification, sendOnSa } from './protected.ts';
import { firstTransmission } from './retransmission.ts';
import { type ChildRequest, type IsakmpSa, type QuickMode } from './state.ts';
import { confirmChild, deleteChild, failChild, installChild } from './children.ts';
import {
  type Turn,
  drop,
  dropQuickMode,
  freshSpi,
  follow,
  heard,
  log,
  putQuickMode,
  rememberMessageId,
  replay,
  sampleRoundTrip,
  send,
  takeMessageId,
} from './turn.ts';
import { sameBytes } from '../wire/bytes.ts';
import { type Chain, type Payload, decodeLifetime, encodeLifetime, find, findAll } from './wire/index.ts';

/** Quick mode in transport mode for L2TP's UDP, both ends (RFC 2409 §5.5, RFC 3193). */

type Awaiting<A extends QuickMode['awaits']> = Extract<QuickMode, { awaits: A }>;

/** Exchanges that the peer may have open at once, and children in all: those of renewals and collisions, no more. */
const maxUnconfirmed = 4;
const maxChildren = 8;
/** RFC 2407 §4.5: the lifetime of an offer that names none. */
const defaultLifeSeconds = 28_800;
/**
 * Message 3 has to arrive and be acted upon before the peer can read ESP under a new SA. A renewal has time: the old SA
 * carries on until the peer's first packet on the new one, its CONNECTED (where it set the commit bit), or this long.
 */
const settleMs = 700;

// ── Initiator ────────────────────────────────────────────────────────────────────────────────────────────────────────

export function startQuickMode(turn: Turn, sa: IsakmpSa, request: ChildRequest): void {
  const { config } = turn.state;
  const { crypto, nowMs } = turn.env;
  const messageId = takeMessageId(turn, sa);
  const inboundSpi = freshSpi(turn);
  const nonce = crypto.random(nonceBytes);
  const dh = request.pfsGroup && crypto.dh(request.pfsGroup);
  const ends = endsOf(config, sa.path);
  const encapsulation = encapsulationOf(sa);
  const dialect = encapsulation === 'udp' ? sa.features.dialect : undefined;
  const offer = offerEsp(request.espProposals, spiBytes(inboundSpi), {
    mode: dialect?.mode ?? 'transport',
    group: request.pfsGroup,
    lifeSeconds: config.lifetimes.espSeconds,
    lifeKilobytes: config.lifetimes.espKilobytes,
  });
  const payloads: Payload[] = [
    offer,
    { kind: 'nonce', data: nonce },
    ...(dh === undefined ? [] : [{ kind: 'keyExchange' as const, data: dh.publicValue }]),
    identification(addressIdentity(ends.local.address), config.l2tp.localPort),
    identification(addressIdentity(ends.remote.address), config.l2tp.remotePort),
    ...(dialect === undefined ? [] : originalAddressPayloads(dialect, 'initiator', ends)),
  ];
  const header = headerOf(sa.cookies, 'quickMode', messageId, true);
  const iv = phase2Iv(crypto, sa.keys.suite, sa.lastBlock, messageId);
  const message = sealHashed(crypto, sa.keys, iv, header, payloads, (bytes) =>
    firstHash(crypto, sa.keys, messageId, bytes),
  );
  putQuickMode(turn, {
    awaits: 'answer',
    messageId,
    sa: sa.id,
    iv: message.nextIv,
    inboundSpi,
    request,
    nonce,
    dh,
    pending: firstTransmission(message.bytes, config.retransmission, nowMs),
  });
  send(turn, sa.path, message.bytes, sa.features.fragmentation);
}

function receiveAnswer(turn: Turn, sa: IsakmpSa, mode: Awaiting<'answer'>, { packet, bytes, path }: Received): void {
  const { crypto, nowMs } = turn.env;
  const { config } = turn.state;
  const { messageId } = mode;
  const { chain, nextIv } = open(crypto, sa.keys, mode.iv, packet);
  if (!verifies(crypto, chain, secondHash(crypto, sa.keys, messageId, mode.nonce, chain.afterFirst))) {
    return drop(turn, 'hash');
  }
  heard(turn);
  follow(turn, sa, path);
  sampleRoundTrip(turn, mode.pending);
  const fail = (detail: string) => {
    failChild(turn, mode, { code: 'malformed', phase: 2, detail });
  };
  const answer = find(chain, 'securityAssociation');
  const peerNonce = nonceOf(chain);
  const chosen =
    answer &&
    chooseEsp(answer, {
      suites: mode.request.espProposals,
      groups: [mode.request.pfsGroup],
      encapsulation: encapsulationOf(sa),
    });
  if (chosen === undefined || peerNonce === undefined) return fail('the answer is none of what was offered');
  const sharedSecret = mode.dh?.agree(find(chain, 'keyExchange')?.data ?? new Uint8Array());
  if (mode.dh !== undefined && sharedSecret === undefined) return fail('key exchange');

  const nonces = { initiator: mode.nonce, responder: peerNonce };
  installChild(turn, sa, {
    ...lifetimesOf(turn, chosen, chain),
    inboundSpi: mode.inboundSpi,
    outboundSpi: chosen.peerSpi,
    suite: chosen.suite,
    pfsGroup: chosen.group,
    nonces,
    sharedSecret,
    initiatedBy: 'us',
    replaces: mode.request.replaces,
    selectors: config.l2tp,
    natOriginalAddresses: sa.features.dialect ? originalAddresses(sa.features.dialect, 'responder', chain) : {},
  });
  const header = headerOf(sa.cookies, 'quickMode', messageId, true);
  const message = sealHashed(crypto, sa.keys, nextIv, header, [], () => thirdHash(crypto, sa.keys, messageId, nonces));
  send(turn, sa.path, message.bytes);
  putQuickMode(turn, {
    awaits: 'nothing',
    messageId,
    sa: sa.id,
    iv: message.nextIv,
    inboundSpi: mode.inboundSpi,
    answered: { received: bytes.slice(), reply: message.bytes, replays: 0 },
    forgetAtMs: nowMs + config.retransmission.giveUpMs,
  });
  const hasTime = packet.header.commit || mode.request.replaces !== undefined;
  confirmChild(turn, mode.inboundSpi, hasTime ? nowMs + settleMs : undefined);
}

/** After message 3: a fourth message, with CONNECTED, from a peer that set the commit bit. */
function receiveFourth(turn: Turn, sa: IsakmpSa, mode: Awaiting<'nothing'>, { packet }: Received): void {
  const { crypto } = turn.env;
  const { chain } = open(crypto, sa.keys, mode.iv, packet);
  const genuine = verifies(crypto, chain, firstHash(crypto, sa.keys, mode.messageId, chain.afterFirst));
  const connected = findAll(chain, 'notification').some(({ type }) => type === 'connected');
  if (!genuine || !connected) return drop(turn, 'quickMode');
  confirmChild(turn, mode.inboundSpi, undefined);
}

// ── Responder ────────────────────────────────────────────────────────────────────────────────────────────────────────

function receiveOffer(turn: Turn, known: IsakmpSa, { packet, bytes, path }: Received): void {
  const { crypto, nowMs } = turn.env;
  const { config, quickModes, children } = turn.state;
  const { messageId } = packet.header;
  const iv = phase2Iv(crypto, known.keys.suite, known.lastBlock, messageId);
  const { chain, nextIv } = open(crypto, known.keys, iv, packet);
  if (!verifies(crypto, chain, firstHash(crypto, known.keys, messageId, chain.afterFirst))) return drop(turn, 'hash');
  heard(turn);
  const sa = follow(turn, rememberMessageId(turn, known, messageId), path);

  const offer = find(chain, 'securityAssociation');
  const peerNonce = nonceOf(chain);
  if (offer === undefined || peerNonce === undefined) return drop(turn, 'payloads');
  const unconfirmed = quickModes.filter(({ awaits }) => awaits === 'confirmation').length;
  const oldest = children.length < maxChildren ? undefined : children.find(({ superseded }) => superseded);
  if (oldest !== undefined) deleteChild(turn, oldest.inboundSpi, 'replaced');
  if (unconfirmed >= maxUnconfirmed || turn.state.children.length >= maxChildren) return drop(turn, 'tooMany');
  const selectors = selectorsOf(turn, chain);
  if (selectors === undefined) return refuse(turn, sa, offer, 'invalidIdInformation');
  const chosen = chooseEsp(offer, {
    suites: config.espProposals,
    groups: [undefined, ...(config.pfsGroups ?? config.ikeProposals.map(({ group }) => group))],
    encapsulation: encapsulationOf(sa),
  });
  if (chosen === undefined) return refuse(turn, sa, offer, 'noProposalChosen');
  const dh = chosen.group && crypto.dh(chosen.group);
  const sharedSecret = dh?.agree(find(chain, 'keyExchange')?.data ?? new Uint8Array());
  if (dh !== undefined && sharedSecret === undefined) return refuse(turn, sa, offer, 'invalidKeyInformation');

  const inboundSpi = freshSpi(turn);
  const nonce = crypto.random(nonceBytes);
  const nonces = { initiator: peerNonce, responder: nonce };
  const dialect = encapsulationOf(sa) === 'udp' ? sa.features.dialect : undefined;
  const ids = findAll(chain, 'identification');
  const lifetimes = lifetimesOf(turn, chosen, chain);
  const payloads: Payload[] = [
    chosen.answer(spiBytes(inboundSpi)),
    { kind: 'nonce', data: nonce },
    ...(dh === undefined ? [] : [{ kind: 'keyExchange' as const, data: dh.publicValue }]),
    ...ids.slice(0, 2),
    ...(dialect === undefined ? [] : originalAddressPayloads(dialect, 'responder', endsOf(config, path))),
    ...shorterLifetime(chosen, lifetimes, inboundSpi),
  ];
  const header = headerOf(sa.cookies, 'quickMode', messageId, true);
  const reply = sealHashed(crypto, sa.keys, nextIv, header, payloads, (rest) =>
    secondHash(crypto, sa.keys, messageId, peerNonce, rest),
  );
  installChild(turn, sa, {
    ...lifetimes,
    inboundSpi,
    outboundSpi: chosen.peerSpi,
    suite: chosen.suite,
    pfsGroup: chosen.group,
    nonces,
    sharedSecret,
    initiatedBy: 'peer',
    replaces: children.findLast(({ superseded, confirmed }) => confirmed && !superseded)?.inboundSpi,
    selectors,
    natOriginalAddresses: sa.features.dialect ? originalAddresses(sa.features.dialect, 'initiator', chain) : {},
  });
  putQuickMode(turn, {
    awaits: 'confirmation',
    messageId,
    sa: sa.id,
    iv: reply.nextIv,
    inboundSpi,
    nonces,
    answered: { received: bytes.slice(), reply: reply.bytes, replays: 0 },
    pending: firstTransmission(reply.bytes, config.retransmission, nowMs),
  });
  send(turn, sa.path, reply.bytes, sa.features.fragmentation);
}

function receiveConfirmation(
  turn: Turn,
  sa: IsakmpSa,
  mode: Awaiting<'confirmation'>,
  { packet, path }: Received,
): void {
  const { crypto } = turn.env;
  const { chain } = open(crypto, sa.keys, mode.iv, packet);
  if (!verifies(crypto, chain, thirdHash(crypto, sa.keys, mode.messageId, mode.nonces))) return drop(turn, 'hash');
  heard(turn);
  follow(turn, sa, path);
  sampleRoundTrip(turn, mode.pending);
  dropQuickMode(turn, mode);
  confirmChild(turn, mode.inboundSpi, undefined);
}

function refuse(
  turn: Turn,
  sa: IsakmpSa,
  offer: SaPayload,
  reason: 'noProposalChosen' | 'invalidIdInformation' | 'invalidKeyInformation',
): void {
  log(turn, 'ike.quickModeRefused', { reason, offered: describeEspOffer(offer).join(' ') });
  const spi = offer.proposals.find(({ protocol }) => protocol === 'esp')?.spi ?? new Uint8Array();
  sendOnSa(turn, sa, { kind: 'notification', protocol: 'esp', spi, type: reason, data: new Uint8Array() });
}

// ── Both ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

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

interface Lifetimes {
  readonly lifetimeSeconds: number;
  readonly lifetimeKilobytes: number | undefined;
}

/** The shortest of what either end wants, RESPONDER-LIFETIME among it (RFC 2407 §4.6.3.1). */
function lifetimesOf(turn: Turn, chosen: ChosenEsp, chain: Chain): Lifetimes {
  const { espSeconds, espKilobytes } = turn.state.config.lifetimes;
  const said = findAll(chain, 'notification')
    .filter(({ type }) => type === 'responderLifetime')
    .map(({ data }) => decodeLifetime(data));
  const seconds = [espSeconds, chosen.lifeSeconds ?? defaultLifeSeconds, ...said.map(({ lifeSeconds }) => lifeSeconds)];
  const kilobytes = [espKilobytes, chosen.lifeKilobytes, ...said.map(({ lifeKilobytes }) => lifeKilobytes)];
  return { lifetimeSeconds: least(seconds) ?? espSeconds, lifetimeKilobytes: least(kilobytes) };
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const positive = values.filter((value) => value !== undefined && value > 0) as number[];
  return positive.length === 0 ? undefined : Math.min(...positive);
}

function shorterLifetime(chosen: ChosenEsp, ours: Lifetimes, inboundSpi: number): Payload[] {
  const { lifetimeSeconds, lifetimeKilobytes } = ours;
  const shorter =
    lifetimeSeconds < (chosen.lifeSeconds ?? defaultLifeSeconds) ||
    (lifetimeKilobytes ?? Infinity) < (chosen.lifeKilobytes ?? Infinity);
  if (!shorter) return [];
  const data = encodeLifetime({
    lifeSeconds: lifetimeSeconds,
    ...(lifetimeKilobytes !== undefined && { lifeKilobytes: lifetimeKilobytes }),
  });
  return [espNotification(inboundSpi, 'responderLifetime', data)];
}

/**
 * The ports of L2TP that the peer asks for. Addresses are not compared: behind a NAT each end names another one. An
 * initiator whose peer starts a quick mode of its own keeps to its own ports.
 */
function selectorsOf(turn: Turn, chain: Chain): { localPort: number; remotePort: number } | undefined {
  const { role, l2tp } = turn.state.config;
  const [theirs, ours] = findAll(chain, 'identification');
  if (theirs === undefined || ours === undefined) return l2tp;
  if (![theirs, ours].every(({ protocol }) => protocol === protocolUdp || protocol === 0)) return undefined;
  if (role === 'initiator') return l2tp;
  if (ours.port !== l2tp.localPort && ours.port !== 0) return undefined;
  return { localPort: l2tp.localPort, remotePort: theirs.port === 0 ? l2tp.remotePort : theirs.port };
}
