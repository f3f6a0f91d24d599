import { describe, expect, test } from 'vitest';
import { hostConfig } from '../../../main/contracts/host-config.ts';
import { networkPlan } from '../../../main/contracts/helper.ts';
import { hostPlan, isRouted } from '../../../main/host/service/configured/network-plan.ts';

const hostNetworks = [
  { interface: 'eth0', network: '192.168.7.5/24' },
  { interface: 'eth1', network: '203.0.113.9/24' },
  { interface: 'eth0', network: '2001:db8:7::5/64' },
];
const config = (members: object) => hostConfig.parse(members);
const planOf = (members: object) =>
  networkPlan.parse(hostPlan(config(members), { gatewayAddress: '10.99.0.1', groups: [], hostNetworks }));

test('a pool behind the host’s own address: nobody’s addresses lead nowhere', () => {
  expect(planOf({ pools: { office: { ranges: ['10.99.0.0/24'] } } })).toEqual({
    tunnel: { name: 'culvert-host', mtuBytes: 1400, addresses: [{ local: '10.99.0.1/32' }] },
    routes: [{ to: '10.99.0.0/24', via: 'unreachable', metric: 4096 }],
    gateway: { ipv4: true, ipv6: false, masquerade: ['10.99.0.0/24'], neighbours: [], groups: [] },
  });
});

test('ranges become the networks that they are, and no more', () => {
  const { routes } = planOf({ pools: { office: { ranges: ['10.99.0.14-10.99.0.17', '10.99.0.18'] } } });
  expect(routes.map(({ to }) => to)).toEqual(['10.99.0.14/31', '10.99.0.16/31', '10.99.0.18/32']);
});

test('addresses of a LAN are answered for on that LAN alone, and keep what they are', () => {
  const { gateway } = planOf({ pools: { lan: { ranges: ['192.168.7.200-192.168.7.220'], mode: 'proxyArp' } } });
  expect(gateway?.neighbours).toEqual([{ network: '192.168.7.0/24', device: 'eth0' }]);
  expect(gateway?.masquerade).toEqual([]);
});

test('leases of a LAN’s server are answered for where they come from', () => {
  const { gateway, routes } = planOf({ pools: { lan: { source: 'dhcp', interface: 'eth1' } } });
  expect(gateway?.neighbours).toEqual([{ network: '203.0.113.0/24', device: 'eth1' }]);
  expect(routes).toEqual([]);
});

test('a host that is on the LAN already needs no second address', () => {
  const ground = { gatewayAddress: '192.168.7.5', groups: [], hostNetworks };
  const plan = hostPlan(config({ pools: { lan: { source: 'dhcp', interface: 'eth0' } } }), ground);
  expect(plan.tunnel?.addresses).toEqual([]);
});

test('a branch that is away leads nowhere, and a prefix makes the host forward IPv6', () => {
  const { gateway, routes } = planOf({
    pools: { office: { ranges: ['10.99.0.0/24'], mode: 'routed', ipv6Prefix: '2001:db8:9::/56' } },
    users: [{ name: 'branch', networks: ['10.50.0.0/16'] }],
  });
  expect(routes.map(({ to }) => to)).toEqual(['10.99.0.0/24', '2001:db8:9::/56', '10.50.0.0/16']);
  expect(gateway).toMatchObject({ ipv6: true, masquerade: [] });
});

test('the tunnel carries the largest packets of any group', () => {
  const pools = { office: { ranges: ['10.99.0.0/24'] } };
  expect(planOf({ pools, groups: { a: { mtu: 1280 }, b: { mtu: 1450 } } }).tunnel?.mtuBytes).toBe(1450);
});

describe('whether the office finds an address', () => {
  const pools = { nat: { ranges: ['10.1.0.0/24'] }, routed: { ranges: ['10.2.0.0/24'], mode: 'routed' } };
  test.each([
    ['10.1.0.9', false],
    ['10.2.0.9', true],
    ['172.16.0.1', true],
  ])('%s: %s', (address, expected) => {
    expect(isRouted(config({ pools }), address)).toBe(expected);
  });
});
