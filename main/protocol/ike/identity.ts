import { addressBytes, addressText } from '../wire/address.ts';
import { sameBytes } from '../wire/bytes.ts';
import type { Identity } from './types.ts';
import { type Identification, type PayloadOf, encodeBody, identityTypes } from './wire/index.ts';

/** The address as it goes into payloads: without a zone, and unspecified where the text is no literal. */
export function addressOctets(address: string): Uint8Array {
  return addressBytes(address.replace(/%.*$/, '')) ?? new Uint8Array(4);
}

export function addressIdentity(address: string): Identity {
  return { type: address.includes(':') ? 'ipv6' : 'ipv4', address };
}

/** The ID payload; `port` with UDP where it selects traffic in quick mode, neither where it names a peer. */
export function identification(identity: Identity, udpPort?: number): PayloadOf<'identification'> {
  return {
    kind: 'identification',
    identity: toWire(identity),
    protocol: udpPort === undefined ? 0 : protocolUdp,
    port: udpPort ?? 0,
  };
}

export const protocolUdp = 17;

export function fromWire(payload: PayloadOf<'identification'>): Identity {
  const { identity } = payload;
  if (identity.type === 'ipv4' || identity.type === 'ipv6') {
    return { type: identity.type, address: addressText(identity.address) };
  }
  if (identity.type === 'fqdn' || identity.type === 'userFqdn') return identity;
  if (identity.type === 'keyId') return { type: 'keyId', bytes: identity.data };
  if (identity.type === 'derAsn1Dn') return { type: 'distinguishedName', der: identity.data };
  return { type: 'other', idType: identityTypes.number(identity.type), bytes: encodeBody(payload).subarray(4) };
}

function toWire(identity: Identity): Identification['identity'] {
  switch (identity.type) {
    case 'ipv4':
    case 'ipv6':
      return { type: identity.type, address: addressOctets(identity.address) };
    case 'fqdn':
    case 'userFqdn':
      return identity;
    case 'keyId':
      return { type: 'keyId', data: identity.bytes };
    case 'distinguishedName':
      return { type: 'derAsn1Dn', data: identity.der };
    case 'other':
      return { type: identity.idType, data: identity.bytes };
  }
}

/** Domain names know no case (RFC 4343); everything else is compared as it is, distinguished names by their encoding. */
export function sameIdentity(a: Identity, b: Identity): boolean {
  switch (a.type) {
    case 'ipv4':
    case 'ipv6':
      return b.type === a.type && sameBytes(addressOctets(a.address), addressOctets(b.address));
    case 'fqdn':
    case 'userFqdn':
      return b.type === a.type && a.name.toLowerCase() === b.name.toLowerCase();
    case 'keyId':
      return b.type === 'keyId' && sameBytes(a.bytes, b.bytes);
    case 'distinguishedName':
      return b.type === 'distinguishedName' && sameBytes(a.der, b.der);
    case 'other':
      return b.type === 'other' && a.idType === b.idType && sameBytes(a.bytes, b.bytes);
  }
}
