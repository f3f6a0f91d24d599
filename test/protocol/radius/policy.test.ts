import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFramedRoute } from '../../../main/protocol/radius/policy/framed-route.ts';
import { readReplyPolicy } from '../../../main/protocol/radius/policy/policy.ts';
import { parseMikrotikRateLimit } from '../../../main/protocol/radius/policy/rate-limit.ts';
import { latin1 } from '../../../main/protocol/wire/bytes.ts';
import { attributeValues } from './arbitraries.ts';

describe('a Framed-Route', () => {
  test.each([
    ['10.77.0.0/24 0.0.0.0 1', { destination: '10.77.0.0', lengthBits: 24, gateway: undefined, metric: 1 }],
    [
      '192.168.1.0/24 192.168.1.1 1 2 -1 3 400',
      { destination: '192.168.1.0', lengthBits: 24, gateway: '192.168.1.1', metric: 1 },
    ],
    ['10.77.0.9/8', { destination: '10.0.0.0', lengthBits: 8, gateway: undefined, metric: undefined }],
    ['10.1.2.3', { destination: '10.0.0.0', lengthBits: 8, gateway: undefined, metric: undefined }],
    ['172.16.9.9 172.16.0.1 2', { destination: '172.16.0.0', lengthBits: 16, gateway: '172.16.0.1', metric: 2 }],
    ['192.168.7.9  0.0.0.0  1', { destination: '192.168.7.0', lengthBits: 24, gateway: undefined, metric: 1 }],
    ['0.0.0.0/0', { destination: '0.0.0.0', lengthBits: 0, gateway: undefined, metric: undefined }],
  ])('%s is read', (text, route) => {
    expect(parseFramedRoute(text, 'ipv4')).toEqual(route);
  });

  test('of IPv6 is read as well, and each only as its own family', () => {
    const text = '2001:db8:1:2::9/64 :: 1';
    const route = { destination: '2001:db8:1:2::', lengthBits: 64, gateway: undefined, metric: 1 };
    expect(parseFramedRoute(text, 'ipv6')).toEqual(route);
    expect(parseFramedRoute(text, 'ipv4')).toBeUndefined();
    expect(parseFramedRoute('10.0.0.0/8', 'ipv6')).toBeUndefined();
  });

  test.each([
    '',
    'x',
    '10.0.0.0/33',
    '10.0.0.0/8/9',
    '10.0.0.0/-1',
    '10.0.0/8',
    '10.0.0.0/8 x',
    '10.0.0.0/8 0.0.0.0 x',
    '10.0.0.0/8; reboot',
  ])('"%s" is none', (text) => {
    expect(parseFramedRoute(text, 'ipv4')).toBeUndefined();
  });
});

describe('a Mikrotik-Rate-Limit', () => {
  const rate = (bitsPerSecond: number, burst?: object) => ({ bitsPerSecond, burst });

  test.each([
    ['128k', rate(128_000), rate(128_000)],
    ['64k/2M', rate(64_000), rate(2_000_000)],
    ['0/10M', undefined, rate(10_000_000)],
    [
      '1M/2M 2M/4M',
      rate(1e6, { bitsPerSecond: 2e6, thresholdBitsPerSecond: 1e6, seconds: 1 }),
      rate(2e6, { bitsPerSecond: 4e6, thresholdBitsPerSecond: 2e6, seconds: 1 }),
    ],
    [
      '384k/1M 512k/2M 300k/800k 12/24 5 96k/384k',
      rate(384e3, { bitsPerSecond: 512e3, thresholdBitsPerSecond: 300e3, seconds: 12 }),
      rate(1e6, { bitsPerSecond: 2e6, thresholdBitsPerSecond: 800e3, seconds: 24 }),
    ],
    ['384k/1536k 0/0 0/0 0/0 8 96k/384k', rate(384e3), rate(1536e3)],
  ])('%s limits what the user sends, and is sent', (text, fromUser, toUser) => {
    expect(parseMikrotikRateLimit(text)).toEqual({ fromUser, toUser });
  });

  test.each(['', 'fast', '1M/', '1M/2M/3M', '1M 2M 3M 4 9', '1M 2M 3M 4 5 6M 7', '-1M', '1.5M'])(
    '"%s" is none',
    (text) => {
      expect(parseMikrotikRateLimit(text)).toBeUndefined();
    },
  );
});

