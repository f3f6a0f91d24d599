import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import type { ExpectedPeer } from '../types.ts';
import type { Certificate } from '../x509/certificate.ts';
import { extensionIds } from '../x509/extensions.ts';

/** What a certificate may be used for. Where it does not say, it may be used for IKE (RFC 4945 §5.1.3.12). */

export const purposes = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  /** RFC 2459's for IPsec, withdrawn since, still issued. */
  ipsecEndSystem: '1.3.6.1.5.5.7.3.5',
  ipsecTunnel: '1.3.6.1.5.5.7.3.6',
  ipsecUser: '1.3.6.1.5.5.7.3.7',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  /** RFC 4945 §5.1.3.12. */
  ipsecIke: '1.3.6.1.5.5.7.3.17',
  /** Apple's and Microsoft's "IP security IKE intermediate". */
  ikeIntermediate: '1.3.6.1.5.5.8.2.2',
} as const;

const forBoth = [purposes.any, purposes.ipsecIke, purposes.ikeIntermediate, purposes.ipsecEndSystem];
const accepted: Readonly<Record<ExpectedPeer['role'], readonly string[]>> = {
  gateway: [...forBoth, purposes.serverAuth, purposes.ipsecTunnel],
  client: [...forBoth, purposes.clientAuth, purposes.ipsecUser],
};

/** @throws MalformedError */
export function isForRole(certificate: Certificate, role: ExpectedPeer['role']): boolean {
  const stated = purposesOf(certificate);
  return stated === undefined || stated.some((purpose) => accepted[role].includes(purpose));
}

/** Absent: for anything. @throws MalformedError */
export function purposesOf({ extensions }: Certificate): readonly string[] | undefined {
  return extensions.find(extensionIds.extendedKeyUsage, pkijs.ExtKeyUsage)?.keyPurposes;
}

/** Bits of the key usage extension, from the most significant of its first byte (RFC 5280 §4.2.1.3). */
const usageBits = { digitalSignature: 0x80, contentCommitment: 0x40, keyCertSign: 0x04, crlSign: 0x02 } as const;

/** Whether its key may be used for one of these; where it does not say, for all. @throws MalformedError */
export function mayUseKeyFor({ extensions }: Certificate, ...usages: readonly (keyof typeof usageBits)[]): boolean {
  const stated = extensions.find(extensionIds.keyUsage, asn1js.BitString);
  if (stated === undefined) return true;
  const bits = stated.valueBlock.valueHexView[0] ?? 0;
  return usages.some((usage) => (bits & usageBits[usage]) !== 0);
}
