import { sameBytes } from '../wire/bytes.ts';
import { headerOf, seal } from './envelope.ts';
import { establish, failMainMode } from './establishment.ts';
import { sameIdentity } from './identity.ts';
import { authenticationHash } from './keys.ts';
import {
  type Received,
  authenticate,
  deriveKeyed,
  detectNat,
  endsOf,
  exchangeOf,
  keyExchangeOf,
  localIdentity,
  natPayloads,
  nonceBytes,
} from './main-mode-parts.ts';
import { featuresOf, vendorPayloads } from './peer-features.ts';
import { chooseIke, describeIkeOffer } from './proposals.ts';
import { sendProtected } from './protected.ts';
import { type AwaitsFifth, type AwaitsThird, type Path, currentSa, noCookie } from './state.ts';
import { drop, putMainMode, replay, send, type Turn, wipeMainMode } from './turn.ts';
import { bodyOf, decodeChain, encodeBody, encodeMessage, find, findAll } from './wire/index.ts';

/** Main mode's messages 1, 3 and 5, as the responder takes them. */

/** Main modes that a peer may have begun and not finished: the oldest that sent least gives way. */
const maxHalfOpen = 4;

export function receiveFirst(turn: Turn, { packet, bytes, path }: Received): void {
  const { config, mainModes, sas, nextId } = turn.state;
  const { crypto, nowMs } = turn.env;
  const { initiatorCookie } = packet.header;
  if (config.role === 'initiator' && sas.length === 0) return drop(turn, 'unexpected');
  if (packet.header.encrypted || sameBytes(initiatorCookie, noCookie)) return drop(turn, 'header');
  const known = [...mainModes, ...sas].filter(({ cookies }) => sameBytes(cookies.initiator, initiatorCookie));
  for (const mode of known) {
    // Late, or our own reflected. Another one that is still answerable may have been damaged: a new answer goes out below.
    if (!('awaits' in mode) || mode.awaits !== 3) return drop(turn, 'exchange');
    if (sameBytes(mode.answered.received, bytes)) {
      return putMainMode(turn, { ...mode, answered: replay(turn, mode.answered, path, false) });
    }
  }
  const chain = decodeChain(packet.firstPayload, packet.body);
  const sa = find(chain, 'securityAssociation');
  const offer = bodyOf(chain, 'securityAssociation');
  if (sa === undefined || offer === undefined) return drop(turn, 'payloads');

  const features = featuresOf(chain);
  const chosen = chooseIke(sa, config.ikeProposals);
  if (chosen === undefined) {
    refuseFirst(turn, initiatorCookie, path);
    return failMainMode(turn, undefined, { code: 'noProposalChosen', phase: 1, offered: describeIkeOffer(sa) });
  }
  if (config.forceEncapsulation && features.dialect === undefined) {
    return failMainMode(turn, undefined, { code: 'natTraversalUnsupported' });
  }
  const halfOpen = mainModes.filter(({ role }) => role === 'responder');
  const leastAdvanced = halfOpen.find(({ awaits }) => awaits === 3) ?? halfOpen[0];
  const evicted = halfOpen.length >= maxHalfOpen ? leastAdvanced : undefined;
  const cookies = { initiator: initiatorCookie.slice(), responder: crypto.random(8) };
  const spoken = features.dialect === undefined ? [] : [features.dialect];
  const reply = encodeMessage(headerOf(cookies, 'mainMode', 0, false), [chosen.answer, ...vendorPayloads(spoken)]);
  turn.state = { ...turn.state, nextId: nextId + 1, mainModes: mainModes.filter((mode) => mode !== evicted) };
  if (evicted !== undefined) wipeMainMode(evicted);
  putMainMode(turn, {
    id: nextId,
    role: 'responder',
    awaits: 3,
    cookies,
    path,
    supersedes: currentSa(turn.state)?.id,
    hint: undefined,
    giveUpAtMs: nowMs + config.retransmission.giveUpMs,
    answered: { received: bytes.slice(), reply, replays: 0 },
    suite: chosen.suite,
    offer: offer.slice(),
    lifetimeSeconds: Math.min(chosen.lifeSeconds ?? Infinity, config.lifetimes.ikeSeconds),
    features,
  });
  send(turn, path, reply);
}

