import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startCulvertHost, type CulvertHost, type CulvertHostOptions } from '../support/culvert-host.ts';
import type { Host } from '../support/namespaces.ts';
import { password, userName } from '../support/peers/credentials.ts';
import { startDnsmasq } from '../support/peers/dnsmasq.ts';
import { eventually } from '../support/processes.ts';
import { useScene } from './scene.ts';

const scene = useScene();
const hostAddress = '203.0.113.40';
const officeAddress = '203.0.113.52';
const insideAddress = '10.64.0.1';
const other = 'bob';
const users = [
  { user: { name: userName, groups: ['staff'] }, password },
  { user: { name: other, groups: ['guests'] }, password },
];
const groups = { staff: { isolated: false }, guests: { isolated: false } };
/** Short, so that a client notices within the test that its gateway is gone. */
const deadPeerDetection = { idle: 1, retry: 1, tries: 2 };

async function host(machine: Host, options: Partial<CulvertHostOptions> = {}): Promise<CulvertHost> {
  const started = await startCulvertHost(machine, { users, ...options, config: { groups, ...options.config } });
  scene.afterwards(() => started.cleanUp());
  return started;
}

function reconfigure({ folder }: CulvertHost, members: Readonly<Record<string, unknown>>): void {
  const file = join(folder, 'host.json');
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...members }));
}

const gatewayMachine = (): Promise<Host> => scene.network.addMachine('gateway', { address: hostAddress });
const connect = (machine: Host, user = userName) =>
  scene.culvert(machine, {
    gateway: hostAddress,
    user,
    profile: {
      network: { mode: 'split', routes: ['10.64.0.0/18', `${officeAddress}/32`] },
      ipsec: { deadPeerDetection },
    },
  });

async function twoClients(): Promise<readonly [Host, Host]> {
  return [await scene.client(), await scene.client('second', { address: '203.0.113.31' })];
}

async function answers(machine: Host, address: string): Promise<boolean> {
  const ping = await machine.exec(['ping', '-c1', '-W2', address], { allowFailure: true });
  return ping.exitCode === 0;
}

describe('our own client', () => {
  test('connects, is answered, says goodbye, and nothing is left', async () => {
    const machine = await gatewayMachine();
    const before = await machine.machineState();
    const running = await host(machine);
    const client = await scene.client();
    const culvert = connect(client);
    const connection = await culvert.connected();
    expect(connection.localAddress).toBe('10.64.0.2');
    await client.exec(['ping', '-q', '-c3', '-i0.2', '-w5', insideAddress]);
    expect(await running.sessions()).toMatchObject([
      { user: userName, groups: ['staff'], address: '10.64.0.2', client: 'culvert', from: { address: client.address } },
    ]);
    await culvert.stop();
    await eventually('the end of the session', 5000, async () => (await running.sessions()).length === 0);
    expect((await running.stop()).exitCode).toBe(0);
    expect(await machine.machineState()).toEqual(before);
  });

  test('is answered from whichever of the host’s addresses it asks', async () => {
    const machine = await gatewayMachine();
    const second = '203.0.113.41';
    await machine.exec(['ip', 'address', 'add', `${second}/24`, 'dev', 'eth0']);
    const running = await host(machine, { config: { listen: { addresses: ['0.0.0.0', '::'] } } });
    const client = await scene.client();
    const culvert = scene.culvert(client, { gateway: second });
    expect(await culvert.connected()).toMatchObject({ gatewayAddress: second, gatewayIdentity: second });
    expect(await answers(client, insideAddress)).toBe(true);
    expect(await running.sessions()).toHaveLength(1);
  });

  test('is told that its password is wrong, and so is the administrator', async () => {
    const running = await host(await gatewayMachine());
    const culvert = scene.culvert(await scene.client(), { gateway: hostAddress, password: 'wrong' });
    expect((await culvert.failed()).phase).toBe('userAuthentication');
    expect(await running.ask({ request: 'failures' })).toMatchObject({
      failures: [{ user: userName, reason: 'wrongPassword', phase: 'userAuthentication' }],
    });
    expect(await running.sessions()).toEqual([]);
  });

  test('reaches the office and other clients as its group may', async () => {
    const office = await scene.network.addMachine('office', { address: officeAddress });
    const reach = [{ network: `${insideAddress}/32` }];
    await host(await gatewayMachine(), { config: { groups: { staff: { isolated: true }, guests: { reach } } } });
    const [first, second] = await twoClients();
    const [alice, bob] = [connect(first), connect(second, other)];
    await alice.connected();
    const { localAddress: bobs } = await bob.connected();
    expect(office.address).toBe(officeAddress);
    expect(await answers(first, officeAddress)).toBe(true);
    expect(await answers(first, bobs)).toBe(false);
    expect(await answers(second, insideAddress)).toBe(true);
    expect(await answers(second, officeAddress)).toBe(false);
  });
});

