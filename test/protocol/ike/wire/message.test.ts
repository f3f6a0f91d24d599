import { describe, expect, test } from 'vitest';
import {
  type Header,
  type Payload,
  type Proposal,
  decodeChain,
  decodeMessage,
  encodeChain,
  encodeMessage,
  find,
  findAll,
  isErrorNotification,
  vendorIds,
} from '../../../../main/protocol/ike/wire/index.ts';
import { concat, fromHex, toHex } from '../../../../main/protocol/wire/bytes.ts';

const header: Header = {
  initiatorCookie: fromHex('0102030405060708'),
  responderCookie: new Uint8Array(8),
  exchange: 'mainMode',
  encrypted: false,
  commit: false,
  authenticationOnly: false,
  messageId: 0,
};

/** An SA payload's body around hand-written proposals. */
function sa(proposals: string): Uint8Array {
  const body = concat(fromHex('0000000100000001'), fromHex(proposals));
  return concat(fromHex('0000'), Uint8Array.of(0, body.length + 4), body);
}

function proposalsOf(bytes: Uint8Array): readonly Proposal[] | undefined {
  return find(decodeChain(1, bytes), 'securityAssociation')?.proposals;
}

describe('layouts, byte by byte', () => {
  test('the first message of main mode', () => {
    const proposal: Proposal = {
      number: 1,
      protocol: 'isakmp',
      spi: new Uint8Array(),
      transforms: [
        {
          number: 1,
          transform: 'keyIke',
          encryption: 'aes-cbc',
          keyBits: 256,
          hash: 'sha256',
          authentication: 'psk',
          group: 'modp2048',
          lifeSeconds: 86400,
        },
      ],
    };
    const message = encodeMessage(header, [
      { kind: 'securityAssociation', proposals: [proposal] },
      { kind: 'vendorId', id: vendorIds.natTraversal },
    ]);
    expect(toHex(message)).toBe(
      '0102030405060708' +
        '0000000000000000' +
        '01' +
        '10' +
        '02' +
        '00' +
        '00000000' +
        '0000006c' + // header
        '0d00003c' +
        '00000001' +
        '00000001' + // SA: DOI, situation
        '00000030' +
        '01010001' + // proposal 1: ISAKMP, no SPI, one transform
        '00000028' +
        '01010000' + // transform 1: KEY_IKE
        '80010007' +
        '800e0100' +
        '80020004' +
        '80030001' +
        '8004000e' +
        '800b0001' +
        '000c000400015180' +
        '00000014' +
        '4a131c81070358455c5728f20e95452f', // vendor ID
    );
  });

  test('an ESP proposal with UDP encapsulation', () => {
    const proposals = proposalsOf(
      sa(
        '0000002c' +
          '01030401' +
          'c0ffee01' +
          '00000020' +
          '010c0000' +
          '80040004' +
          '80050005' +
          '80060080' +
          '80010001' +
          '80020e10' +
          '8003000e',
      ),
    );
    expect(proposals).toEqual([
      {
        number: 1,
        protocol: 'esp',
        spi: fromHex('c0ffee01'),
        transforms: [
          {
            number: 1,
            transform: 'aes-cbc',
            mode: 'udpTransport',
            integrity: 'hmac-sha256-128',
            keyBits: 128,
            lifeSeconds: 3600,
            group: 'modp2048',
          },
        ],
      },
    ]);
  });

  test.each<[string, Payload, string]>([
    [
      'INITIAL-CONTACT',
      {
        kind: 'notification',
        protocol: 'isakmp',
        spi: fromHex('00112233'),
        type: 'initialContact',
        data: new Uint8Array(),
      },
      '00000001' + '01' + '04' + '6002' + '00112233',
    ],
    [
      'two SPIs to delete',
      { kind: 'delete', protocol: 'esp', spis: [fromHex('00000100'), fromHex('00000101')] },
      '00000001' + '03' + '04' + '0002' + '0000010000000101',
    ],
    [
      'an address as identity',
      { kind: 'identification', identity: { type: 'ipv4', address: fromHex('c0000201') }, protocol: 17, port: 1701 },
      '01' + '11' + '06a5' + 'c0000201',
    ],
    ['an original address', { kind: 'natOriginalAddress', address: fromHex('0a000001') }, '01000000' + '0a000001'],
    [
      'the last fragment',
      { kind: 'fragment', fragmentId: 1, number: 2, flags: 1, data: fromHex('ff') },
      '0001' + '02' + '01' + 'ff',
    ],
  ])('%s', (_, payload, body) => {
    expect(toHex(encodeChain([payload]).body.subarray(4))).toBe(body);
  });
});

