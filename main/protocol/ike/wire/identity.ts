import { fromUtf8, utf8 } from '../../wire/bytes.ts';
import { type Codec, type Reader, type Writer, bytes, rest, struct } from '../../wire/codec.ts';
import { identityTypes } from './registry.ts';

/** Who or what an ID payload names (RFC 2407 §4.6.2). Addresses and masks are in network order. */
export type Identity =
  | { readonly type: 'ipv4' | 'ipv6'; readonly address: Uint8Array }
  | { readonly type: 'ipv4Subnet' | 'ipv6Subnet'; readonly address: Uint8Array; readonly mask: Uint8Array }
  | { readonly type: 'ipv4Range' | 'ipv6Range'; readonly first: Uint8Array; readonly last: Uint8Array }
  | { readonly type: 'fqdn' | 'userFqdn'; readonly name: string }
  | { readonly type: 'keyId' | 'derAsn1Dn' | 'derAsn1Gn' | number; readonly data: Uint8Array };

const name: Codec<string> = {
  read: (reader) => fromUtf8(reader.rest()),
  write: (writer, text) => void writer.raw(utf8(text)),
};

const layouts = {
  ipv4: struct({ address: bytes(4) }),
  ipv6: struct({ address: bytes(16) }),
  ipv4Subnet: struct({ address: bytes(4), mask: bytes(4) }),
  ipv6Subnet: struct({ address: bytes(16), mask: bytes(16) }),
  ipv4Range: struct({ first: bytes(4), last: bytes(4) }),
  ipv6Range: struct({ first: bytes(16), last: bytes(16) }),
  fqdn: struct({ name }),
  userFqdn: struct({ name }),
};
const opaque = struct({ data: rest });

function layoutOf(type: Identity['type']): Codec<unknown> {
  return type in layouts ? layouts[type as keyof typeof layouts] : opaque;
}

/** RFC 2407 §4.6.2: the identity, and the IP protocol and port it is about (0: any). */
export interface Identification {
  readonly identity: Identity;
  readonly protocol: number;
  readonly port: number;
}

export const Identification: Codec<Identification> = {
  read: (reader: Reader) => {
    const type = identityTypes.name(reader.u8('ID type'));
    const protocol = reader.u8('protocol');
    const port = reader.u16('port');
    const fields = layoutOf(type).read(reader) as object;
    return { identity: { type, ...fields } as Identity, protocol, port };
  },
  write: (writer: Writer, { identity, protocol, port }) => {
    writer.u8(identityTypes.number(identity.type)).u8(protocol).u16(port);
    layoutOf(identity.type).write(writer, identity);
  },
};
