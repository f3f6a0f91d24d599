import { readFileSync } from 'node:fs';
import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, latin1, toHex, utf8 } from '../../../main/protocol/wire/bytes.ts';
import { WireError } from '../../../main/protocol/wire/error.ts';
import {
  readAttributes,
  readRawAttributes,
  writeAttributes,
  type RawAttribute,
} from '../../../main/protocol/radius/wire/attribute-codec.ts';
import type { AttributeValues } from '../../../main/protocol/radius/wire/attributes.ts';
import {
  judgeAccessRequest,
  judgeAnswer,
  judgeDigestedRequest,
  writeAccessRequest,
  writeAccountingRequest,
  writeAnswer,
  writeDynamicRequest,
} from '../../../main/protocol/radius/wire/authenticators.ts';
import { codes, readPacket, writePacket } from '../../../main/protocol/radius/wire/packet.ts';
import { hidePassword, revealPassword } from '../../../main/protocol/radius/wire/password.ts';
import { chapMd5Response } from '../../../main/protocol/ppp/auth/verify.ts';
import { credentialAttributes } from '../../../main/protocol/radius/credentials.ts';
import examples from '../../vectors/radius.json' with { type: 'json' };
import { seededCrypto } from '../../support/seeded-crypto.ts';
import { attributeValues } from './arbitraries.ts';

const crypto = seededCrypto(1);
const secret = latin1(examples.secret);

describe('the examples of RFC 2865 §7', () => {
  test.each(examples.exchanges)(
    '$source: what a PPP gateway heeds is read, and written to the same bytes',
    (exchange) => {
      for (const hex of [exchange.request, exchange.answer]) {
        const packet = readPacket(fromHex(hex));
        expect(toHex(writePacket(packet))).toBe(hex);
        const { values, unknown } = readAttributes(packet.attributes);
        const others = unknown.map(({ type }) => type);
        // Framed-Routing, Login-IP-Host and Login-Service are of other services.
        expect([[], [10], [15, 14]]).toContainEqual(others);
        const known = readRawAttributes(packet.attributes).filter(({ type }) => !others.includes(type));
        const again = readRawAttributes(writeAttributes(values));
        expect(byType(again)).toEqual(byType(known));
      }
    },
  );

  test.each(examples.exchanges)('$source: the answer answers the request, under this secret alone', (exchange) => {
    const { authenticator } = readPacket(fromHex(exchange.request));
    const answer = fromHex(exchange.answer);
    expect(judgeAnswer(crypto, secret, authenticator, answer)).toBe('unsigned');
    expect(judgeAnswer(crypto, latin1('another'), authenticator, answer)).toBe('forged');
    for (let at = 0; at < answer.length; at++) {
      if (at === 2 || at === 3) continue; // a length that fits no packet is not judged at all
      const altered = answer.with(at, (answer[at] ?? 0) ^ 1);
      expect(judgeOrError(() => judgeAnswer(crypto, secret, authenticator, altered))).not.toBe('unsigned');
    }
  });

  test.each(examples.exchanges.filter(({ method }) => method === 'pap'))(
    '$source: the password is hidden as there',
    ({ request, password }) => {
      const packet = readPacket(fromHex(request));
      const { userPassword = new Uint8Array() } = readAttributes(packet.attributes).values;
      const veil = { crypto, secret, authenticator: packet.authenticator };
      expect(toHex(revealPassword(userPassword, veil))).toBe(toHex(latin1(password)));
      expect(toHex(hidePassword(latin1(password), veil))).toBe(toHex(userPassword));
    },
  );

  test('7.2: the CHAP response is the one of the password', () => {
    const exchange = examples.exchanges.find(({ method }) => method === 'chap');
    const packet = readPacket(fromHex(exchange?.request ?? ''));
    const { chapPassword } = readAttributes(packet.attributes).values;
    expect(chapPassword?.response).toEqual(
      chapMd5Response(crypto, chapPassword?.identifier ?? -1, exchange?.password ?? '', packet.authenticator),
    );
  });
});

