import type { HostIpsec } from '../../contracts/host-ipsec.ts';
import { dayMs } from '../../contracts/time.ts';

/** Names of proposals as the contracts write them, best first. */
export interface AcceptedProposals {
  readonly ike: readonly string[];
  readonly esp: readonly string[];
}

const encryptions = ['aes256', 'aes128', 'aes192', '3des'];
const hashes = ['sha256', 'sha384', 'sha512', 'sha1', 'md5'];
const groups = ['ecp256', 'ecp384', 'curve25519', 'ecp521', 'modp3072', 'modp4096', 'modp2048', 'modp1536', 'modp1024'];
const integrities = ['sha256', 'sha384', 'sha512', 'sha1'];

const everyIke = hashes.flatMap((hash) =>
  groups.flatMap((group) => encryptions.map((encryption) => `${encryption}-${hash}-${group}`)),
);
const everyEsp = [
  'aes256gcm16',
  'aes128gcm16',
  ...integrities.flatMap((integrity) => encryptions.map((encryption) => `${encryption}-${integrity}`)),
];

type Strength = 'modern' | 'compatible' | 'legacy';
const ranks: readonly Strength[] = ['modern', 'compatible', 'legacy'];
const rankOf = (strength: Strength): number => ranks.indexOf(strength);

/** A proposal is as weak as its weakest part. */
export function strengthOf(proposal: string): Strength {
  const parts = proposal.split('-');
  const has = (...weak: readonly string[]): boolean => weak.some((part) => parts.includes(part));
  if (has('3des', 'md5', 'modp1024')) return 'legacy';
  return has('sha1', 'modp1536') ? 'compatible' : 'modern';
}

/** The legacy switch holds to the end of its last day, in UTC. */
export function legacyAllowed({ legacy }: HostIpsec, nowMs: number): boolean {
  return legacy !== undefined && nowMs < legacyEndMs(legacy.until);
}

export function legacyEndMs(until: string): number {
  return Date.parse(`${until}T00:00:00Z`) + dayMs;
}

/** What the host agrees to at this moment: the legacy switch runs out by itself. */
export function acceptedProposals(ipsec: HostIpsec, nowMs: number): AcceptedProposals {
  const isLegacyAllowed = legacyAllowed(ipsec, nowMs);
  const accepted = (exact: readonly string[] | undefined, all: readonly string[]): readonly string[] => {
    // An exact list keeps its order, and is held to the legacy switch alone.
    if (exact !== undefined) return exact.filter((name) => isLegacyAllowed || strengthOf(name) !== 'legacy');
    const weakest = rankOf(isLegacyAllowed ? 'legacy' : ipsec.security);
    const rank = (name: string): number => rankOf(strengthOf(name));
    return all.filter((name) => rank(name) <= weakest).toSorted((a, b) => rank(a) - rank(b));
  };
  return { ike: accepted(ipsec.ikeProposals, everyIke), esp: accepted(ipsec.espProposals, everyEsp) };
}
