import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerInformation, dhcpv6, type Dhcpv6Message, duidOf } from '../../../main/protocol/dhcpv6/index.ts';
import { fromHex, toHex } from '../../../main/protocol/wire/bytes.ts';
import { decode, encode } from '../../../main/protocol/wire/codec.ts';
import { WireError } from '../../../main/protocol/wire/error.ts';

const server = duidOf(new Uint8Array(16).fill(0xab));
const facts = {
  server,
  dnsServers: ['2001:db8::53', '2001:db8::54'],
  domains: ['office.example'],
  refreshSeconds: 1800,
};
const clientId = { code: 1, data: fromHex('0001000123456789 001122334455') };
const asksFor = (...codes: number[]) => ({
  code: 6,
  data: Uint8Array.from(codes.flatMap((code) => [code >> 8, code])),
});
const request = (...options: Dhcpv6Message['options']): Dhcpv6Message => ({
  type: 11,
  transactionId: 0x123456,
  options,
});

test('what is written is read again', () => {
  const option = fc.record({ code: fc.nat(0xffff), data: fc.uint8Array({ maxLength: 300 }) });
  const anyMessage = fc.record({
    type: fc.nat(255),
    transactionId: fc.nat(0xff_ffff),
    options: fc.array(option, { maxLength: 20 }),
  });
  fc.assert(
    fc.property(anyMessage, (message) => {
      expect(decode(dhcpv6, encode(dhcpv6, message))).toEqual(message);
    }),
  );
});

test('an Information-request of Windows is answered with name servers and search list', () => {
  const asked = request(
    { code: 8, data: Uint8Array.of(0, 0) },
    clientId,
    { code: 16, data: fromHex('00000137') },
    asksFor(17, 23, 24, 32),
  );
  const answer = answerInformation(asked, facts);
  expect(toHex(encode(dhcpv6, answer ?? asked))).toBe(
    [
      '07123456',
      '0002 0012 0004 abababababababababababababababab',
      '0001 000e 0001000123456789001122334455',
      '0017 0020 20010db8000000000000000000000053 20010db8000000000000000000000054',
      '0018 0010 066f6666696365 076578616d706c65 00',
      '0020 0004 00000708',
    ]
      .join('')
      .replaceAll(' ', ''),
  );
});

test('only what is asked for is told; everything where nothing is listed', () => {
  const codes = (asked: Dhcpv6Message) => answerInformation(asked, facts)?.options.map(({ code }) => code);
  expect(codes(request(clientId, asksFor(24)))).toEqual([2, 1, 24]);
  expect(codes(request())).toEqual([2, 23, 24, 32]);
  expect(codes(request({ code: 2, data: server }, asksFor(23)))).toEqual([2, 23]);
});

test('what is no question to this server is not answered', () => {
  expect(answerInformation({ ...request(), type: 1 }, facts)).toBeUndefined();
  expect(answerInformation(request({ code: 2, data: duidOf(new Uint8Array(16)) }), facts)).toBeUndefined();
  expect(answerInformation(request({ code: 1, data: new Uint8Array(131) }), facts)).toBeUndefined();
  expect(answerInformation(request({ code: 25, data: new Uint8Array(12) }), facts)).toBeUndefined();
});

test('arbitrary bytes are a message or a WireError, and the answer to any fits the smallest link', () => {
  const domains = Array.from(
    { length: 32 },
    (_, i) => `${String(i).repeat(30)}.${'x'.repeat(60)}.${'y'.repeat(60)}.example`,
  );
  const all = { ...facts, domains, dnsServers: Array<string>(8).fill('2001:db8::1') };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      try {
        const answer = answerInformation(decode(dhcpv6, Uint8Array.of(11, ...bytes)), all);
        if (answer !== undefined) expect(encode(dhcpv6, answer).length).toBeLessThanOrEqual(1280 - 48);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
  );
});
