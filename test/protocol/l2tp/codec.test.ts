import fc from 'fast-check';
import { expect, test } from 'vitest';
import { avpDefinitions, avps, type AvpName, type AvpValues } from '../../../main/protocol/l2tp/avps.ts';
import { readAvps, writeAvps } from '../../../main/protocol/l2tp/avp-codec.ts';
import { peekTunnelId, readControl, writeControl } from '../../../main/protocol/l2tp/header.ts';
import { hide, reveal } from '../../../main/protocol/l2tp/hiding.ts';
import { messages, readMessage, type MessageName } from '../../../main/protocol/l2tp/messages.ts';
import { fromHex, toHex, utf8 } from '../../../main/protocol/wire/bytes.ts';
import { WireError } from '../../../main/protocol/wire/error.ts';
import { seededCrypto } from '../../support/seeded-crypto.ts';
import { message, read } from './support.ts';

const crypto = seededCrypto(1);
const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const octets = fc.uint8Array({ maxLength: 200 });
const text = fc.string({ maxLength: 60, unit: 'grapheme' }).filter((value) => !value.endsWith('\0'));
const resultCode = fc.oneof(
  fc.record({ resultCode: u16 }),
  fc.record({ resultCode: u16, errorCode: u16 }),
  fc.record({ resultCode: u16, errorCode: u16, message: text.filter((value) => value !== '') }),
);

const values: { readonly [K in AvpName]: fc.Arbitrary<NonNullable<AvpValues[K]>> } = {
  messageType: u16,
  resultCode,
  protocolVersion: fc.record({ version: u8, revision: u8 }),
  framingCapabilities: u32,
  bearerCapabilities: u32,
  tieBreaker: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  firmwareRevision: u16,
  hostName: text,
  vendorName: text,
  assignedTunnelId: u16,
  receiveWindowSize: u16,
  challenge: octets,
  q931CauseCode: fc.record({ causeCode: u16, causeMessage: u8, advisory: text }),
  challengeResponse: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  assignedSessionId: u16,
  callSerialNumber: u32,
  minimumBps: u32,
  maximumBps: u32,
  bearerType: u32,
  framingType: u32,
  calledNumber: text,
  callingNumber: text,
  subAddress: text,
  transmitConnectSpeed: u32,
  physicalChannelId: u32,
  initialReceivedLcpConfReq: octets,
  lastSentLcpConfReq: octets,
  lastReceivedLcpConfReq: octets,
  proxyAuthenType: u16,
  proxyAuthenName: text,
  proxyAuthenChallenge: octets,
  proxyAuthenId: u8,
  proxyAuthenResponse: octets,
  callErrors: fc.record({
    crcErrors: u32,
    framingErrors: u32,
    hardwareOverruns: u32,
    bufferOverruns: u32,
    timeouts: u32,
    alignmentErrors: u32,
  }),
  accm: fc.record({ sendAccm: u32, receiveAccm: u32 }),
  randomVector: octets,
  privateGroupId: octets,
  receiveConnectSpeed: u32,
  sequencingRequired: fc.constant(true as const),
};

const anyAvps = fc.record(values, { requiredKeys: ['messageType'] });
/** The random vector is the writer's own when it hides. */
const hidableAvps = anyAvps.map((all) => {
  const rest = { ...all };
  delete rest.randomVector;
  return rest;
});

test('the numbers of the AVPs are 0 to 39 without the unassigned 20, each once', () => {
  const numbers = avpDefinitions.map(([, { type }]) => type);
  expect(numbers).toEqual(Array.from({ length: 40 }, (_, i) => i).filter((type) => type !== 20));
});

test('AVPs of every kind come back as they were written', () => {
  fc.assert(
    fc.property(anyAvps, (avpValues) => {
      const { values: back, problems } = readAvps(writeAvps(avpValues, undefined), undefined);
      expect(problems).toEqual([]);
      expect(back).toEqual(avpValues);
    }),
  );
});

test('hidden AVPs of every kind come back with the secret, and show nothing without it', () => {
  fc.assert(
    fc.property(hidableAvps, fc.uint8Array({ minLength: 1, maxLength: 40 }), (avpValues, secret) => {
      const hiding = { crypto, secret, randomVector: crypto.random(16) };
      const bytes = writeAvps(avpValues, hiding);
      const { randomVector, ...back } = readAvps(bytes, { crypto, secret }).values;
      expect(back).toEqual(avpValues);
      const hidden = Object.keys(avpValues).filter((name) => avps[name as AvpName].hideable);
      expect(randomVector !== undefined).toBe(hidden.length > 0);
      const { values: open, problems } = readAvps(bytes, undefined);
      expect(hidden.filter((name) => name in open)).toEqual([]);
      expect(problems.map(({ what }) => what)).toEqual(hidden.map(() => 'unreadable'));
    }),
  );
});

