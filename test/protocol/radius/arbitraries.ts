import fc from 'fast-check';
import { fromUtf8, utf8 } from '../../../main/protocol/wire/bytes.ts';
import { addressText } from '../../../main/protocol/wire/address.ts';
import { attributeDefinitions, type AttributeValues } from '../../../main/protocol/radius/wire/attributes.ts';
import { ipv4, ipv6, ipv6Prefix, masked, text } from '../../../main/protocol/radius/wire/values.ts';
import { rest, u32, type Codec } from '../../../main/protocol/wire/codec.ts';

const bytes = (lengthBytes: number) => fc.uint8Array({ minLength: lengthBytes, maxLength: lengthBytes });
const u8s = fc.integer({ min: 0, max: 0xff });
const texts = fc
  .string({ maxLength: 40, unit: 'binary' })
  .map((string) => fromUtf8(utf8(string)))
  .filter((string) => utf8(string).length < 200);

/** By codec, for those that several attributes have. */
const shared = new Map<Codec<unknown>, fc.Arbitrary<unknown>>([
  [text, texts],
  [rest, fc.uint8Array({ maxLength: 240 })],
  [u32, fc.integer({ min: 0, max: 0xffff_ffff })],
  [ipv4, bytes(4).map(addressText)],
  [ipv6, bytes(16).map(addressText)],
  [
    ipv6Prefix,
    fc.tuple(bytes(16), fc.integer({ min: 0, max: 128 })).map(([address, lengthBits]) => {
      return { address: addressText(masked(address, lengthBits)), lengthBits };
    }),
  ],
]);

/** By name, for layouts of their own. */
const own: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  chapPassword: fc.record({ identifier: u8s, response: bytes(16) }),
  messageAuthenticator: bytes(16),
  framedInterfaceId: bytes(8),
  msChapError: fc.record({ identifier: u8s, text: texts }),
  msChap2Success: fc.record({ identifier: u8s, text: texts }),
  msChapNtEncPw: fc.record({
    code: u8s,
    identifier: u8s,
    sequence: fc.integer({ min: 0, max: 0xffff }),
    piece: fc.uint8Array({ maxLength: 200 }),
  }),
  msChap2Response: fc.record({
    identifier: u8s,
    flags: u8s,
    peerChallenge: bytes(16),
    reserved: bytes(8),
    ntResponse: bytes(24),
  }),
  msChap2Cpw: fc.record({
    code: u8s,
    identifier: u8s,
    encryptedHash: bytes(16),
    peerChallenge: bytes(16),
    reserved: bytes(8),
    ntResponse: bytes(24),
    flags: fc.integer({ min: 0, max: 0xffff }),
  }),
  eapMessage: fc.uint8Array({ maxLength: 700 }),
};

function valueOf(name: string, codec: Codec<unknown>): fc.Arbitrary<unknown> {
  const found = own[name] ?? shared.get(codec);
  if (found === undefined) throw new Error(`no arbitrary for ${name}`);
  return found;
}

/** Any of the table's attributes, with any value each may have. */
export const attributeValues: fc.Arbitrary<AttributeValues> = fc.record(
  Object.fromEntries(
    attributeDefinitions.map(([name, { occurs, codec }]) => {
      const value = valueOf(name, codec);
      return [name, occurs === 'many' ? fc.array(value, { minLength: 1, maxLength: 3 }) : value];
    }),
  ),
  { requiredKeys: [] },
);
