import { sameBytes } from '../wire/bytes.ts';
import { authenticationsOf } from './authentication.ts';
import { headerOf, refusalOf, seal } from './envelope.ts';
import { establish, failMainMode } from './establishment.ts';
import { sameIdentity } from './identity.ts';
import { type IkeKeys, wipeIkeKeys } from './keys.ts';
import {
  type Proof,
  type Received,
  deriveKeyed,
  detectNat,
  endsOf,
  hintUnproven,
  keyExchangeOf,
  natPayloads,
  nonceBytes,
  prove,
  saysInitialContact,
} from './main-mode-parts.ts';
import { judgeOffer } from './offer.ts';
import { ownProof } from './proof.ts';
import { reject } from './rejection.ts';
import { type Believed, askForVerdict, certificateRequests } from './signatures.ts';
import { type AwaitsFifth, type AwaitsThird, currentSa, noCookie } from './state.ts';
import { drop, putMainMode, replay, send, type Turn, wipeMainMode } from './turn.ts';
import type { Identity } from './types.ts';
import { type Packet, decodeChain, encodeMessage } from './wire/index.ts';

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
  const verdict = judgeOffer({ ...config, authentications: authenticationsOf(config) }, packet);
  if (verdict === undefined) return drop(turn, 'payloads');
  if (!verdict.ok) {
    if (verdict.cause.code === 'noProposalChosen') send(turn, path, refusalOf(initiatorCookie, 'noProposalChosen'));
    return failMainMode(turn, undefined, verdict.cause);
  }
  const { suite, authentication, offer, lifetimeSeconds, features, answer } = verdict;
  const halfOpen = mainModes.filter(({ role }) => role === 'responder');
  const leastAdvanced = halfOpen.find(({ awaits }) => awaits === 3) ?? halfOpen[0];
  const evicted = halfOpen.length >= maxHalfOpen ? leastAdvanced : undefined;
  const cookies = { initiator: initiatorCookie.slice(), responder: crypto.random(8) };
  const reply = encodeMessage(headerOf(cookies, 'mainMode', 0, false), answer);
  turn.state = { ...turn.state, nextId: nextId + 1, mainModes: mainModes.filter((mode) => mode !== evicted) };
  if (evicted !== undefined) wipeMainMode(evicted);
  putMainMode(turn, {
    id: nextId,
    role: 'responder',
    awaits: 3,
    failures: 0,
    cookies,
    path,
    supersedes: currentSa(turn.state)?.id,
    hint: undefined,
    giveUpAtMs: nowMs + config.retransmission.giveUpMs,
    answered: { received: bytes.slice(), reply, replays: 0 },
    ...{ suite, authentication, offer, lifetimeSeconds, features },
  });
  send(turn, path, reply);
}

/** So many messages 3 or 5 that are no good are looked at; then the exchange waits for its end. */
const maxFailures = 8;

export function receiveThird(turn: Turn, mode: AwaitsThird, { packet, bytes, path }: Received): void {
  const { crypto, nowMs } = turn.env;
  const { config } = turn.state;
  const chain = decodeChain(packet.firstPayload, packet.body);
  const exchange = keyExchangeOf(chain);
  if (exchange === undefined) return drop(turn, 'payloads');
  if (mode.failures >= maxFailures) return drop(turn, 'tooManyFailures');
  const dh = crypto.dh(mode.suite.group);
  const sharedSecret = dh.agree(exchange.publicValue);
  if (sharedSecret === undefined) {
    putMainMode(turn, { ...mode, failures: mode.failures + 1 });
    return drop(turn, 'publicValue');
  }

  const nonce = crypto.random(nonceBytes);
  const ends = endsOf(config, path);
  const nat = detectNat(turn, mode, ends, chain);
  const reply = encodeMessage(headerOf(mode.cookies, 'mainMode', 0, false), [
    { kind: 'keyExchange', data: dh.publicValue },
    { kind: 'nonce', data: nonce },
    ...certificateRequests(config, mode.authentication),
    ...(nat === undefined ? [] : natPayloads(turn, mode, ends, chain)),
  ]);
  const publicValues = { initiator: exchange.publicValue, responder: dh.publicValue };
  putMainMode(turn, {
    ...mode,
    ...deriveKeyed(turn, mode, publicValues, { initiator: exchange.nonce, responder: nonce }, sharedSecret),
    awaits: 5,
    failures: 0,
    path,
    nat,
    giveUpAtMs: nowMs + config.retransmission.giveUpMs,
    answered: { received: bytes.slice(), reply, replays: 0 },
  });
  send(turn, path, reply, mode.features.fragmentation);
}