function byType(list: readonly RawAttribute[]): [number, string][] {
  return list.map(({ type, value }): [number, string] => [type, toHex(value)]).sort(([a], [b]) => a - b);
}

function judgeOrError(judge: () => unknown): unknown {
  try {
    return judge();
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    return 'unreadable';
  }
}

describe('the Message-Authenticator', () => {
  const authenticator = fromHex('000102030405060708090a0b0c0d0e0f');
  const values: AttributeValues = { userName: 'nemo', state: latin1('state'), proxyState: [latin1('p')] };

  test('comes first, and is the HMAC of RFC 3579 §3.2 over the packet with zeros in its place', () => {
    const request = writeAccessRequest(crypto, secret, { identifier: 9, authenticator }, values);
    expect(toHex(request.subarray(20, 22))).toBe('5012');
    const blanked = concat(request.subarray(0, 22), new Uint8Array(16), request.subarray(38));
    expect(toHex(request.subarray(22, 38))).toBe(createHmac('md5', secret).update(blanked).digest('hex'));
    expect(judgeAccessRequest(crypto, secret, request)).toBeUndefined();
    const answer = writeAnswer(crypto, secret, codes.accessAccept, { identifier: 9, authenticator }, values);
    const asSigned = concat(answer.subarray(0, 4), authenticator, answer.subarray(20, 22), new Uint8Array(16));
    const signature = createHmac('md5', secret).update(asSigned).update(answer.subarray(38)).digest('hex');
    expect(toHex(answer.subarray(20, 38))).toBe(`5012${signature}`);
  });

  test('protects the whole packet: any bit that differs is noticed, of requests and answers alike', () => {
    const cases: readonly (readonly [Uint8Array, (bytes: Uint8Array) => unknown])[] = [
      [
        writeAccessRequest(crypto, secret, { identifier: 9, authenticator }, values),
        (bytes) => judgeAccessRequest(crypto, secret, bytes),
      ],
      [
        writeAnswer(crypto, secret, codes.accessAccept, { identifier: 9, authenticator }, values),
        (bytes) => judgeAnswer(crypto, secret, authenticator, bytes),
      ],
      [
        writeDynamicRequest(crypto, secret, { code: codes.coaRequest, identifier: 9 }, values),
        (bytes) => judgeDigestedRequest(crypto, secret, bytes),
      ],
    ];
    for (const [bytes, judge] of cases) {
      expect(judge(bytes)).toBeUndefined();
      expect(judge(concat(bytes, latin1('padding')))).toBeUndefined();
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const altered = bytes.with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
        expect(judgeOrError(() => judge(altered))).toBeDefined();
      }
    }
  });

  test('twice in a packet, or of another length, is a forgery, though the digest and the first one are right', () => {
    const code = codes.accessAccept;
    for (const [second, judged] of [
      ['', undefined],
      [`5012${'ff'.repeat(16)}`, 'forged'],
      ['500401ff', 'forged'],
    ] as const) {
      const list = (signature: Uint8Array): Uint8Array => concat(fromHex('5012'), signature, fromHex(second));
      const packet = (field: Uint8Array, attributes: Uint8Array): Uint8Array =>
        writePacket({ code, identifier: 9, authenticator: field, attributes });
      const unsigned = packet(authenticator, list(new Uint8Array(16)));
      const signed = list(new Uint8Array(createHmac('md5', secret).update(unsigned).digest()));
      const digest = createHash('md5').update(packet(authenticator, signed)).update(secret).digest();
      expect(judgeAnswer(crypto, secret, authenticator, packet(new Uint8Array(digest), signed))).toBe(judged);
    }
  });
});

