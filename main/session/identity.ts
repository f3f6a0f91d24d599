import type { IdentityForm } from '../contracts/profile.ts';
import type { Identity } from '../protocol/ike/index.ts';
import { fromHex, toHex, utf8 } from '../protocol/wire/bytes.ts';
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

/** As the contracts write it. A key ID is text, or bytes in hexadecimal after `0x`. */
export function identityOf({ kind, value }: IdentityForm): Identity {
  switch (kind) {
    case 'address':
      return { type: value.includes(':') ? 'ipv6' : 'ipv4', address: value };
    case 'fqdn':
    case 'userFqdn':
      return { type: kind, name: value };
    case 'keyId':
      return { type: kind, bytes: /^0x([0-9a-f]{2})+$/i.test(value) ? fromHex(value.slice(2)) : utf8(value) };
  }
}
