import type { Identity } from '../protocol/ike/index.ts';
import { toHex } from '../protocol/wire/bytes.ts';
import { printable } from '../protocol/wire/text.ts';

/** For people. */
export function describeIdentity(identity: Identity): string {
  switch (identity.type) {
    case 'ipv4':
    case 'ipv6':
      return identity.address;
    case 'fqdn':
    case 'userFqdn':
      return printable(identity.name);
    case 'keyId':
      return `key ID 0x${toHex(identity.bytes)}`;
    case 'other':
      return `identity of type ${identity.idType} 0x${toHex(identity.bytes)}`;
  }
}
