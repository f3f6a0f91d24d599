import { fromHex, sameBytes } from '../../wire/bytes.ts';

/**
 * Vendor IDs seen in the field; most are the MD5 of a phrase. Some are followed by a version or flags, so that a Vendor
 * ID is known by how it begins.
 */
export const vendorIds = {
  natTraversal: fromHex('4a131c81070358455c5728f20e95452f'), // "RFC 3947"
  natTraversalDraft03: fromHex('7d9419a65310ca6f2c179d9215529d56'), // "draft-ietf-ipsec-nat-t-ike-03"
  natTraversalDraft02: fromHex('cd60464335df21f87cfdb2fc68b6a448'), // "draft-ietf-ipsec-nat-t-ike-02"
  natTraversalDraft02Newline: fromHex('90cb80913ebb696e086381b5ec427b1f'), // "draft-ietf-ipsec-nat-t-ike-02\n"
  natTraversalDraft00: fromHex('4485152d18b6bbcd0be8a8469579ddcc'),
  natTraversalDraft01: fromHex('16f6ca16e4a4066d83821a0f0aeaa862'),
  natTraversalDraft04: fromHex('9909b64eed937c6573de52ace952fa6b'),
  natTraversalDraft05: fromHex('80d0bb3def54565ee84645d4c85ce3ee'),
  natTraversalDraft06: fromHex('4d1e0e136deafa34c4f3ea9f02ec7285'),
  natTraversalDraft07: fromHex('439b59f8ba676c4c7737ae22eab8f582'),
  natTraversalDraft08: fromHex('8f8d83826d246b6fc7a8a6a428c11de8'),
  natTraversalDraft: fromHex('4df37928e9fc4fd1b3262170d515c662'), // "draft-ietf-ipsec-nat-t-ike"
  deadPeerDetection: fromHex('afcad71368a1f1c96b8696fc77570100'), // RFC 3706 §5.1, version 1.0
  fragmentation: fromHex('4048b7d56ebce88525e7de7f00d6c2d3'), // "FRAGMENTATION"; Cisco and racoon append flags
  microsoftNt5: fromHex('1e2b516905991c7d7c96fcbfb587e461'), // "MS NT5 ISAKMPOAKLEY", then a version
  microsoftInitialContact: fromHex('26244d38eddb61b3172a36e3d0cfb819'), // "Vid-Initial-Contact"
  microsoftIkeCga: fromHex('e3a5966a76379fe707228231e5ce8652'), // "IKE CGA version 1"
  microsoftNegotiationDiscovery: fromHex('fb1de3cdf341b7ea16b7e5be0855f120'), // "MS-Negotiation Discovery Capable"
  microsoftMamieExists: fromHex('214ca4faffa7f32d6748e5303395ae83'), // "MS-MamieExists"
  microsoftWindows8: fromHex('01528bbbc00696121849ab9a1c5b2a51'), // unpublished; Windows 8 and later, then a version
  gssApi: fromHex('621b04bb09882ac1e15935fefa24aeee'), // "GSSAPI"
  xauth: fromHex('09002689dfd6b712'), // draft-ietf-ipsec-isakmp-xauth-06
  ciscoUnity: fromHex('12f5f28c457168a9702d9fe274cc'), // then a version
  strongSwan: fromHex('882fe56d6fd20dbc2251613b2ebe5beb'), // "strongSwan"
} as const satisfies Readonly<Record<string, Uint8Array>>;

export type VendorName = keyof typeof vendorIds;

export function vendorName(id: Uint8Array): VendorName | undefined {
  const found = Object.entries(vendorIds).find(([, known]) => sameBytes(id.subarray(0, known.length), known));
  return found?.[0] as VendorName | undefined;
}
