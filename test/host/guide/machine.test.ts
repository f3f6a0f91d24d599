import { createSocket } from 'node:dgram';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interval, intersect } from '../../../main/host/addresses/interval.ts';
import { homeNetworks } from '../../../main/host/configuration/index.ts';
import { reachedAt } from '../../../main/host/guide/index.ts';
import { parseRoutes } from '../../../main/host/guide/machine/routes.ts';
import { parseUdpTable, portHolders } from '../../../main/host/guide/machine/udp-ports.ts';
import { suggestPool } from '../../../main/host/guide/pool.ts';
import { createPreSharedKey } from '../../../main/host/guide/pre-shared-key.ts';

test('the table of UDP sockets gives ports, users and inodes, and leaves out what it does not understand', () => {
  const text = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  374: 00000000:01F4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 18530 2 0000000000000000 0
 1090: 00000000000000000000000000000000:1194 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 99 2 0 0
 garbage
`;
  expect(parseUdpTable(text)).toEqual([
    { port: 500, uid: 0, inode: 18530 },
    { port: 4500, uid: 1000, inode: 99 },
  ]);
});

test('who holds a port is found, and a free one has no holder', async () => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  const [holder] = portHolders([port]);
  expect(holder).toMatchObject({ port, program: { processId: process.pid } });
  await new Promise<void>((resolve) => socket.close(resolve));
  expect(portHolders([port])).toEqual([]);
});

test("the kernel's routes are networks, without the default route", () => {
  const text = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0107A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0007A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
tun0\t0000140A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
`;
  expect(parseRoutes(text)).toEqual(['192.168.7.0/24', '10.20.0.0/16']);
});

test.each([
  ['9.9.9.9', 'directly'],
  ['192.168.7.5', 'router'],
  ['172.31.255.1', 'router'],
  ['172.32.0.1', 'directly'],
  ['100.64.1.1', 'sharedAddress'],
  ['100.128.0.1', 'directly'],
  ['192.0.0.2', 'sharedAddress'],
  ['169.254.3.4', 'router'],
  ['203.0.113.7', 'router'],
  ['240.0.0.1', 'router'],
  ['0.0.0.0', 'nothing'],
  ['127.0.0.1', 'nothing'],
  [undefined, 'nothing'],
])('%s is reached %s', (address, by) => {
  expect(reachedAt(address)).toBe(by);
});

const octet = fc.integer({ min: 0, max: 255 });
const privateNetwork = fc
  .tuple(fc.constantFrom('10', '172', '192'), octet, octet, fc.integer({ min: 9, max: 32 }))
  .map(([first, second, third, bits]) => {
    const other = first === '172' ? 16 + (second % 16) : first === '192' ? 168 : second;
    return `${first}.${other}.${third}.0/${bits}`;
  });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('a suggested pool overlaps neither what is taken nor what homes have', () => {
  fc.assert(
    fc.property(fc.array(privateNetwork, { maxLength: 40 }), random, (taken, at) => {
      const pool = suggestPool(taken, () => at);
      if (pool === undefined) return;
      const avoided = [...taken, ...homeNetworks.map(({ network }) => network)].map(interval);
      expect(avoided.filter((each) => intersect(each, interval(pool)))).toEqual([]);
      expect(pool).toMatch(/\.0\/24$/);
    }),
  );
});

test('where all of 10.0.0.0/8 is taken, the pool is elsewhere; where all is, there is none', () => {
  expect(suggestPool(['10.0.0.0/8', 'fd00::/8'], () => 0)).toMatch(/^172\.(1[6-9]|2\d|3[01])\./);
  expect(suggestPool(['10.0.0.0/8', '172.16.0.0/12'], () => 0.999)).toMatch(/^192\.168\./);
  expect(suggestPool(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'], () => 0.5)).toBeUndefined();
});

test('two machines are suggested different pools', () => {
  expect(suggestPool([], () => 0.2)).not.toBe(suggestPool([], () => 0.7));
});

test('a pre-shared key is typed without Shift or doubt, is another each time, and cannot print by accident', () => {
  const keys = Array.from({ length: 50 }, () => createPreSharedKey());
  for (const key of keys) expect(key.expose()).toMatch(/^([a-km-np-z2-9]{4}-){5}[a-km-np-z2-9]{4}$/);
  expect(new Set(keys.map((key) => key.expose())).size).toBe(50);
  expect(String(keys[0])).toBe('[secret]');
});
