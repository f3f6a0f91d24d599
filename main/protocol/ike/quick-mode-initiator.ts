import { confirmChild, failChild, installChild } from './children.ts';
import { encapsulationOf } from './encapsulation.ts';
import { headerOf, open, sealHashed, verifies } from './envelope.ts';
import { addressIdentity, identification } from './identity.ts';
import { firstHash, phase2Iv, secondHash, thirdHash } from './keys.ts';
import { type Received, endsOf, nonceBytes, nonceOf } from './main-mode-parts.ts';
import { type Ends, originalAddresses, originalAddressPayloads } from './nat-traversal.ts';
import { chooseEsp, offerEsp, spiBytes } from './proposals.ts';
import { type Awaiting, lifetimesOf } from './quick-mode-parts.ts';
import { firstTransmission } from './retransmission.ts';
import type { Child, ChildIdentities, ChildRequest, IsakmpSa } from './state.ts';
import {
  type Turn,
  drop,
  findChild,
  follow,
  freshSpi,
  heard,
  putQuickMode,
  sampleRoundTrip,
  send,
  takeMessageId,
} from './turn.ts';
import { type Payload, find, findAll } from './wire/index.ts';

/** Quick mode's messages 1 and 3 (RFC 2409 §5.5). */

/**
 * Message 3 has to arrive and be acted upon before the peer can read ESP under a new SA. A renewal has time: the old SA
 * carries on until the peer's first packet on the new one, its CONNECTED (where it set the commit bit), or this long.
 */
const settleMs = 700;

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
  const ids = identitiesOf(turn, request, ends);
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
    ids.ours,
    ids.theirs,
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

/** A responder knows neither the peer's own address nor its port of L2TP but from what the peer named: it names the same. */
function identitiesOf(turn: Turn, request: ChildRequest, ends: Ends): ChildIdentities {
  const { l2tp } = turn.state.config;
  return (
    renewedByResponder(turn, request)?.identities ?? {
      ours: identification(addressIdentity(ends.local.address), l2tp.localPort),
      theirs: identification(addressIdentity(ends.remote.address), l2tp.remotePort),
    }
  );
}

function renewedByResponder(turn: Turn, { replaces }: ChildRequest): Child | undefined {
  const isResponder = turn.state.config.role === 'responder' && replaces !== undefined;
  return isResponder ? findChild(turn, replaces) : undefined;
}

export function receiveAnswer(
  turn: Turn,
  sa: IsakmpSa,
  mode: Awaiting<'answer'>,
  { packet, bytes, path }: Received,
): void {
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
  const kept = renewedByResponder(turn, mode.request);
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
    selectors: kept?.selectors ?? config.l2tp,
    identities: kept?.identities,
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
export function receiveFourth(turn: Turn, sa: IsakmpSa, mode: Awaiting<'nothing'>, { packet }: Received): void {
  const { crypto } = turn.env;
  const { chain } = open(crypto, sa.keys, mode.iv, packet);
  const genuine = verifies(crypto, chain, firstHash(crypto, sa.keys, mode.messageId, chain.afterFirst));
  const connected = findAll(chain, 'notification').some(({ type }) => type === 'connected');
  if (!genuine || !connected) return drop(turn, 'quickMode');
  confirmChild(turn, mode.inboundSpi, undefined);
}