describe('the policy of an answer', () => {
  test('is what its attributes say', () => {
    const policy = readReplyPolicy({
      framedIpAddress: '10.99.0.77',
      framedIpNetmask: '255.255.255.255',
      framedPool: 'staff',
      framedRoute: ['10.77.0.0/24 0.0.0.0 1'],
      framedMtu: 1400,
      framedIpv6Prefix: [{ address: '2001:db8::', lengthBits: 64 }],
      filterId: ['staff', 'printers'],
      class: [latin1('c')],
      sessionTimeout: 3600,
      idleTimeout: 600,
      portLimit: 2,
      acctInterimInterval: 300,
      msPrimaryDnsServer: '10.99.0.1',
      msSecondaryDnsServer: '10.99.0.2',
      dnsServerIpv6Address: ['2001:db8::53'],
      wisprBandwidthMaxUp: 1000,
      replyMessage: ['Hello,\u0007 ', '', 'alice'],
    });
    expect(policy).toMatchObject({
      address: { chosenBy: 'server', address: '10.99.0.77', netmask: '255.255.255.255' },
      pool: 'staff',
      routes: [{ destination: '10.77.0.0', lengthBits: 24 }],
      mtuBytes: 1400,
      ipv6: { prefixes: [{ address: '2001:db8::', lengthBits: 64 }] },
      filters: ['staff', 'printers'],
      class: [latin1('c')],
      sessionTimeoutSeconds: 3600,
      idleTimeoutSeconds: 600,
      portLimit: 2,
      interimSeconds: 300,
      dns: ['10.99.0.1', '10.99.0.2', '2001:db8::53'],
      rateLimit: { fromUser: { bitsPerSecond: 1000 }, toUser: undefined },
      message: 'Hello,\nalice',
      unusable: [],
    });
  });

  test('lets the host, or the client, choose the address where the server says so', () => {
    expect(readReplyPolicy({ framedIpAddress: '255.255.255.254' }).address).toEqual({ chosenBy: 'host' });
    expect(readReplyPolicy({ framedIpAddress: '255.255.255.255' }).address).toEqual({ chosenBy: 'client' });
    expect(readReplyPolicy({}).address).toBeUndefined();
  });

  test('takes 0 for no limit, and accounts at most once a minute', () => {
    const policy = readReplyPolicy({ sessionTimeout: 0, idleTimeout: 0, acctInterimInterval: 1 });
    expect(policy).toMatchObject({
      sessionTimeoutSeconds: undefined,
      idleTimeoutSeconds: undefined,
      interimSeconds: 60,
    });
  });

  test('MikroTik’s rate comes before WISPr’s', () => {
    const { rateLimit } = readReplyPolicy({
      wisprBandwidthMaxUp: 1,
      wisprBandwidthMaxDown: 1,
      mikrotikRateLimit: '5k',
    });
    expect(rateLimit).toMatchObject({ fromUser: { bitsPerSecond: 5000 }, toUser: { bitsPerSecond: 5000 } });
  });

  test('leaves out what cannot be used, and says so', () => {
    const policy = readReplyPolicy({ framedRoute: ['nonsense', '10.0.0.0/8'], framedMtu: 5, mikrotikRateLimit: '?' });
    expect(policy.routes).toHaveLength(1);
    expect(policy).toMatchObject({ mtuBytes: undefined, rateLimit: undefined });
    expect(policy.unusable.toSorted()).toEqual(['the MTU 5', 'the rate limit "?"', 'the route "nonsense"']);
  });

  test('can be read from whatever attributes there are', () => {
    fc.assert(
      fc.property(attributeValues, (values) => {
        expect(readReplyPolicy(values).message).not.toMatch(/[^\P{C}\n]/u);
      }),
      { numRuns: 100 },
    );
  });
});
