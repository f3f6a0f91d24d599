import { WireError } from '../wire/error.ts';
import { proofHash } from './authentication.ts';
import { open } from './envelope.ts';
import { addressIdentity, fromWire, identification } from './identity.ts';
import {
  type AuthenticatedExchange,
  type IkeKeys,
  type Pair,
  authenticationHash,
  deriveIkeKeys,
  phase1Iv,
} from './keys.ts';
import { type Ends, detect, detectionPayloads, ourEndByPeer, pretenceOf } from './nat-traversal.ts';
import { giveUpSooner } from './retransmission.ts';
import type { AwaitsFifth, AwaitsSixth, AwaitsVerdict, CandidateKeys, MainMode, Path, PeerFeatures } from './state.ts';
import { type Turn, drop, putMainMode } from './turn.ts';
import type {
  CandidateKey,
  IkeAuthentication,
  IkeCause,
  IkeConfig,
  IkeProposal,
  Identity,
  NatDetected,
} from './types.ts';
import { type Chain, type Packet, type Payload, type PayloadOf, bodyOf, find, findAll } from './wire/index.ts';

/** What both ends of main mode do alike. */

export interface Received {
  readonly packet: Packet;
  readonly bytes: Uint8Array;
  readonly path: Path;
}

export const nonceBytes = 32;
/** RFC 2409 §5 */
const nonceLimits = { least: 8, most: 256 };
/** How long to wait after a hint that the key is wrong: it may be forged and the real answer late. */
const hintGraceMs = 3000;

/** Remembers what to say when time is up. */
export function hint(turn: Turn, mode: MainMode, cause: IkeCause): void {
  putMainMode(turn, { ...mode, hint: cause });
  drop(turn, cause.code);
}

/** The same where nothing but the other end's refusal explains it: the exchange is given up soon. */
export function hintRefusal(turn: Turn, mode: Exclude<MainMode, AwaitsVerdict>, cause: IkeCause): void {
  const { nowMs } = turn.env;
  putMainMode(
    turn,
    mode.role === 'initiator'
      ? { ...mode, hint: cause, pending: giveUpSooner(mode.pending, hintGraceMs, nowMs) }
      : { ...mode, hint: cause },
  );
}

export function endsOf({ local, nattPorts }: IkeConfig, path: Path): Ends {
  const port = path.port === 'natt' ? nattPorts.local : local.port;
  return { local: { address: local.address, port }, remote: path.remote };
}

export function localIdentity(config: IkeConfig): PayloadOf<'identification'> {
  const { localIdentity: identity, local } = config;
  return identification(identity === 'address' ? addressIdentity(local.address) : identity);
}

export function keyExchangeOf(
  chain: Chain,
): { readonly publicValue: Uint8Array; readonly nonce: Uint8Array } | undefined {
  const publicValue = find(chain, 'keyExchange')?.data;
  const nonce = nonceOf(chain);
  return publicValue && nonce && { publicValue: publicValue.slice(), nonce };
}

export function nonceOf(chain: Chain): Uint8Array | undefined {
  const nonce = find(chain, 'nonce')?.data;
  if (nonce === undefined || nonce.length < nonceLimits.least || nonce.length > nonceLimits.most) return undefined;
  return nonce.slice();
}

interface Negotiated {
  readonly cookies: Pair;
  readonly suite: IkeProposal;
  readonly authentication: IkeAuthentication;
  readonly features: PeerFeatures;
}

/** @param received  message 3, which a responder answers. */
export function natPayloads(
  turn: Turn,
  { cookies, suite, features }: Negotiated,
  ends: Ends,
  received?: Chain,
): Payload[] {
  const { dialect } = features;
  if (dialect === undefined) return [];
  const pretence = pretenceOf(turn.state.config);
  const said = received && pretence === 'remote' ? ourEndByPeer(dialect, received) : undefined;
  return detectionPayloads(turn.env.crypto, suite.hash, dialect, cookies, ends, pretence, said);
}

