import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ipProtocols,
  masked,
  readIp,
  transportChecksum,
  writeIcmpv6,
  writeIp,
} from '../../../main/protocol/ip/index.ts';
import {
  isRouterSolicitation,
  type NdOption,
  readRouterAdvertisement,
  type RouterAdvertisement,
  writeRouterAdvertisement,
} from '../../../main/protocol/ndp/index.ts';
import { addressText } from '../../../main/protocol/wire/address.ts';
import { fromHex, toHex } from '../../../main/protocol/wire/bytes.ts';
import { WireError } from '../../../main/protocol/wire/error.ts';
import { domain } from '../dhcp/arbitraries.ts';

const address = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(addressText);
const seconds = fc.nat(0xffff_ffff);
const network = fc
  .tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(128))
  .map(([bytes, length]) => `${addressText(masked(bytes, length))}/${length}`);
const option: fc.Arbitrary<NdOption> = fc.oneof(
  fc.record({
    kind: fc.constant('prefix' as const),
    network,
    onLink: fc.boolean(),
    autonomous: fc.boolean(),
    validSeconds: seconds,
    preferredSeconds: seconds,
  }),
  fc.record({ kind: fc.constant('mtu' as const), mtuBytes: seconds }),
  fc.record({ kind: fc.constant('route' as const), network, seconds }),
  fc.record({ kind: fc.constant('dnsServers' as const), addresses: fc.array(address, { maxLength: 3 }), seconds }),
  fc.record({ kind: fc.constant('searchDomains' as const), domains: fc.array(domain, { maxLength: 4 }), seconds }),
);
const said: fc.Arbitrary<RouterAdvertisement> = fc.record({
  hopLimit: fc.nat(255),
  managed: fc.boolean(),
  otherConfiguration: fc.boolean(),
  routerSeconds: fc.nat(0xffff),
  options: fc.array(option, { maxLength: 80 }),
});
const ends = { source: 'fe80::1', destination: 'ff02::1' };

test('what is written is read again: each packet fits, and together they say everything once', () => {
  fc.assert(
    fc.property(said, fc.integer({ min: 1280, max: 1500 }), (advertisement, mtuBytes) => {
      const packets = writeRouterAdvertisement(advertisement, ends, mtuBytes);
      const read = packets.map((packet) => {
        const ip = readIp(packet);
        expect(packet.length).toBeLessThanOrEqual(mtuBytes);
        expect(ip).toMatchObject({ ...ends, hopLimit: 255 });
        expect([0, 0xffff]).toContain(transportChecksum({ ...ip, protocol: ipProtocols.icmpv6 }, ip.payload));
        return readRouterAdvertisement(ip);
      });
      for (const each of read) expect(each).toMatchObject({ ...advertisement, options: each?.options });
      expect(read.flatMap((each) => each?.options ?? [])).toEqual(advertisement.options);
    }),
    { numRuns: 200 },
  );
});

test('an advertisement is on the wire as the diagrams of RFC 4861 and RFC 8106 draw it', () => {
  const [packet] = writeRouterAdvertisement(
    {
      ...{ hopLimit: 64, managed: false, otherConfiguration: true, routerSeconds: 1800 },
      options: [
        {
          ...{ kind: 'prefix', network: '2001:db8:0:7::/64', onLink: false, autonomous: true },
          ...{ validSeconds: 5400, preferredSeconds: 2700 },
        },
        { kind: 'mtu', mtuBytes: 1400 },
        { kind: 'dnsServers', addresses: ['2001:db8::53'], seconds: 1800 },
        { kind: 'searchDomains', domains: ['a.bc'], seconds: 1800 },
        { kind: 'route', network: '2001:db8:20::/48', seconds: 1800 },
      ],
    },
    ends,
    1400,
  );
  expect(toHex(packet?.subarray(44) ?? new Uint8Array())).toBe(
    [
      '40400708 00000000 00000000',
      '03044040 00001518 00000a8c 00000000 20010db8 00000007 00000000 00000000',
      '05010000 00000578',
      '19030000 00000708 20010db8 00000000 00000000 00000053',
      '1f020000 00000708 01610262 63000000',
      '18023000 00000708 20010db8 00200000',
    ]
      .join('')
      .replaceAll(' ', ''),
  );
});

test('a solicitation is one from this link alone', () => {
  const solicitation = { source: 'fe80::2', destination: 'ff02::2', hopLimit: 255, type: 133, code: 0 };
  const isOne = (changes: object): boolean =>
    isRouterSolicitation(readIp(writeIcmpv6({ ...solicitation, body: new Uint8Array(4), ...changes })));
  expect(isOne({})).toBe(true);
  expect(isOne({ source: '::' })).toBe(true);
  expect(isOne({ hopLimit: 64 })).toBe(false);
  expect(isOne({ code: 1 })).toBe(false);
  expect(isOne({ type: 135 })).toBe(false);
  expect(isOne({ body: new Uint8Array(3) })).toBe(false);
});

test('arbitrary bytes are an advertisement, none, or a WireError', () => {
  const head = fromHex('86000000 40400708 00000000 00000000');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (tail, isWhole) => {
      const payload = isWhole ? Uint8Array.of(...head, ...tail) : tail;
      const packet = writeIp({ ...ends, protocol: ipProtocols.icmpv6, hopLimit: 255, payload });
      try {
        readRouterAdvertisement(readIp(packet));
        isRouterSolicitation(readIp(packet));
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
  );
});
