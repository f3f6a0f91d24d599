import type { IdentityForm } from '../contracts/profile.ts';
import { type Identity, sameIdentity } from '../protocol/ike/index.ts';
import { fromHex, fromLatin1, toHex, utf8 } from '../protocol/wire/bytes.ts';
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
    case 'distinguishedName':
      return `distinguished name 0x${toHex(identity.der)}`;
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

const longestFormText = 255;

/** The form that stands for exactly this identity; `undefined` where none does. */
export function identityFormOf(identity: Identity): IdentityForm | undefined {
  const form = likelyForm(identity);
  const isShown = form !== undefined && form.value.length <= longestFormText && printable(form.value) === form.value;
  return isShown && form.value !== '' && sameIdentity(identityOf(form), identity) ? form : undefined;
}

function likelyForm(identity: Identity): IdentityForm | undefined {
  switch (identity.type) {
    case 'ipv4':
    case 'ipv6':
      return { kind: 'address', value: identity.address };
    case 'fqdn':
    case 'userFqdn':
      return { kind: identity.type, value: identity.name };
    case 'keyId': {
      const isText = identity.bytes.every((byte) => byte > 0x20 && byte < 0x7f);
      const text = fromLatin1(identity.bytes);
      return { kind: 'keyId', value: isText && !/^0x/i.test(text) ? text : `0x${toHex(identity.bytes)}` };
    }
    // Comes with a certificate, and there the user is not asked to believe another name (field note 5).
    case 'distinguishedName':
    case 'other':
      return undefined;
  }
}
