import fc from 'fast-check';
import {
  type EspProposal,
  type Header,
  type IkeProposal,
  type OtherProposal,
  type Payload,
  type RawAttribute,
  authenticationMethods,
  certificateEncodings,
  encapsulationModes,
  espIntegrities,
  espTransforms,
  exchanges,
  groups,
  ikeCiphers,
  ikeHashes,
  notifications,
  protocols,
} from '../../../../main/protocol/ike/wire/index.ts';

/** Values of every shape the codec reads, for properties that hold of all of them. */

interface Names<Name extends string> {
  readonly numbers: Readonly<Record<Name, number>>;
}

/** A name of the table, or a number that has none. */
function nameOrNumber<Name extends string>(table: Names<Name>, max = 0xff): fc.Arbitrary<Name | number> {
  const taken = new Set<number>(Object.values(table.numbers));
  return fc.oneof(
    fc.constantFrom(...(Object.keys(table.numbers) as Name[])),
    fc.integer({ min: 0, max }).filter((value) => !taken.has(value)),
  );
}

const bytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength });
const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

/** Of types that no table here knows. */
const rawAttribute: fc.Arbitrary<RawAttribute> = fc.record({
  type: fc.integer({ min: 100, max: 0x7fff }),
  value: fc.oneof(u16, bytes(12)),
});
const unknown = fc.array(rawAttribute, { minLength: 1, maxLength: 4 });

const lifetime = { lifeSeconds: u32, lifeKilobytes: u32 };

const ikeProposal: fc.Arbitrary<IkeProposal> = fc.record({
  number: u8,
  protocol: fc.constant('isakmp' as const),
  spi: bytes(8),
  transforms: fc.array(
    fc.record(
      {
        number: u8,
        transform: fc.constantFrom('keyIke' as const, 0, 2),
        encryption: nameOrNumber(ikeCiphers, 0xffff),
        keyBits: u16,
        hash: nameOrNumber(ikeHashes, 0xffff),
        authentication: nameOrNumber(authenticationMethods, 0xffff),
        group: nameOrNumber(groups, 0xffff),
        ...lifetime,
        unknown,
      },
      { requiredKeys: ['number', 'transform'] },
    ),
    { minLength: 1, maxLength: 5 },
  ),
});

const espProposal: fc.Arbitrary<EspProposal> = fc.record({
  number: u8,
  protocol: fc.constant('esp' as const),
  spi: bytes(4),
  transforms: fc.array(
    fc.record(
      {
        number: u8,
        transform: nameOrNumber(espTransforms),
        mode: nameOrNumber(encapsulationModes, 0xffff),
        integrity: nameOrNumber(espIntegrities, 0xffff),
        keyBits: u16,
        group: nameOrNumber(groups, 0xffff),
        extendedSequence: u16,
        ...lifetime,
        unknown,
      },
      { requiredKeys: ['number', 'transform'] },
    ),
    { minLength: 1, maxLength: 5 },
  ),
});

const otherProposal: fc.Arbitrary<OtherProposal> = fc.record({
  number: u8,
  protocol: fc.constantFrom('ah' as const, 'ipcomp' as const, 200),
  spi: bytes(4),
  transforms: fc.array(fc.record({ number: u8, transform: u8, unknown: fc.array(rawAttribute, { maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
});

const identity = fc.oneof(
  fc.record({ type: fc.constant('ipv4' as const), address: bytes(4, 4) }),
  fc.record({ type: fc.constant('ipv6' as const), address: bytes(16, 16) }),
  fc.record({ type: fc.constant('ipv4Subnet' as const), address: bytes(4, 4), mask: bytes(4, 4) }),
  fc.record({ type: fc.constant('ipv6Subnet' as const), address: bytes(16, 16), mask: bytes(16, 16) }),
  fc.record({ type: fc.constant('ipv4Range' as const), first: bytes(4, 4), last: bytes(4, 4) }),
  fc.record({ type: fc.constant('ipv6Range' as const), first: bytes(16, 16), last: bytes(16, 16) }),
  fc.record({ type: fc.constantFrom('fqdn' as const, 'userFqdn' as const), name: fc.string({ unit: 'grapheme' }) }),
  fc.record({
    type: fc.constantFrom('keyId' as const, 'derAsn1Dn' as const, 'derAsn1Gn' as const, 77),
    data: bytes(40),
  }),
);

const address = fc.oneof(bytes(4, 4), bytes(16, 16));

function kind<T extends object>(name: Payload['kind'], fields: { [F in keyof T]: fc.Arbitrary<T[F]> }) {
  return fc.record({ kind: fc.constant(name), ...fields }) as unknown as fc.Arbitrary<Payload>;
}

const data = bytes(80);

/** One arbitrary of each payload, by kind: a new kind without one does not compile. */
export const payloadsByKind = {
  securityAssociation: kind('securityAssociation', {
    proposals: fc.array(fc.oneof(ikeProposal, espProposal, otherProposal), { minLength: 1, maxLength: 4 }),
  }),
  keyExchange: kind('keyExchange', { data }),
  identification: kind('identification', { identity, protocol: u8, port: u16 }),
  certificate: kind('certificate', { encoding: nameOrNumber(certificateEncodings), data }),
  certificateRequest: kind('certificateRequest', { encoding: nameOrNumber(certificateEncodings), data }),
  hash: kind('hash', { data }),
  signature: kind('signature', { data }),
  nonce: kind('nonce', { data }),
  notification: kind('notification', {
    protocol: nameOrNumber(protocols),
    spi: bytes(16),
    type: nameOrNumber(notifications, 0xffff),
    data,
  }),
  delete: fc.integer({ min: 1, max: 16 }).chain((spiBytes) =>
    kind('delete', {
      protocol: nameOrNumber(protocols),
      spis: fc.array(bytes(spiBytes, spiBytes), { maxLength: 4 }),
    }),
  ),
  vendorId: kind('vendorId', { id: data }),
  natDetection: kind('natDetection', { data }),
  natOriginalAddress: kind('natOriginalAddress', { address }),
  natDetectionDraft: kind('natDetectionDraft', { data }),
  natOriginalAddressDraft: kind('natOriginalAddressDraft', { address }),
  fragment: kind('fragment', { fragmentId: u16, number: u8, flags: u8, data }),
  unknown: kind('unknown', { type: fc.constantFrom(2, 14, 15, 19, 22, 129, 255), data }),
} satisfies Record<Payload['kind'], fc.Arbitrary<Payload>>;

export const payload: fc.Arbitrary<Payload> = fc.oneof(...Object.values(payloadsByKind));

export const header: fc.Arbitrary<Header> = fc.record({
  initiatorCookie: bytes(8, 8),
  responderCookie: bytes(8, 8),
  exchange: nameOrNumber(exchanges),
  encrypted: fc.boolean(),
  commit: fc.boolean(),
  authenticationOnly: fc.boolean(),
  messageId: u32,
});