export function receiveFifth(turn: Turn, mode: AwaitsFifth, received: Received): void {
  if (mode.failures >= maxFailures) return drop(turn, 'tooManyFailures');
  if (mode.authentication !== 'psk') {
    const keys = mode.candidates[0]?.keys;
    return keys === undefined ? undefined : askForVerdict(turn, mode, keys, received);
  }
  const { packet, bytes, path } = received;
  const proven = proveByAny(turn, mode, packet);
  if (proven === undefined) return;
  const { keys, name, identity, nextIv, chain } = proven;
  const expected = proven.identityOfKey ?? turn.state.config.expectedRemoteIdentity;
  if (expected !== undefined && !sameIdentity(identity, expected)) {
    return reject(turn, { ...mode, path }, keys, nextIv, { code: 'identityMismatch', claimed: identity, expected });
  }
  const initialContact = saysInitialContact(chain);
  answer(
    turn,
    { ...mode, path },
    { keys, name, identity, nextIv, received: bytes, initialContact, certificate: undefined },
  );
}

interface Answerable extends Believed {
  readonly keys: IkeKeys;
  readonly name: string | undefined;
  readonly identity: Identity;
  readonly nextIv: Uint8Array;
  readonly received: Uint8Array;
  readonly initialContact: boolean;
}

/** The peer is who it says it is, and learns the same of us. */
export function answer(turn: Turn, mode: AwaitsFifth, peer: Answerable): void {
  const { keys, name, identity, nextIv, received, initialContact, certificate } = peer;
  const header = headerOf(mode.cookies, 'mainMode', 0, true);
  const reply = seal(turn.env.crypto, keys, nextIv, header, ownProof(turn, mode, keys));
  send(turn, mode.path, reply.bytes, mode.features.fragmentation);
  for (const each of mode.candidates) if (each.keys !== keys) wipeIkeKeys(each.keys);
  establish(turn, mode, {
    keys,
    keyName: name,
    certificate,
    path: mode.path,
    remoteIdentity: identity,
    lastBlock: reply.nextIv,
    answered: { received: received.slice(), reply: reply.bytes, replays: 0 },
    initialContact,
  });
}

type ProvenBy = Proof & {
  readonly keys: IkeKeys;
  readonly name: string | undefined;
  readonly identityOfKey: Identity | undefined;
};

/** The first key under which message 5 verifies, one that belongs to its identity before one that belongs to another. */
function proveByAny(turn: Turn, mode: AwaitsFifth, packet: Packet): ProvenBy | undefined {
  let evidence: 'undecryptable' | 'hashMismatch' = 'undecryptable';
  let another: ProvenBy | undefined;
  for (const { keys, name, identity: identityOfKey } of mode.candidates) {
    const proof = prove(turn, mode, keys, packet);
    if (typeof proof === 'string') {
      if (proof === 'hashMismatch') evidence = proof;
      continue;
    }
    const proven = { ...proof, keys, name, identityOfKey };
    if (identityOfKey === undefined || sameIdentity(proof.identity, identityOfKey)) return proven;
    another ??= proven;
  }
  if (another === undefined) hintUnproven(turn, { ...mode, failures: mode.failures + 1 }, evidence);
  return another;
}