/** Computed by a separate program (Python's hashlib) from RFC 2661 §4.3 alone. */
test('hiding agrees with a computation from the specification, over one block and over several', () => {
  const veil = { crypto, secret: utf8('tunnel secret'), randomVector: fromHex('000102030405060708090a0b0c0d0e0f') };
  const short = fromHex('1234');
  expect(toHex(hide(9, short, veil))).toBe('9b7afb1f933e83185d88b0ca46fc2612');
  const long = utf8('a value that needs more than two blocks of MD5');
  expect(toHex(hide(7, long, veil))).toBe(
    'edc290caa5101fbae52340f18e695d8cf033162e049beba3ba1afaf5d4ef9f685ced6b663fc0ecb9d6248a0055bc86e4',
  );
  expect(reveal(9, hide(9, short, veil), veil)).toEqual(short);
  expect(reveal(7, hide(7, long, veil), veil)).toEqual(long);
});

test('a header comes back as it was written, and tells its tunnel at a glance', () => {
  fc.assert(
    fc.property(u16, u16, u16, u16, octets, (tunnelId, sessionId, ns, nr, body) => {
      const header = { tunnelId, sessionId, ns, nr };
      const bytes = writeControl(header, body);
      expect(readControl(bytes)).toEqual({ header, body });
      expect(peekTunnelId(bytes)).toBe(tunnelId);
    }),
  );
});

test.each([
  ['T', 0x4802],
  ['L', 0x8802],
  ['S', 0xc002],
])('a control message without its %s bit is no control message', (_bit, flags) => {
  const bytes = writeControl({ tunnelId: 1, sessionId: 0, ns: 0, nr: 0 }, new Uint8Array());
  bytes.set([flags >> 8, flags & 0xff]);
  expect(() => readControl(bytes)).toThrow(WireError);
});

test('bytes after the stated length are padding; a length beyond the bytes is an error', () => {
  const bytes = writeControl({ tunnelId: 1, sessionId: 2, ns: 3, nr: 4 }, new Uint8Array());
  expect(readControl(Uint8Array.from([...bytes, 0, 0])).body).toHaveLength(0);
  expect(() => readControl(bytes.subarray(0, 11))).toThrow(WireError);
  bytes[3] = 13;
  expect(() => readControl(bytes)).toThrow(WireError);
});

test.each(Object.keys(messages) as MessageName[])('%s is read as itself', (name) => {
  expect(read(message(name, { assignedSessionId: 3 }))).toMatchObject({ name, avps: { assignedSessionId: 3 } });
});

test('unknown, foreign and reserved-bit AVPs are told apart from known ones, with their M bit', () => {
  const body = fromHex(`
    8008 0000 0000 0006
    0008 0000 00c8 0000
    8008 0000 00c9 0000
    8007 0009 0007 61
    2008 0000 0009 0001
    8007 0000 0009 01
  `);
  const { problems } = readAvps(body, undefined);
  expect(problems).toEqual([
    { what: 'unknown', vendorId: 0, type: 200, mandatory: false },
    { what: 'unknown', vendorId: 0, type: 201, mandatory: true },
    { what: 'unknown', vendorId: 9, type: 7, mandatory: true },
    { what: 'unknown', vendorId: 0, type: 9, mandatory: false },
    { what: 'malformed', vendorId: 0, type: 9, mandatory: true },
  ]);
});

test.each([
  ['an AVP shorter than its header', '8008 0000 0000 0006 8005 0000 0007'],
  ['an AVP longer than the message', '8008 0000 0000 0006 80ff 0000 0007 61'],
  ['half an AVP header', '8008 0000 0000 0006 8008 00'],
  ['a first AVP that is no message type', '8008 0000 0009 0006'],
  ['a hidden message type', 'c008 0000 0000 0006'],
])('%s is a wire error', (_what, hex) => {
  expect(() => readAvps(fromHex(hex), undefined)).toThrow(WireError);
});

test('an AVP that does not fit ten bits of length is a wire error when written', () => {
  expect(() => writeAvps({ messageType: 1, challenge: new Uint8Array(1018) }, undefined)).toThrow(WireError);
  expect(writeAvps({ messageType: 1, challenge: new Uint8Array(1017) }, undefined)).toHaveLength(8 + 1023);
});

test('arbitrary bytes make the reader throw nothing but WireError', () => {
  const secret = { crypto, secret: utf8('s') };
  const header = writeControl({ tunnelId: 1, sessionId: 0, ns: 0, nr: 0 }, new Uint8Array());
  const dressed = fc.uint8Array({ maxLength: 300 }).map((body) => {
    const bytes = Uint8Array.from([...header, 0x80, 8, 0, 0, 0, 0, 0, 10, ...body]);
    bytes.set([bytes.length >> 8, bytes.length & 0xff], 2);
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(octets, dressed), (bytes) => {
      try {
        readMessage(bytes, secret);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    { numRuns: 2000 },
  );
});