/** In the clear, since nothing else can be said yet; smaller than what it answers. */
function refuseFirst(turn: Turn, initiator: Uint8Array, path: Path): void {
  const header = headerOf({ initiator, responder: noCookie }, 'informational', 0, false);
  const spi = new Uint8Array();
  send(
    turn,
    path,
    encodeMessage(header, [
      { kind: 'notification', protocol: 'isakmp', spi, type: 'noProposalChosen', data: new Uint8Array() },
    ]),
  );
}

export function receiveThird(turn: Turn, mode: AwaitsThird, { packet, bytes, path }: Received): void {
  const { crypto, nowMs } = turn.env;
  const { config } = turn.state;
  const chain = decodeChain(packet.firstPayload, packet.body);
  const exchange = keyExchangeOf(chain);
  if (exchange === undefined) return drop(turn, 'payloads');
  const dh = crypto.dh(mode.suite.group);
  const sharedSecret = dh.agree(exchange.publicValue);
  if (sharedSecret === undefined) return drop(turn, 'publicValue');

  const nonce = crypto.random(nonceBytes);
  const ends = endsOf(config, path);
  const nat = detectNat(turn, mode, ends, chain);
  const reply = encodeMessage(headerOf(mode.cookies, 'mainMode', 0, false), [
    { kind: 'keyExchange', data: dh.publicValue },
    { kind: 'nonce', data: nonce },
    ...(nat === undefined ? [] : natPayloads(turn, mode, ends)),
  ]);
  const publicValues = { initiator: exchange.publicValue, responder: dh.publicValue };
  putMainMode(turn, {
    ...mode,
    ...deriveKeyed(turn, mode, publicValues, { initiator: exchange.nonce, responder: nonce }, sharedSecret),
    awaits: 5,
    path,
    nat,
    giveUpAtMs: nowMs + config.retransmission.giveUpMs,
    answered: { received: bytes.slice(), reply, replays: 0 },
  });
  send(turn, path, reply, mode.features.fragmentation);
}

export function receiveFifth(turn: Turn, mode: AwaitsFifth, { packet, bytes, path }: Received): void {
  const { crypto } = turn.env;
  const proof = authenticate(turn, mode, packet);
  if (proof === undefined) return;
  const { identity, nextIv, chain } = proof;
  const expected = turn.state.config.expectedRemoteIdentity;
  if (expected !== undefined && !sameIdentity(identity, expected)) {
    const protection = { cookies: mode.cookies, keys: mode.keys, lastBlock: nextIv };
    sendProtected(turn, path, protection, {
      kind: 'notification',
      protocol: 'isakmp',
      spi: new Uint8Array(),
      type: 'invalidIdInformation',
      data: new Uint8Array(),
    });
    return failMainMode(turn, mode, { code: 'identityMismatch', claimed: identity, expected });
  }
  const local = localIdentity(turn.state.config);
  const hash = authenticationHash(crypto, mode.keys, 'responder', exchangeOf(mode, encodeBody(local)));
  const header = headerOf(mode.cookies, 'mainMode', 0, true);
  const reply = seal(crypto, mode.keys, nextIv, header, [local, { kind: 'hash', data: hash }]);
  send(turn, path, reply.bytes, mode.features.fragmentation);
  establish(turn, mode, {
    path,
    remoteIdentity: identity,
    lastBlock: reply.nextIv,
    answered: { received: bytes.slice(), reply: reply.bytes, replays: 0 },
    initialContact: findAll(chain, 'notification').some(({ type }) => type === 'initialContact'),
  });
}