test('an Accounting-Request has the digest of RFC 2866 §3, and no Message-Authenticator', () => {
  const bytes = writeAccountingRequest(crypto, secret, 7, { acctStatusType: 7, nasIdentifier: 'gw' });
  const blanked = concat(bytes.subarray(0, 4), new Uint8Array(16), bytes.subarray(20));
  expect(toHex(bytes.subarray(4, 20))).toBe(createHash('md5').update(blanked).update(secret).digest('hex'));
  expect(judgeDigestedRequest(crypto, secret, bytes)).toBe('unsigned');
  expect(judgeDigestedRequest(crypto, latin1('other'), bytes)).toBe('forged');
});

describe('attributes', () => {
  test('of every kind survive a round trip', () => {
    fc.assert(
      fc.property(attributeValues, (values) => {
        expect(readAttributes(writeAttributes(values))).toEqual({ values, unknown: [] });
      }),
      { numRuns: 150 },
    );
  });

  test('arbitrary bytes are read or refused with a WireError', () => {
    const attribute = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 40 }))
      .map(([type, value]) => Uint8Array.from([type, value.length + 2, ...value]));
    const lists = fc.array(fc.oneof(attribute, fc.uint8Array({ maxLength: 5 }))).map((parts) => concat(...parts));
    fc.assert(
      fc.property(lists, (list) => {
        judgeOrError(() => readAttributes(list));
        judgeOrError(() => readPacket(list));
      }),
      { numRuns: 2000 },
    );
  });

  test('a long EAP-Message travels in pieces of 253 bytes and is one again', () => {
    const eapMessage = Uint8Array.from({ length: 600 }, (_, i) => i & 0xff);
    const list = writeAttributes({ eapMessage });
    expect([list[1], list[256], list[511]]).toEqual([255, 255, 96]);
    expect(readAttributes(list).values).toEqual({ eapMessage });
  });

  test('a value beyond 253 bytes, and a packet beyond 4096, cannot be written', () => {
    expect(() => writeAttributes({ userName: 'x'.repeat(253) })).not.toThrow();
    expect(() => writeAttributes({ userName: 'x'.repeat(254) })).toThrow(WireError);
    expect(() => writeAttributes({ msChapChallenge: new Uint8Array(247) })).not.toThrow();
    expect(() => writeAttributes({ msChapChallenge: new Uint8Array(248) })).toThrow(WireError);
    const list = { class: Array.from({ length: 20 }, () => new Uint8Array(253)) };
    expect(() => writeAccountingRequest(crypto, secret, 1, list)).toThrow(WireError);
  });

  test('what other vendors say in a form of their own is passed over', () => {
    const strange = fromHex('1a0a00000009ffffffff');
    expect(readAttributes(strange)).toEqual({ values: {}, unknown: [{ vendorId: 9, type: 255 }] });
    expect(() => readAttributes(fromHex('1a0a00000137ffffffff'))).toThrow(WireError);
  });

  test('several attributes of a vendor may share one Vendor-Specific', () => {
    const list = fromHex('1a12 00000137 1c06 0a000001 1d06 0a000002');
    expect(readAttributes(list).values).toEqual({ msPrimaryDnsServer: '10.0.0.1', msSecondaryDnsServer: '10.0.0.2' });
  });

  test.each([
    ['RADIUS.pcap', true],
    ['RADIUS-RFC5176.pcap', true],
    ['RADIUS-RFC3162.pcap', false], // its prefixes are of impossible lengths
    ['radius_attr_asan.pcap', false],
  ])('the packets of %s, at every offset, are read or refused with a WireError', (name, wellFormed) => {
    const capture = new Uint8Array(readFileSync(new URL(`../../vectors/pcaps/${name}`, import.meta.url)));
    let read = 0;
    for (let at = 0; at < capture.length; at++) {
      const found = judgeOrError(() => readAttributes(readPacket(capture.subarray(at)).attributes).values);
      if (typeof found === 'object' && found !== null && Object.keys(found).length > 0) read += 1;
    }
    expect(read > 0).toBe(wellFormed);
  });
});

