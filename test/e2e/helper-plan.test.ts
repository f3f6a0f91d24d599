import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NetworkPlan } from '../../main/contracts/helper.ts';
import { createNetwork, type Host, type MachineState, type Network, wanAddress } from '../support/namespaces.ts';
import { type ConnectedHelper, helperGone, helperWithClient } from './helper-client.ts';

const gateway = '198.51.100.9';

const fullPlan = {
  tunnel: {
    name: 'culvert0',
    mtuBytes: 1400,
    addresses: [{ local: '10.9.0.2/32', peer: '10.9.0.1' }, { local: '2001:db8:9::2/64' }],
  },
  routes: [
    { to: `${gateway}/32`, via: 'underlay' },
    { to: '0.0.0.0/1', via: 'tunnel' },
    { to: '128.0.0.0/1', via: 'tunnel' },
    { to: '2000::/3', via: 'tunnel', metric: 50 },
  ],
  dns: { servers: ['10.9.0.1'], searchDomains: ['corp.test'], domains: [] },
  killSwitch: { allow: [gateway] },
} satisfies NetworkPlan;

let network: Network;
let host: Host;
let before: MachineState;
let helper: ConnectedHelper;

beforeAll(async () => {
  network = await createNetwork();
  host = await network.addMachine('plan', { address: '203.0.113.20' });
  before = await host.machineState();
  helper = await helperWithClient(host);
});

afterAll(async () => {
  helper.client.close();
  await helperGone(helper);
  await network.remove();
});

const apply = async (plan: NetworkPlan): Promise<string | undefined> =>
  (await helper.client.broker.request({ kind: 'applyPlan', plan })).tunnelName;
const text = async (...argv: string[]): Promise<string> => (await host.exec(argv)).stdout;

test('a plan puts addresses, routes, DNS and the kill switch in force', async () => {
  expect(await apply(fullPlan)).toBe('culvert0');
  const link = await text('ip', 'address', 'show', 'dev', 'culvert0');
  expect(link).toContain('mtu 1400');
  expect(link).toContain('inet 10.9.0.2 peer 10.9.0.1/32');
  expect(link).toContain('inet6 2001:db8:9::2/64');
  expect(link).not.toContain('fe80');
  expect(await text('ip', 'route', 'get', gateway)).toContain(`via ${wanAddress} dev eth0`);
  expect(await text('ip', 'route', 'get', '192.0.2.1')).toContain('dev culvert0');
  expect(await text('ip', '-6', 'route', 'show', 'dev', 'culvert0')).toContain('2000::/3 proto 203 metric 50');
  const resolver = await text('cat', '/etc/resolv.conf');
  expect(resolver).toContain('search corp.test\nnameserver 10.9.0.1\n');
  expect(resolver).not.toContain('192.0.2.53');
  expect(await text('nft', 'list', 'ruleset')).toContain(`ip daddr ${gateway} accept`);
});

test('the kill switch keeps in what is not the gateway or the tunnel', async () => {
  await apply({ routes: [], killSwitch: { allow: [] } });
  const blocked = await host.exec(['ping', '-c1', '-W1', wanAddress], { allowFailure: true });
  expect(blocked.exitCode).not.toBe(0);
  await apply({ routes: [], killSwitch: { allow: [wanAddress] } });
  expect((await host.exec(['ping', '-c1', '-W1', wanAddress], { allowFailure: true })).exitCode).toBe(0);
});

test('applying a plan twice changes nothing, and the empty plan restores the machine', async () => {
  await apply(fullPlan);
  const once = await host.machineState();
  await apply(fullPlan);
  expect(await host.machineState()).toEqual(once);
  await apply({ routes: [] });
  expect(await host.machineState()).toEqual(before);
});

test('a plan replaces the one before without taking down what both have', async () => {
  await apply(fullPlan);
  const index = JSON.parse(await text('ip', '-j', 'link', 'show', 'dev', 'culvert0')) as [{ ifindex: number }];
  await apply({
    routes: [{ to: '10.0.0.0/8', via: 'tunnel' }],
    tunnel: { name: 'culvert0', mtuBytes: 1300, addresses: [{ local: '10.9.0.3/32' }] },
    dns: { servers: ['10.9.0.7'], searchDomains: [], domains: ['corp.test'] },
  });
  const after = JSON.parse(await text('ip', '-j', 'link', 'show', 'dev', 'culvert0')) as [
    { ifindex: number; mtu: number },
  ];
  expect(after[0]).toMatchObject({ ifindex: index[0].ifindex, mtu: 1300 });
  expect(await text('ip', 'route', 'get', '192.0.2.1')).toContain('dev eth0');
  // Split DNS in resolv.conf: the plan's servers first, then the machine's.
  expect(await text('cat', '/etc/resolv.conf')).toContain('nameserver 10.9.0.7\nnameserver 192.0.2.53\n');
  await apply({ routes: [] });
  expect(await host.machineState()).toEqual(before);
});

