import { type Codec, Reader, type TypeOf, Writer, bytes, rest, struct, u8, u16, u32 } from '../../wire/codec.ts';
import { WireError } from '../../wire/error.ts';
import { Identification } from './identity.ts';
import { named } from './named.ts';
import { certificateEncodings, notifications, protocols } from './registry.ts';
import { SecurityAssociation } from './security-association.ts';

const doiIpsec = 1;
const data = struct({ data: rest });
const encodedCertificate = struct({ encoding: named(u8, certificateEncodings), data: rest });

const NotificationHead = struct({
  doi: u32,
  protocol: named(u8, protocols),
  spiBytes: u8,
  type: named(u16, notifications),
});
const DeleteHead = struct({ doi: u32, protocol: named(u8, protocols), spiBytes: u8, spis: u16 });

interface Notification {
  readonly protocol: TypeOf<typeof NotificationHead>['protocol'];
  readonly spi: Uint8Array;
  readonly type: TypeOf<typeof NotificationHead>['type'];
  readonly data: Uint8Array;
}

/** RFC 2408 §3.14. Peers put 0 or 1 for the domain of interpretation; it tells nothing. */
const Notification: Codec<Notification> = {
  read: (reader) => {
    const { protocol, spiBytes, type } = NotificationHead.read(reader);
    return { protocol, spi: reader.take(spiBytes, 'SPI'), type, data: reader.rest() };
  },
  write: (writer, { protocol, spi, type, data: detail }) => {
    NotificationHead.write(writer, { doi: doiIpsec, protocol, spiBytes: spi.length, type });
    writer.raw(spi).raw(detail);
  },
};

interface Delete {
  readonly protocol: Notification['protocol'];
  /** Of one length; in phase 1 the two cookies together. */
  readonly spis: readonly Uint8Array[];
}

/** RFC 2408 §3.15 */
const Delete: Codec<Delete> = {
  read: (reader) => {
    const { protocol, spiBytes, spis } = DeleteHead.read(reader);
    if (spiBytes * spis !== reader.remaining) reader.fail(`${spis} SPIs of ${spiBytes} bytes in ${reader.remaining}`);
    if (spiBytes === 0 && spis > 0) reader.fail('empty SPIs');
    return { protocol, spis: Array.from({ length: spis }, () => reader.take(spiBytes)) };
  },
  write: (writer, { protocol, spis }) => {
    const spiBytes = spis[0]?.length ?? 0;
    DeleteHead.write(writer, { doi: doiIpsec, protocol, spiBytes, spis: spis.length });
    for (const spi of spis) bytes(spiBytes).write(writer, spi);
  },
};

interface OriginalAddress {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
}

/** RFC 3947 §5.2: an ID payload without protocol and port. */
const OriginalAddress: Codec<OriginalAddress> = {
  read: (reader) => {
    const { identity } = Identification.read(reader);
    if (identity.type === 'ipv4' || identity.type === 'ipv6') return { address: identity.address };
    return reader.fail(`NAT-OA of ID type ${identity.type}`);
  },
  write: (writer, { address }) => {
    const type = address.length === 4 ? 'ipv4' : 'ipv6';
    Identification.write(writer, { identity: { type, address }, protocol: 0, port: 0 });
  },
};

/** Each payload: its number and the layout of what follows the generic header. RFC 2408 §3.1 unless said. */
const payloads = {
  securityAssociation: { type: 1, body: SecurityAssociation },
  keyExchange: { type: 4, body: data },
  identification: { type: 5, body: Identification },
  certificate: { type: 6, body: encodedCertificate },
  certificateRequest: { type: 7, body: encodedCertificate },
  hash: { type: 8, body: data },
  signature: { type: 9, body: data },
  nonce: { type: 10, body: data },
  notification: { type: 11, body: Notification },
  delete: { type: 12, body: Delete },
  vendorId: { type: 13, body: struct({ id: rest }) },
  natDetection: { type: 20, body: data }, // RFC 3947 §3.2
  natOriginalAddress: { type: 21, body: OriginalAddress }, // RFC 3947 §5.2
  natDetectionDraft: { type: 130, body: data }, // draft-ietf-ipsec-nat-t-ike-02 and -03
  natOriginalAddressDraft: { type: 131, body: OriginalAddress },
  /** One piece of a whole message; bit 0 of `flags` marks the last (Cisco's and Microsoft's; [MS-IKEE] §2.2.3). */
  fragment: { type: 132, body: struct({ fragmentId: u16, number: u8, flags: u8, data: rest }) },
} as const;

type Payloads = typeof payloads;
export type PayloadKind = keyof Payloads;