export function detectNat(
  turn: Turn,
  { cookies, suite, features }: Negotiated,
  ends: Ends,
  chain: Chain,
): NatDetected | undefined {
  const { dialect } = features;
  if (dialect === undefined) return undefined;
  return detect(turn.env.crypto, suite.hash, dialect, cookies, ends, pretenceOf(turn.state.config), chain);
}

/** How many pre-shared keys one message 5 is tried with. */
export const maxCandidateKeys = 16;

/** The keys that each pre-shared key makes, or the ends' signatures need, with what messages 1 to 4 settled. Wipes the shared secret. */
export function deriveKeyed(
  turn: Turn,
  { cookies, suite, authentication }: Negotiated,
  publicValues: Pair,
  nonces: Pair,
  sharedSecret: Uint8Array,
): { readonly candidates: readonly CandidateKeys[]; readonly publicValues: Pair; readonly iv: Uint8Array } {
  const { crypto } = turn.env;
  const { preSharedKey } = turn.state.config;
  const shared: readonly Partial<CandidateKey>[] =
    preSharedKey instanceof Uint8Array ? [{ key: preSharedKey }] : preSharedKey;
  const known = authentication === 'psk' ? shared.slice(0, maxCandidateKeys) : [{}];
  const candidates = known.map(({ name, identity, key }) => ({
    ...{ name, identity },
    keys: deriveIkeKeys(crypto, { suite, preSharedKey: key, cookies, nonces, publicValues, sharedSecret }),
  }));
  sharedSecret.fill(0);
  return { candidates, publicValues, iv: phase1Iv(crypto, suite, publicValues) };
}

export function exchangeOf(
  { cookies, publicValues, offer }: Pick<AwaitsFifth, 'cookies' | 'publicValues' | 'offer'>,
  identity: Uint8Array,
): AuthenticatedExchange {
  return { cookies, publicValues, offer, identity };
}

export interface Proof {
  readonly identity: Identity;
  readonly nextIv: Uint8Array;
  readonly chain: Chain;
}

/** Remembers that message 5 or 6 did not verify. It may be damaged or forged, and the true one may follow. */
export function hintUnproven(
  turn: Turn,
  mode: AwaitsFifth | AwaitsSixth,
  evidence: 'undecryptable' | 'hashMismatch',
): void {
  hint(turn, mode, { code: 'authenticationFailed', authentication: mode.authentication, evidence });
}

/** Reads message 5 or 6 under these keys. */
export function prove(
  turn: Turn,
  mode: AwaitsFifth | AwaitsSixth,
  keys: IkeKeys,
  packet: Packet,
): Proof | 'undecryptable' | 'hashMismatch' {
  const { crypto } = turn.env;
  const opened = openOrUndefined(() => open(crypto, keys, mode.iv, packet));
  if (opened === undefined) return 'undecryptable';
  const { chain, nextIv } = opened;
  const identity = find(chain, 'identification');
  const body = bodyOf(chain, 'identification');
  const proof = find(chain, 'hash')?.data;
  if (identity === undefined || body === undefined || proof === undefined) return 'undecryptable';
  if (!crypto.equal(proof, hashOfPeer(turn, mode, keys, body))) return 'hashMismatch';
  return { identity: fromWire(identity), nextIv, chain };
}

export function saysInitialContact(chain: Chain): boolean {
  return findAll(chain, 'notification').some(({ type }) => type === 'initialContact');
}

/** HASH_I or HASH_R, whichever is the peer's. @param identity  the body of its ID payload */
export function hashOfPeer(
  turn: Turn,
  mode: AwaitsFifth | AwaitsSixth,
  keys: IkeKeys,
  identity: Uint8Array,
): Uint8Array {
  const prover = mode.role === 'initiator' ? 'responder' : 'initiator';
  return authenticationHash(turn.env.crypto, keys, proofHash(mode), prover, exchangeOf(mode, identity));
}

/** With a wrong key the plain text is noise, which no parser can read. */
export function openOrUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
