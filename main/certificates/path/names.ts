import type { CertificateIdentity } from '../../contracts/certificates.ts';
import { addressBytes, sameBytes } from '../x509/address.ts';
import type { Certificate } from '../x509/certificate.ts';
import {
  parseDistinguishedName,
  readDistinguishedName,
  sameName,
  type DistinguishedName,
} from '../x509/distinguished-name.ts';
import { MalformedError } from '../x509/malformed.ts';

/**
 * Whether a certificate is of whom an identity names (RFC 4945 §3.1). The common name is never taken for a host's name, as it is
 * free text: whoever has a gateway whose certificate holds no alternative name pins its whole subject.
 */
export function isOf(certificate: Certificate, identity: CertificateIdentity): boolean {
  const { names, subject } = certificate;
  switch (identity.kind) {
    case 'address': {
      const address = addressBytes(identity.value);
      return address !== undefined && names.addresses.some((known) => sameBytes(known, address));
    }
    case 'fqdn':
      return names.dnsNames.some((pattern) => matchesDnsName(pattern, identity.value));
    case 'userFqdn':
      return names.mailAddresses.some((known) => foldedMailAddress(known) === foldedMailAddress(identity.value));
    case 'distinguishedName': {
      const wanted = distinguishedNameOf(identity.value);
      // RFC 4514 writes the last part first, most tools the first: who writes a name should not have to know.
      return (
        wanted !== undefined &&
        wanted.length > 0 &&
        (sameName(subject, wanted) || sameName(subject, wanted.toReversed()))
      );
    }
  }
}

/** A gateway by a name or an address that it was dialled by. */
export function isOfHost(certificate: Certificate, host: string): boolean {
  return isOf(certificate, { kind: addressBytes(host) === undefined ? 'fqdn' : 'address', value: host });
}

function distinguishedNameOf(value: string | Uint8Array): DistinguishedName | undefined {
  if (typeof value === 'string') return parseDistinguishedName(value);
  try {
    return readDistinguishedName(value);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** A star stands for the whole left-most label and nothing else (RFC 6125 §6.4.3), and not for all of a top-level domain. */
function matchesDnsName(pattern: string, name: string): boolean {
  const [first, ...rest] = labelsOf(pattern);
  const [nameFirst, ...nameRest] = labelsOf(name);
  if (first === undefined || nameFirst === undefined || rest.join('.') !== nameRest.join('.')) return false;
  return first === nameFirst || (first === '*' && rest.length >= 2 && nameFirst !== '*');
}

/** Names know no case (RFC 4343), and the final dot says nothing here. */
function labelsOf(name: string): readonly string[] {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.');
  return labels.includes('') ? [] : labels;
}

/** The part before the @ is compared as it is (RFC 5280 §7.5). */
function foldedMailAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return address.slice(0, at + 1) + address.slice(at + 1).toLowerCase();
}
