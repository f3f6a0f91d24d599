import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  namedOptions,
  type OptionName,
  optionCode,
  optionValue,
  readDhcp,
  writeDhcp,
} from '../../../main/protocol/dhcp/index.ts';
import { domainNames } from '../../../main/protocol/wire/domains.ts';
import { fromHex, utf8 } from '../../../main/protocol/wire/bytes.ts';
import { decode } from '../../../main/protocol/wire/codec.ts';
import { WireError } from '../../../main/protocol/wire/error.ts';
import { readPcap, udpOf } from '../../support/pcap.ts';
import * as arbitrary from './arbitraries.ts';

test('what is written is read again, each option by its name, however long', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(arbitrary.fixedFields, arbitrary.namedOptions, (fixed, named) => {
      const message = { ...fixed, options: namedOptions(named) };
      const written = writeDhcp(message);
      expect(written.length).toBeGreaterThanOrEqual(300);
      const read = readDhcp(written);
      expect(read).toEqual(message);
      for (const [name, value] of Object.entries(named)) {
        expect(optionValue(read.options, name as OptionName)).toEqual(value);
      }
    }),
    { numRuns: 60 },
  );
});

test('a real exchange is read', () => {
  const frames = readPcap(new URL('../../vectors/pcaps/dhcp-rfc3004.pcap', import.meta.url));
  const [discover, offer] = frames.map((frame) => readDhcp(udpOf(frame)?.payload ?? new Uint8Array()));
  expect(discover).toMatchObject({ op: 'request', xid: 0x06e32864, ciaddr: '0.0.0.0', broadcast: false });
  expect(discover?.hardware).toEqual({ type: 1, address: fromHex('000c291f7406') });
  expect(optionValue(discover?.options ?? new Map(), 'requestedAddress')).toBe('192.168.1.4');
  expect(offer?.yiaddr).toBe('192.168.1.4');
  const of = <Name extends OptionName>(name: Name) => optionValue(offer?.options ?? new Map(), name);
  expect([of('messageType'), of('leaseSeconds'), of('server')]).toEqual([2, 86400, '192.168.1.1']);
  expect([of('routers'), of('domainName'), of('subnetMask')]).toEqual([['192.168.1.1'], 'Home', '255.255.255.0']);
});

const empty = {
  op: 'reply',
  ...{ hops: 0, xid: 1, secs: 0, broadcast: false },
  ...{ ciaddr: '0.0.0.0', yiaddr: '0.0.0.0', siaddr: '0.0.0.0', giaddr: '0.0.0.0' },
  hardware: { type: 1, address: new Uint8Array(6) },
} as const;

describe('options', () => {
  test('go on in file and sname where option 52 says so (RFC 3396 §5)', () => {
    const message = writeDhcp({ ...empty, options: namedOptions({ overload: 3, domainName: 'one' }) });
    message.set([15, 3, ...utf8('two'), 255, 15, 1, 0x78], 108);
    message.set([15, 5, ...utf8('three'), 255], 44);
    expect(optionValue(readDhcp(message).options, 'domainName')).toBe('onetwothree');
    message[242] = 1;
    expect(optionValue(readDhcp(message).options, 'domainName')).toBe('onetwo');
  });

  test('a list of routes is cut between two of them, so that each piece can be read by itself', () => {
    const routes = Array.from({ length: 100 }, (_, i) => ({
      network: `10.${i}.0.0/${9 + (i % 20)}`,
      router: '10.0.0.1',
    }));
    const masked = routes.filter(({ network }) => network.endsWith('/16'));
    expect(masked.length).toBeGreaterThan(0);
    const message = writeDhcp({ ...empty, options: namedOptions({ classlessRoutes: routes }) });
    let pieces = 0;
    for (let at = 240; message[at] !== 255; at += 2 + (message[at + 1] ?? 0)) {
      const piece = message.subarray(at + 2, at + 2 + (message[at + 1] ?? 0));
      expect(message[at]).toBe(optionCode.classlessRoutes);
      expect(optionValue(new Map([[optionCode.classlessRoutes, piece]]), 'classlessRoutes')).toBeDefined();
      pieces++;
    }
    expect(pieces).toBeGreaterThan(2);
  });

  test('routes are as in the examples of RFC 3442', () => {
    const of = (network: string) =>
      namedOptions({ classlessRoutes: [{ network, router: '1.2.3.4' }] }).get(optionCode.classlessRoutes);
    expect(of('0.0.0.0/0')).toEqual(Uint8Array.of(0, 1, 2, 3, 4));
    expect(of('10.0.0.0/8')).toEqual(Uint8Array.of(8, 10, 1, 2, 3, 4));
    expect(of('10.0.0.0/24')).toEqual(Uint8Array.of(24, 10, 0, 0, 1, 2, 3, 4));
    expect(of('10.17.0.0/16')).toEqual(Uint8Array.of(16, 10, 17, 1, 2, 3, 4));
    expect(of('10.27.129.0/24')).toEqual(Uint8Array.of(24, 10, 27, 129, 1, 2, 3, 4));
    expect(of('10.229.0.128/25')).toEqual(Uint8Array.of(25, 10, 229, 0, 128, 1, 2, 3, 4));
    expect(of('10.198.122.47/32')).toEqual(Uint8Array.of(32, 10, 198, 122, 47, 1, 2, 3, 4));
  });

  test('the search list of RFC 3397 is read with its pointers', () => {
    const list = Uint8Array.of(
      3,
      ...utf8('eng'),
      5,
      ...utf8('apple'),
      3,
      ...utf8('com'),
      0,
      9,
      ...utf8('marketing'),
      0xc0,
      4,
    );
    expect(optionValue(new Map([[119, list]]), 'domainSearch')).toEqual(['eng.apple.com', 'marketing.apple.com']);
  });

  test('one that is malformed is as if it were absent, and spoils no other', () => {
    const options = new Map([...namedOptions({ server: '10.0.0.1' }), [optionCode.leaseSeconds, Uint8Array.of(1, 2)]]);
    const read = readDhcp(writeDhcp({ ...empty, options }));
    expect(optionValue(read.options, 'leaseSeconds')).toBeUndefined();
    expect(optionValue(read.options, 'server')).toBe('10.0.0.1');
  });
});

describe('hostile bytes', () => {
  const read = (bytes: Uint8Array): void => {
    try {
      const { options } = readDhcp(bytes);
      for (const name of Object.keys(optionCode) as OptionName[]) optionValue(options, name);
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
    }
  };

  test('are a message or a WireError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), read));
    const start = writeDhcp({ ...empty, options: new Map() }).subarray(0, 240);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(3), (tail, overload) => {
        read(Uint8Array.of(...start, 52, 1, overload, ...tail));
      }),
    );
  });

  test('a name whose pointers lead round, forwards or out is none', () => {
    for (const list of [[0xc0, 0], [1, 97, 0xc0, 0], [0xc0, 9], [0xc0], [5, 97], [64, 97, 0], [0xc0, 2, 0xc0, 0]]) {
      expect(() => decode(domainNames, Uint8Array.from(list))).toThrow(WireError);
    }
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1, 2, 97, 0xc0, 0xc1, 63, 64), { maxLength: 400 }), (list) => {
        try {
          for (const name of decode(domainNames, Uint8Array.from(list))) expect(name.length).toBeLessThanOrEqual(254);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});