/** A payload by kind; one of an unknown type is kept as it is. */
export type Payload =
  | { readonly [K in PayloadKind]: { readonly kind: K } & TypeOf<Payloads[K]['body']> }[PayloadKind]
  | { readonly kind: 'unknown'; readonly type: number; readonly data: Uint8Array };
export type PayloadOf<K extends Payload['kind']> = Extract<Payload, { kind: K }>;

export const lastFragment = 1;
const headBytes = 4; // u8 next payload, u8 reserved, u16 length with these four: RFC 2408 §3.2
const maxPayloads = 64;
const kinds = new Map<number, PayloadKind>(
  Object.entries(payloads).map(([kind, { type }]) => [type, kind as PayloadKind]),
);

/** The payloads of one message, with the bytes that hashes are made of. */
export interface Chain {
  readonly payloads: readonly Payload[];
  /** Each payload's body, without its generic header: `SAi_b`, `IDii_b` and the like (RFC 2409 §3.2). */
  readonly bodies: readonly Uint8Array[];
  /** All that follows the first payload, without padding: what HASH(1) and HASH(2) cover (RFC 2409 §5.5). */
  readonly afterFirst: Uint8Array;
}

/**
 * Reads the payloads of a message.
 * @param padded  after decryption, where padding may follow the last payload
 * @throws WireError
 */
export function decodeChain(firstPayload: number, body: Uint8Array, { padded = false } = {}): Chain {
  const reader = new Reader(body);
  const decoded: Payload[] = [];
  const bodies: Uint8Array[] = [];
  let firstEnd = 0;
  for (let type = firstPayload; type !== 0;) {
    if (decoded.length === maxPayloads) reader.fail('too many payloads');
    const next = reader.u8('next payload');
    reader.u8('reserved');
    const lengthBytes = reader.u16('payload length');
    if (lengthBytes < headBytes) reader.fail(`payload length ${lengthBytes}`);
    const part = reader.take(lengthBytes - headBytes, 'payload');
    decoded.push(decodePayload(type, part));
    bodies.push(part);
    if (decoded.length === 1) firstEnd = reader.offset;
    type = next;
  }
  if (!padded) reader.end('last payload');
  return { payloads: decoded, bodies, afterFirst: body.subarray(firstEnd, reader.offset) };
}

/** @returns the type of the first payload, for the header, and the payloads' bytes. */
export function encodeChain(chain: readonly Payload[]): { readonly firstPayload: number; readonly body: Uint8Array } {
  const writer = new Writer();
  for (const [i, payload] of chain.entries()) {
    const start = writer.length;
    writer.u8(typeOf(chain[i + 1])).u8(0);
    writer.u16(0);
    bodyCodec(payload.kind).write(writer, payload);
    writer.patchU16(start + 2, writer.length - start);
  }
  return { firstPayload: typeOf(chain[0]), body: writer.finish() };
}

/** One payload's body alone, as it goes into hashes. */
export function encodeBody(payload: Payload): Uint8Array {
  const writer = new Writer();
  bodyCodec(payload.kind).write(writer, payload);
  return writer.finish();
}

/** The first payload of a kind. */
export function find<K extends Payload['kind']>(chain: Chain, kind: K): PayloadOf<K> | undefined {
  return chain.payloads.find((payload): payload is PayloadOf<K> => payload.kind === kind);
}

/** All payloads of a kind, in order. */
export function findAll<K extends Payload['kind']>(chain: Chain, kind: K): PayloadOf<K>[] {
  return chain.payloads.filter((payload): payload is PayloadOf<K> => payload.kind === kind);
}

/** The bytes of the first payload of a kind, as received. */
export function bodyOf(chain: Chain, kind: Payload['kind']): Uint8Array | undefined {
  return chain.bodies[chain.payloads.findIndex((payload) => payload.kind === kind)];
}

function decodePayload(type: number, part: Uint8Array): Payload {
  const kind = kinds.get(type);
  if (kind === undefined) return { kind: 'unknown', type, data: part };
  const reader = new Reader(part);
  const fields = payloads[kind].body.read(reader);
  reader.end(kind);
  return { kind, ...fields } as Payload;
}

function typeOf(payload: Payload | undefined): number {
  if (payload === undefined) return 0;
  if (payload.kind !== 'unknown') return payloads[payload.kind].type;
  if (payload.type === 0 || kinds.has(payload.type))
    throw new WireError('wire.value', 0, `unknown type ${payload.type}`);
  return payload.type;
}

function bodyCodec(kind: Payload['kind']): Codec<Payload> {
  return (kind === 'unknown' ? data : payloads[kind].body) as Codec<Payload>;
}
