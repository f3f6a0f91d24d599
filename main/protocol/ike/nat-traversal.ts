import type { CryptoPort, HashName } from '../crypto.ts';
import { addressText } from '../wire/address.ts';
import { sameBytes } from '../wire/bytes.ts';
import { addressOctets } from './identity.ts';
import { type Pair, natDetectionHash } from './keys.ts';
import type { Endpoint, IkeRole, NatDetected, NatOriginalAddresses } from './types.ts';
import { type Chain, type EspTransform, type Payload, type VendorName, findAll } from './wire/index.ts';

/** RFC 3947 and its drafts say the same in different numbers. */
export interface Dialect {
  readonly vendor: VendorName;
  readonly detection: 'natDetection' | 'natDetectionDraft';
  readonly original: 'natOriginalAddress' | 'natOriginalAddressDraft';
  readonly mode: NonNullable<EspTransform['mode']>;
  /** RFC 3947 §5.2 sends both ends' addresses; draft -02 only the sender's own. */
  readonly originals: 'both' | 'own';
}

const draft = {
  detection: 'natDetectionDraft',
  original: 'natOriginalAddressDraft',
  mode: 'udpTransportDraft',
} as const;

/** In order of preference; the first that both ends announced is spoken. */
export const dialects: readonly Dialect[] = [
  {
    vendor: 'natTraversal',
    detection: 'natDetection',
    original: 'natOriginalAddress',
    mode: 'udpTransport',
    originals: 'both',
  },
  { vendor: 'natTraversalDraft03', ...draft, originals: 'both' },
  { vendor: 'natTraversalDraft02Newline', ...draft, originals: 'own' },
  { vendor: 'natTraversalDraft02', ...draft, originals: 'own' },
];

export function chooseDialect(vendors: readonly string[]): Dialect | undefined {
  return dialects.find(({ vendor }) => vendors.includes(vendor));
}

function endpointHash(crypto: CryptoPort, hash: HashName, cookies: Pair) {
  return ({ address, port }: Endpoint) => natDetectionHash(crypto, hash, cookies, addressOctets(address), port);
}

export interface Ends {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

/**
 * The peer's end first, then ours (RFC 3947 §3.2). Ours is deliberately wrong where encapsulation is forced: the peer
 * then finds us behind a NAT.
 */
export function detectionPayloads(
  crypto: CryptoPort,
  hash: HashName,
  dialect: Dialect,
  cookies: Pair,
  ends: Ends,
  forceEncapsulation: boolean,
): Payload[] {
  const hashOf = endpointHash(crypto, hash, cookies);
  const remote = hashOf(ends.remote);
  const local = forceEncapsulation ? crypto.random(remote.length) : hashOf(ends.local);
  return [
    { kind: dialect.detection, data: remote },
    { kind: dialect.detection, data: local },
  ];
}

/** @returns undefined where the peer sent no detection payloads. */
export function detect(
  crypto: CryptoPort,
  hash: HashName,
  dialect: Dialect,
  cookies: Pair,
  ends: Ends,
  forceEncapsulation: boolean,
  chain: Chain,
): NatDetected | undefined {
  const [ours, ...theirs] = findAll(chain, dialect.detection).map(({ data }) => data);
  if (ours === undefined || theirs.length === 0) return undefined;
  const hashOf = endpointHash(crypto, hash, cookies);
  const remote = hashOf(ends.remote);
  return {
    local: forceEncapsulation || !sameBytes(ours, hashOf(ends.local)),
    remote: !theirs.some((each) => sameBytes(each, remote)),
  };
}

/** RFC 3947 §5.2: the addresses from before the NAT, as this end sees them. */
export function originalAddressPayloads(dialect: Dialect, role: IkeRole, ends: Ends): Payload[] {
  const local = addressOctets(ends.local.address);
  const remote = addressOctets(ends.remote.address);
  const inOrder = role === 'initiator' ? [local, remote] : [remote, local];
  return (dialect.originals === 'own' ? [local] : inOrder).map((address) => ({ kind: dialect.original, address }));
}

/** @param sender  who sent the chain: a single payload is its own address. */
export function originalAddresses(dialect: Dialect, sender: IkeRole, chain: Chain): NatOriginalAddresses {
  const [first, second] = findAll(chain, dialect.original).map(({ address }) => addressText(address));
  if (first === undefined) return {};
  if (second === undefined) return sender === 'initiator' ? { initiator: first } : { responder: first };
  return { initiator: first, responder: second };
}