describe('credentials', () => {
  const veil = { crypto, secret, authenticator: new Uint8Array(16) };
  const password = fc.uint8Array({ maxLength: 128 }).filter((bytes) => bytes.at(-1) !== 0);

  test('a PAP password of up to 128 bytes is hidden and revealed; a longer one is refused', () => {
    fc.assert(
      fc.property(password, fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes, authenticator) => {
        const hidden = hidePassword(bytes, { ...veil, authenticator });
        expect(hidden.length % 16).toBe(0);
        expect(revealPassword(hidden, { ...veil, authenticator })).toEqual(bytes);
      }),
    );
    expect(() => hidePassword(new Uint8Array(129), veil)).toThrow(WireError);
    expect(() => revealPassword(new Uint8Array(17), veil)).toThrow(WireError);
  });

  test('a PAP password of several blocks is hidden as RFC 2865 §5.2 has it, block by block', () => {
    const blocks = ['0123456789abcdef', '0123456789abcdef', 'tail\0\0\0\0\0\0\0\0\0\0\0\0'].map(latin1);
    let cipher: Uint8Array = veil.authenticator;
    const expected = blocks.map((block) => {
      const digest = createHash('md5').update(secret).update(cipher).digest();
      cipher = block.map((byte, i) => byte ^ (digest[i] ?? 0));
      return toHex(cipher);
    });
    const hidden = hidePassword(latin1('0123456789abcdef0123456789abcdeftail'), veil);
    expect(toHex(hidden)).toBe(expected.join(''));
  });

  test('an MS-CHAPv2 response is laid out as RFC 2548 §2.2.2 says', () => {
    const peerChallenge = Uint8Array.from({ length: 16 }, (_, i) => 0x20 + i);
    const ntResponse = Uint8Array.from({ length: 24 }, (_, i) => 0x40 + i);
    const authenticatorChallenge = Uint8Array.from({ length: 16 }, (_, i) => i);
    const userName = ' CORP\\Älice@Realm ';
    const request = { method: 'mschapv2', userName, identifier: 5, authenticatorChallenge } as const;
    const list = writeAttributes(credentialAttributes({ ...request, peerChallenge, ntResponse }, veil));
    const response = `05 00 ${toHex(peerChallenge)} ${'00'.repeat(8)} ${toHex(ntResponse)}`;
    const expected = [
      `01${(utf8(userName).length + 2).toString(16)} ${toHex(utf8(userName))}`,
      `1a18 00000137 0b12 ${toHex(authenticatorChallenge)}`,
      `1a3a 00000137 1934 ${response}`,
    ];
    expect(toHex(list)).toBe(expected.join('').replaceAll(' ', ''));
  });

  test('a new password is laid out as RFC 2548 §2.2.4 and §2.1.9 say', () => {
    const encryptedPassword = Uint8Array.from({ length: 516 }, (_, i) => (i * 7) & 0xff);
    const change = {
      method: 'mschapv2-change',
      userName: 'u',
      identifier: 6,
      authenticatorChallenge: new Uint8Array(16).fill(1),
      peerChallenge: new Uint8Array(16).fill(2),
      ntResponse: new Uint8Array(24).fill(3),
      encryptedHash: new Uint8Array(16).fill(4),
      encryptedPassword,
    } as const;
    const { msChapNtEncPw = [], msChap2Cpw } = credentialAttributes(change, veil);
    expect(msChapNtEncPw.map(({ code, identifier, sequence }) => [code, identifier, sequence])).toEqual([
      [6, 6, 1],
      [6, 6, 2],
      [6, 6, 3],
    ]);
    expect(concat(...msChapNtEncPw.map(({ piece }) => piece))).toEqual(encryptedPassword);
    const fields = ['07', '06', '04'.repeat(16), '02'.repeat(16), '00'.repeat(8), '03'.repeat(24), '0000'];
    expect(toHex(writeAttributes({ msChap2Cpw: msChap2Cpw ?? never() }))).toBe(`1a4c000001371b46${fields.join('')}`);
  });
});

function never(): never {
  throw new Error('it is missing');
}
