import { concat, toHex } from '../wire/bytes.ts';
import { type Dialect, chooseDialect, dialects } from './nat-traversal.ts';
import type { PeerFeatures } from './state.ts';
import { type Chain, type Payload, findAll, vendorIds, vendorName } from './wire/index.ts';

const maxVendors = 40;
/** "Phase 1 messages too": strongSwan compares it whole, Microsoft and Cisco only how it begins. */
const fragmentationFlags = Uint8Array.of(0x80, 0, 0, 0);

/** What an initiator announces: every dialect of NAT traversal. A responder names the one that is spoken. */
export function vendorPayloads(spoken: readonly Dialect[] = dialects): Payload[] {
  const ids = [
    ...spoken.map(({ vendor }) => vendorIds[vendor]),
    vendorIds.deadPeerDetection,
    concat(vendorIds.fragmentation, fragmentationFlags),
  ];
  return ids.map((id) => ({ kind: 'vendorId', id }));
}

export function featuresOf(chain: Chain): PeerFeatures {
  const vendors = findAll(chain, 'vendorId')
    .slice(0, maxVendors)
    .map(({ id }) => vendorName(id) ?? toHex(id.subarray(0, 32)));
  return {
    vendors,
    dialect: chooseDialect(vendors),
    deadPeerDetection: vendors.includes('deadPeerDetection'),
    fragmentation: vendors.includes('fragmentation'),
  };
}