describe('attributes as peers really send them', () => {
  const transform = (attributes: string) => {
    const [proposal] = proposalsOf(saOf(attributes)) ?? [];
    return proposal?.transforms[0];
  };
  const saOf = (attributes: string) => {
    const size = attributes.length / 2;
    const length = (bytes: number) => bytes.toString(16).padStart(4, '0');
    return sa(`0000${length(size + 16)}01010001` + `0000${length(size + 8)}01010000` + attributes);
  };

  test('a lifetime in long form is the number it spells', () => {
    expect(transform('800b0001' + '000c000400007080')).toMatchObject({ lifeSeconds: 28800 });
  });

  test('seconds and kilobytes stand side by side', () => {
    expect(transform('800b0001' + '800c0e10' + '800b0002' + '000c00040003d090')).toEqual({
      number: 1,
      transform: 'keyIke',
      lifeSeconds: 3600,
      lifeKilobytes: 250_000,
    });
  });

  test('a basic attribute in long form is understood', () => {
    expect(transform('000100020007')).toMatchObject({ encryption: 'aes-cbc' });
  });

  test('what has no meaning here is kept and reported, not agreed to by accident', () => {
    expect(transform('80010007' + '80630001')).toEqual({
      number: 1,
      transform: 'keyIke',
      encryption: 'aes-cbc',
      unknown: [{ type: 99, value: 1 }],
    });
  });

  test('a repeated attribute does not overrule the first', () => {
    expect(transform('80010007' + '80010005')).toMatchObject({
      encryption: 'aes-cbc',
      unknown: [{ type: 1, value: 5 }],
    });
  });

  test('a duration without a unit is unknown', () => {
    expect(transform('800c0e10')).toMatchObject({ unknown: [{ type: 12, value: 3600 }] });
  });

  test('a number without a name stays a number', () => {
    expect(transform('80010063')).toMatchObject({ encryption: 99 });
  });
});

describe('what is not a message of this protocol is refused', () => {
  const message = encodeMessage(header, [{ kind: 'nonce', data: fromHex('aabbccdd') }]);

  test.each([
    ['another major version', message.with(17, 0x20), /IKE version 2/],
    ['a length below the header', message.with(27, 27), /length 27/],
    ['a length beyond the datagram', message.with(27, 0xff), /truncated/],
    ['bytes after the message', concat(message, Uint8Array.of(0)), /trailing/],
    ['bytes after the last payload', encodeWithTail(message), /trailing/],
    ['a payload shorter than its own header', message.with(31, 3), /payload length 3/],
    ['a payload that is longer than the message', message.with(31, 9), /truncated/],
    ['a payload that promises another', message.with(28, 10), /truncated/],
  ])('%s', (_, bytes, error) => {
    expect(() => decodeMessage(bytes)).toThrow(error);
  });

  test('more payloads than any message needs', () => {
    const many = Array.from({ length: 65 }, (): Payload => ({ kind: 'nonce', data: new Uint8Array() }));
    expect(() => decodeMessage(encodeMessage(header, many))).toThrow(/too many payloads/);
  });

  test.each([
    ['another domain of interpretation', fromHex('0000000c' + '00000002' + '00000001'), /interpretation 2/],
    ['another situation', fromHex('0000000c' + '00000001' + '00000004'), /situation 4/],
    ['fewer transforms than announced', sa('00000010' + '01010002' + '00000008' + '01010000'), /1 of 2/],
    [
      'more transforms than announced',
      sa('00000018' + '01010001' + '03000008' + '01010000' + '00000008' + '02010000'),
      /more than 1/,
    ],
    ['a chain of proposals that leads elsewhere', sa('05000010' + '01010001' + '00000008' + '01010000'), /next 5/],
    [
      'an attribute that ends beyond its transform',
      sa('00000014' + '01010001' + '0000000c' + '01010000' + '00010004'),
      /truncated/,
    ],
  ])('an SA with %s', (_, bytes, error) => {
    expect(() => decodeChain(1, bytes)).toThrow(error);
  });

  test('bytes after the transforms of a proposal', () => {
    const proposal = sa('00000011' + '01010001' + '00000008' + '01010000' + 'ff');
    expect(() => decodeChain(1, proposal)).toThrow(/after the transforms/);
  });

  test('an address that is longer than its type', () => {
    expect(() => decodeChain(5, fromHex('0000000d' + '01000000' + 'c000020100'))).toThrow(/after the identification/);
  });

  test('a delete whose SPIs do not fill it', () => {
    expect(() => decodeChain(12, fromHex('00000010' + '00000001' + '03040002' + '00000100'))).toThrow(/2 SPIs of 4/);
  });
});

test('an SA without proposals or transforms is not written', () => {
  const proposal: Proposal = { number: 1, protocol: 'isakmp', spi: new Uint8Array(), transforms: [] };
  expect(() => encodeChain([{ kind: 'securityAssociation', proposals: [] }])).toThrow(/empty list/);
  expect(() => encodeChain([{ kind: 'securityAssociation', proposals: [proposal] }])).toThrow(/empty list/);
});

test('payloads of one kind are found in order', () => {
  const { firstPayload, body } = encodeChain([
    { kind: 'natDetection', data: fromHex('01') },
    { kind: 'nonce', data: fromHex('02') },
    { kind: 'natDetection', data: fromHex('03') },
  ]);
  const chain = decodeChain(firstPayload, body);
  expect(findAll(chain, 'natDetection').map(({ data }) => toHex(data))).toEqual(['01', '03']);
  expect(find(chain, 'natDetection')?.data).toEqual(fromHex('01'));
  expect(find(chain, 'hash')).toBeUndefined();
});

test('reserved bytes of a payload may hold anything', () => {
  expect(decodeChain(10, fromHex('00ff0005' + 'aa')).payloads).toEqual([{ kind: 'nonce', data: fromHex('aa') }]);
});

test('notifications below 16384 are failures, the others status', () => {
  expect(isErrorNotification('noProposalChosen')).toBe(true);
  expect(isErrorNotification('areYouThere')).toBe(false);
  expect(isErrorNotification(8192)).toBe(true);
});

/** One byte after the last payload, inside the message's length. */
function encodeWithTail(message: Uint8Array): Uint8Array {
  return concat(message, Uint8Array.of(0)).with(27, message.length + 1);
}
