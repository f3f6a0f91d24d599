import type { CryptoPort, HashName } from '../crypto.ts';
import { addressText } from '../wire/address.ts';
import { sameBytes } from '../wire/bytes.ts';
import { addressOctets } from './identity.ts';
import { type Pair, natDetectionHash } from './keys.ts';
import type { Endpoint, IkeConfig, IkeRole, NatDetected, NatOriginalAddresses } from './types.ts';
import { type Chain, type EspTransform, type Payload, type VendorName, find, findAll } from './wire/index.ts';

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

/** Whose end is made to look as if it were behind a NAT. */
export type Pretence = 'none' | 'local' | 'remote';

export function pretenceOf({ role, forceEncapsulation }: Pick<IkeConfig, 'role' | 'forceEncapsulation'>): Pretence {
  if (!forceEncapsulation) return 'none';
  return role === 'initiator' ? 'local' : 'remote';
}

/**
 * The peer's end first, then ours (RFC 3947 §3.2). The hash of the end that pretends is deliberately wrong: the peer then finds
 * that end behind a NAT. A responder that has the peer pretend says of its own end what the peer said of it (`ourEndByPeer`),
 * so that the peer never finds the responder behind a NAT, even where a router forwards its ports.
 */
export function detectionPayloads(
  crypto: CryptoPort,
  hash: HashName,
  dialect: Dialect,
  cookies: Pair,
  ends: Ends,
  pretence: Pretence,
  ourEndByPeer?: Uint8Array,
): Payload[] {
  const hashOf = endpointHash(crypto, hash, cookies);
  const [remote, local] = [hashOf(ends.remote), hashOf(ends.local)];
  return [
    { kind: dialect.detection, data: pretence === 'remote' ? crypto.random(remote.length) : remote },
    { kind: dialect.detection, data: pretence === 'local' ? crypto.random(local.length) : (ourEndByPeer ?? local) },
  ];
}

/** What the peer says of our end: the hash of the address that it sends to. */
export function ourEndByPeer(dialect: Dialect, chain: Chain): Uint8Array | undefined {
  return find(chain, dialect.detection)?.data;
}

/** @returns undefined where the peer sent no detection payloads. */
export function detect(
  crypto: CryptoPort,
  hash: HashName,
  dialect: Dialect,
  cookies: Pair,
  ends: Ends,
  pretence: Pretence,
  chain: Chain,
): NatDetected | undefined {
  const [ours, ...theirs] = findAll(chain, dialect.detection).map(({ data }) => data);
  if (ours === undefined || theirs.length === 0) return undefined;
  const hashOf = endpointHash(crypto, hash, cookies);
  const remote = hashOf(ends.remote);
  return {
    local: pretence === 'local' || !sameBytes(ours, hashOf(ends.local)),
    remote: pretence === 'remote' || !theirs.some((each) => sameBytes(each, remote)),
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