test('a plan that cannot be had whole leaves everything as it was, and the error names what failed', async () => {
  await apply({ routes: [{ to: `${gateway}/32`, via: 'underlay' }] });
  const sound = await host.machineState();
  await text('ip', 'route', 'add', 'blackhole', '10.77.0.0/16');
  const refused = apply({ ...fullPlan, routes: [...fullPlan.routes, { to: '10.77.0.0/16', via: 'tunnel' }] });
  await expect(refused).rejects.toMatchObject({
    reply: { code: 'helper.route', message: expect.stringContaining('10.77.0.0/16') as string },
  });
  await text('ip', 'route', 'delete', 'blackhole', '10.77.0.0/16');
  expect(await host.machineState()).toEqual(sound);
  await apply({ routes: [] });
  expect(await host.machineState()).toEqual(before);
});

test('a wish for a device name that is taken gets another name', async () => {
  await text('ip', 'tuntap', 'add', 'mode', 'tun', 'name', 'taken');
  const name = await apply({ routes: [], tunnel: { name: 'taken', mtuBytes: 1400, addresses: [] } });
  expect(name).toBe('taken0');
  await apply({ routes: [] });
  await text('ip', 'link', 'delete', 'taken');
  expect(await host.machineState()).toEqual(before);
});

test('after the network changed, the same plan pins the gateway by the new way', async () => {
  const plan: NetworkPlan = { tunnel: fullPlan.tunnel, routes: fullPlan.routes };
  await apply(plan);
  await text('ip', 'address', 'add', '203.0.113.21/24', 'dev', 'eth0');
  await text('ip', 'route', 'replace', 'default', 'via', '203.0.113.2');
  await apply(plan);
  expect(await text('ip', 'route', 'get', gateway)).toContain('via 203.0.113.2 dev eth0');
  await apply({ routes: [] });
  await text('ip', 'route', 'replace', 'default', 'via', wanAddress);
  await text('ip', 'address', 'delete', '203.0.113.21/24', 'dev', 'eth0');
  expect(await host.machineState()).toEqual(before);
});

test("somebody else's resolv.conf is not overwritten when the plan ends", async () => {
  await apply(fullPlan);
  await text('sh', '-c', 'echo nameserver 192.0.2.99 > /etc/resolv.conf');
  await apply({ routes: [] });
  expect(await text('cat', '/etc/resolv.conf')).toBe('nameserver 192.0.2.99\n');
  await text('sh', '-c', 'printf \'%s\' "$1" > /etc/resolv.conf', 'sh', `${before['resolver'] ?? ''}\n`);
});

test('a socket is opened, replaced on its port, and refused where the port is taken', async () => {
  const open = (localPort: number) =>
    helper.client.broker.request({
      kind: 'openSocket',
      socket: 'natt',
      localPort,
      remote: { address: wanAddress, port: 4500 },
    });
  const ephemeral = await open(0);
  expect(ephemeral.local).toMatchObject({ address: host.address });
  expect((await open(4500)).local).toEqual({ address: host.address, port: 4500 });
  expect((await open(4500)).local).toEqual({ address: host.address, port: 4500 });
  const holder = host.spawn([
    process.execPath,
    '-e',
    `require('node:dgram').createSocket('udp4').bind(500, () => console.log('bound'))`,
  ]);
  await holder.until(/bound/);
  const busy = helper.client.broker.request({ kind: 'openSocket', socket: 'ike', localPort: 500 });
  await expect(busy).rejects.toMatchObject({
    reply: { code: 'helper.portBusy', message: expect.stringMatching(/500.*\(pid \d+\)/) as string },
  });
  await holder.stop();
  const unreachable = helper.client.broker.request({
    kind: 'openSocket',
    socket: 'ike',
    localPort: 0,
    remote: { address: '2001:db8::1', port: 500 },
  });
  await expect(unreachable).rejects.toMatchObject({ reply: { code: 'helper.unreachable' } });
});
