import { confirmChild, installChild, makeRoom } from './children.ts';
import { encapsulationOf } from './encapsulation.ts';
import { headerOf, open, sealHashed, verifies } from './envelope.ts';
import { protocolUdp } from './identity.ts';
import { firstHash, phase2Iv, secondHash, thirdHash } from './keys.ts';
import { type Received, endsOf, nonceBytes, nonceOf } from './main-mode-parts.ts';
import { originalAddresses, originalAddressPayloads } from './nat-traversal.ts';
import { chooseEsp, describeEspOffer, spiBytes, type ChosenEsp, type SaPayload } from './proposals.ts';
import { espNotification, sendOnSa } from './protected.ts';
import { type Awaiting, type Lifetimes, defaultLifeSeconds, lifetimesOf } from './quick-mode-parts.ts';
import { firstTransmission } from './retransmission.ts';
import type { IsakmpSa } from './state.ts';
import {
  type Turn,
  drop,
  dropQuickMode,
  follow,
  freshSpi,
  heard,
  log,
  putQuickMode,
  rememberMessageId,
  sampleRoundTrip,
  send,
} from './turn.ts';
import { type Chain, type Payload, encodeLifetime, find, findAll } from './wire/index.ts';

/** Quick mode's message 2, and what message 3 confirms (RFC 2409 §5.5). */

/** Exchanges that the peer may have open at once: those of renewals and collisions. */
const maxUnconfirmed = 4;

export function receiveOffer(turn: Turn, known: IsakmpSa, { packet, bytes, path }: Received): void {
  const { crypto, nowMs } = turn.env;
  const { config, quickModes } = turn.state;
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
  if (unconfirmed >= maxUnconfirmed || !makeRoom(turn)) return drop(turn, 'tooMany');
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
    replaces: turn.state.children.findLast(({ superseded, confirmed }) => confirmed && !superseded)?.inboundSpi,
    selectors,
    identities: ids[0] && ids[1] && { theirs: ids[0], ours: ids[1] },
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

export function receiveConfirmation(
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
