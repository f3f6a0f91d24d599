import { concat, sameBytes } from '../wire/bytes.ts';
import { authenticationsOf } from './authentication.ts';
import { headerOf, seal } from './envelope.ts';
import { establish, failMainMode } from './establishment.ts';
import { sameIdentity } from './identity.ts';
import { type Pair, wipeIkeKeys } from './keys.ts';
import {
  type Received,
  deriveKeyed,
  detectNat,
  endsOf,
  hint,
  hintUnproven,
  keyExchangeOf,
  natPayloads,
  nonceBytes,
  prove,
} from './main-mode-parts.ts';
import { featuresOf } from './peer-features.ts';
import { chooseIke } from './proposals.ts';
import { ownProof } from './proof.ts';
import { reject } from './rejection.ts';
import { firstTransmission } from './retransmission.ts';
import { type Believed, askForVerdict, certificateRequests } from './signatures.ts';
import { type AwaitsFourth, type AwaitsSecond, type AwaitsSixth, type Path, currentSa } from './state.ts';
import { drop, putMainMode, sampleRoundTrip, send, type Turn } from './turn.ts';
import type { Identity } from './types.ts';
import { type Payload, decodeChain, encodeMessage, find } from './wire/index.ts';

/** Main mode's messages 2, 4 and 6, as the initiator takes them. */

export function receiveSecond(turn: Turn, mode: AwaitsSecond, { packet }: Received): void {
  const { crypto, nowMs } = turn.env;
  const { config } = turn.state;
  // With both cookies alike, our own public value and HASH_I, reflected, would pass for the peer's proof (RFC 2409 §5).
  if (sameBytes(packet.header.responderCookie, mode.cookies.initiator)) return drop(turn, 'cookie');
  const chain = decodeChain(packet.firstPayload, packet.body);
  const sa = find(chain, 'securityAssociation');
  const current = currentSa(turn.state);
  const offered = current === undefined ? authenticationsOf(config) : [current.authentication];
  const chosen = sa && chooseIke(sa, config.ikeProposals, offered);
  if (chosen === undefined) {
    return hint(turn, mode, { code: 'malformed', phase: 1, detail: 'the answer is none of what was offered' });
  }
  const features = featuresOf(chain);
  if (config.forceEncapsulation && features.dialect === undefined) {
    return failMainMode(turn, mode, { code: 'natTraversalUnsupported' });
  }
  sampleRoundTrip(turn, mode.pending);
  const cookies = { ...mode.cookies, responder: packet.header.responderCookie.slice() };
  const dh = crypto.dh(chosen.suite.group);
  const nonce = crypto.random(nonceBytes);
  const agreed = {
    suite: chosen.suite,
    authentication: chosen.authentication,
    lifetimeSeconds: Math.min(chosen.lifeSeconds ?? Infinity, config.lifetimes.ikeSeconds),
    features,
  };
  const message = encodeMessage(headerOf(cookies, 'mainMode', 0, false), [
    { kind: 'keyExchange', data: dh.publicValue },
    { kind: 'nonce', data: nonce },
    ...certificateRequests(config, chosen.authentication),
    ...natPayloads(turn, { ...agreed, cookies }, endsOf(config, mode.path)),
  ]);
  const pending = firstTransmission(message, config.retransmission, nowMs);
  putMainMode(turn, {
    ...mode,
    ...agreed,
    hint: undefined,
    awaits: 4,
    cookies,
    dh,
    nonce,
    pending,
    giveUpAtMs: pending.giveUpAtMs,
  });
  send(turn, mode.path, message, features.fragmentation);
}