test('a pool of the LAN gives addresses of its DHCP server, and the LAN finds who has them', async () => {
  const office = await scene.network.addMachine('office', { address: officeAddress });
  const dnsmasq = await startDnsmasq(office, { range: ['203.0.113.100', '203.0.113.150'] });
  scene.afterwards(() => dnsmasq.stop());
  const running = await host(await gatewayMachine(), {
    config: { pools: { lan: { source: 'dhcp', interface: 'eth0' } } },
  });
  const client = await scene.client();
  // It is the gateway that is to answer for its address in the tunnel.
  await client.exec(['sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1']);
  const culvert = connect(client);
  const { localAddress } = await culvert.connected();
  expect(localAddress).toMatch(/^203\.0\.113\.1[0-5]\d$/);
  expect(await answers(client, officeAddress)).toBe(true);
  expect(await answers(office, localAddress)).toBe(true);
  await culvert.stop();
  await eventually('the lease back', 5000, () => dnsmasq.stderr().includes(`DHCPRELEASE(eth0) ${localAddress}`));
  expect(await running.sessions()).toEqual([]);
});

describe('a reload', () => {
  test('ends the sessions that it concerns, and no other', async () => {
    const running = await host(await gatewayMachine());
    const [first, second] = await twoClients();
    const [alice, bob] = [connect(first), connect(second, other)];
    await Promise.all([alice.connected(), bob.connected()]);
    reconfigure(running, { groups: { ...groups, guests: { isolated: true } } });
    expect(await running.ask({ request: 'reload' })).toMatchObject({
      answer: 'reloaded',
      members: ['groups.guests.isolated'],
      sessionsEnded: 1,
    });
    await bob.until(({ event }) => event === 'disconnected');
    expect(await running.sessions()).toMatchObject([{ user: userName }]);
    expect(await answers(first, insideAddress)).toBe(true);
  });

  test('of a file with errors is refused with all of them, and changes nothing', async () => {
    const running = await host(await gatewayMachine());
    const client = await scene.client();
    const culvert = connect(client);
    await culvert.connected();
    reconfigure(running, { defaultGroup: 'nobody', pools: { clients: { ranges: ['10.64.0.9-10.64.0.1'] } } });
    const refused = await running.ask({ request: 'reload' });
    expect(refused).toMatchObject({ answer: 'configurationRefused' });
    expect(refused.answer === 'configurationRefused' && refused.errors.map(({ path }) => path).sort()).toEqual([
      'defaultGroup',
      'pools.clients.ranges[0]',
    ]);
    expect(await answers(client, insideAddress)).toBe(true);
  });

  test('can be taken back', async () => {
    const running = await host(await gatewayMachine());
    reconfigure(running, { limits: { sessions: 7 } });
    expect(await running.ask({ request: 'reload' })).toMatchObject({ answer: 'reloaded' });
    const status = async () => {
      const answer = await running.ask({ request: 'status' });
      return answer.answer === 'status' ? answer.status.sessions.limit : undefined;
    };
    expect(await status()).toBe(7);
    expect(await running.ask({ request: 'restore', version: 1 })).toMatchObject({ members: ['limits.sessions'] });
    expect(await status()).toBe(2000);
  });
});