export function receiveFourth(turn: Turn, mode: AwaitsFourth, { packet }: Received): void {
  const { crypto, nowMs } = turn.env;
  const { config } = turn.state;
  const chain = decodeChain(packet.firstPayload, packet.body);
  const exchange = keyExchangeOf(chain);
  const sharedSecret = exchange && mode.dh.agree(exchange.publicValue);
  if (exchange === undefined || sharedSecret === undefined) {
    return hint(turn, mode, { code: 'malformed', phase: 1, detail: 'key exchange' });
  }
  const nat = detectNat(turn, mode, endsOf(config, mode.path), chain);
  if (nat === undefined && config.forceEncapsulation) {
    return failMainMode(turn, mode, { code: 'natTraversalUnsupported' });
  }
  sampleRoundTrip(turn, mode.pending);
  const publicValues = { initiator: mode.dh.publicValue, responder: exchange.publicValue };
  const nonces = { initiator: mode.nonce, responder: exchange.nonce };
  const { candidates, ...derived } = deriveKeyed(turn, mode, publicValues, nonces, sharedSecret);
  const keys = candidates.find(({ name }) => name === knownKeyName(turn))?.keys ?? candidates[0]?.keys;
  if (keys === undefined) return failMainMode(turn, mode, { code: 'invalidIdInformation', phase: 1 });
  for (const each of candidates) if (each.keys !== keys) wipeIkeKeys(each.keys);
  const path = nat?.local === true || nat?.remote === true ? floated(turn, mode.path) : mode.path;

  const proof = ownProof(turn, { ...mode, ...derived }, keys);
  const remembersNothing = mode.supersedes === undefined && turn.state.children.length === 0;
  const message = seal(crypto, keys, derived.iv, headerOf(mode.cookies, 'mainMode', 0, true), [
    ...proof,
    ...(remembersNothing ? [initialContact(mode.cookies)] : []),
  ]);
  const pending = firstTransmission(message.bytes, config.retransmission, nowMs);
  const { id, role, cookies, supersedes, offer, suite, authentication, lifetimeSeconds, features } = mode;
  const kept = { id, role, cookies, supersedes, offer, suite, authentication, lifetimeSeconds, features };
  const { giveUpAtMs } = pending;
  putMainMode(turn, {
    ...kept,
    ...derived,
    keys,
    hint: undefined,
    awaits: 6,
    path,
    nat,
    iv: message.nextIv,
    pending,
    giveUpAtMs,
  });
  send(turn, path, message.bytes, mode.features.fragmentation);
}

export function receiveSixth(turn: Turn, mode: AwaitsSixth, received: Received): void {
  if (mode.authentication !== 'psk') return askForVerdict(turn, mode, mode.keys, received);
  const proof = prove(turn, mode, mode.keys, received.packet);
  if (typeof proof === 'string') return hintUnproven(turn, mode, proof);
  sampleRoundTrip(turn, mode.pending);
  const { identity, nextIv } = proof;
  const expected = turn.state.config.expectedRemoteIdentity;
  if (expected !== undefined && !sameIdentity(identity, expected)) {
    return reject(turn, mode, mode.keys, nextIv, { code: 'identityMismatch', claimed: identity, expected });
  }
  proceed(turn, mode, { identity, nextIv, certificate: undefined });
}

/** The peer is who it says it is. */
export function proceed(
  turn: Turn,
  mode: AwaitsSixth,
  { identity, nextIv, certificate }: { readonly identity: Identity; readonly nextIv: Uint8Array } & Believed,
): void {
  establish(turn, mode, {
    keys: mode.keys,
    keyName: certificate === undefined ? knownKeyName(turn) : undefined,
    certificate,
    path: mode.path,
    remoteIdentity: identity,
    lastBlock: nextIv,
    answered: undefined,
    initialContact: false,
  });
}

/** A responder that renews knows by now which of its keys the peer has. */
function knownKeyName(turn: Turn): string | undefined {
  return currentSa(turn.state)?.keyName;
}

/** RFC 2407 §4.6.3.3: we remember nothing of earlier SAs with this peer. */
function initialContact({ initiator, responder }: Pair): Payload {
  const spi = concat(initiator, responder);
  return { kind: 'notification', protocol: 'isakmp', spi, type: 'initialContact', data: new Uint8Array() };
}

/** RFC 3947 §4: a NAT between the ends moves the exchange, from message 5 on, to the other socket. */
function floated(turn: Turn, path: Path): Path {
  if (path.port === 'natt') return path;
  const remote = { address: path.remote.address, port: turn.state.config.nattPorts.remote };
  turn.effects.push({ kind: 'switchToNatt', remote });
  return { port: 'natt', remote };
}
