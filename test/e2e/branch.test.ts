import { beforeEach, expect, test } from 'vitest';
import { type Culvert } from '../support/culvert.ts';
import { type CulvertHost, startCulvertHost } from '../support/culvert-host.ts';
import type { Host, Machine } from '../support/namespaces.ts';
import { password, userName } from '../support/peers/credentials.ts';
import { serveOffice, transfer } from '../support/peers/office.ts';
import { eventually } from '../support/processes.ts';
import { gatewayState } from './gateway-scene.ts';
import { useScene } from './scene.ts';

/**
 * Our own client as the router of a branch office:
 *
 *     desk  192.168.77.5 ─┐                              ┌─ office 10.20.0.5, which is the profile's route
 *                         ├─ client ══ tunnel ══ gateway ┤
 *     guest 192.168.99.5 ─┘                              └─ other  10.30.0.5, which is not
 *
 * The gateway takes both networks behind the client for the branch; the client's profile has the desk's alone.
 */
const scene = useScene();
const gatewayAddress = '203.0.113.40';
const branch = '192.168.77.0/24';
const branchIpv6 = 'fd77:77::/64';
const guests = '192.168.99.0/24';
const officeNetwork = '10.20.0.0/24';
const clientInBranch = '192.168.77.1';
const guestRouter = '192.168.99.1';
const bytes = 5_000_000;

let gateway: Host;
let client: Host;
let desk: Machine;
let guest: Machine;
let office: Machine;
let other: Machine;
let host: CulvertHost;

beforeEach(async () => {
  const { network } = scene;
  gateway = await network.addMachine('gateway', { address: gatewayAddress });
  client = await scene.client();
  desk = await network.addMachineBehind(client, 'desk', '192.168.77.5', clientInBranch);
  guest = await network.addMachineBehind(client, 'guest', '192.168.99.5', guestRouter);
  office = await network.addMachineBehind(gateway, 'office', '10.20.0.5', '10.20.0.1');
  other = await network.addMachineBehind(gateway, 'other', '10.30.0.5', '10.30.0.1');
  host = await startCulvertHost(gateway, {
    users: [{ user: { name: userName }, password }],
    config: {
      pools: { clients: { ranges: ['10.64.0.0/18'], ipv6Prefix: 'fd64:64::/48' } },
      users: [{ name: userName, networks: [branch, guests, branchIpv6] }],
    },
  });
  scene.afterwards(() => host.cleanUp());
});

function connect(network: object = {}, members: object = {}): Culvert {
  return scene.culvert(client, {
    gateway: gatewayAddress,
    profile: { network: { mode: 'split', routes: [officeNetwork], branch: [branch], ...network }, ...members },
  });
}

async function pings(from: Machine, to: string): Promise<boolean> {
  return (await from.exec(['ping', '-q', '-c2', '-i0.2', '-W2', to], { allowFailure: true })).exitCode === 0;
}

async function expectCarried(from: Machine, to: Machine): Promise<void> {
  const server = await serveOffice(to, to.address);
  for (const direction of ['send', 'receive'] as const) {
    const carried = await transfer(from, direction, bytes, 60_000, to.address);
    expect(carried.bytes).toBe(bytes);
    expect(carried.remoteSha256).toBe(carried.localSha256);
  }
  await server.stop();
}

const listening = `
  require('node:dgram').createSocket('udp4')
    .on('listening', () => console.log('ready')).on('message', (_, from) => console.log('from', from.address)).bind(7000);`;
const sending = (to: string): string => `
  const socket = require('node:dgram').createSocket('udp4');
  socket.send('x', 7000, '${to}', () => socket.close());`;

/** Which of the senders' datagrams arrive: `last` is one whose does. Answers need no way back. */
async function heard(at: Machine, address: string, senders: readonly Machine[], last: Machine): Promise<string[]> {
  const listener = at.spawn([process.execPath, '-e', listening]);
  await listener.until(/ready/);
  for (const sender of [...senders, last]) await sender.exec([process.execPath, '-e', sending(address)]);
  await listener.until(new RegExp(`from ${last.address}`));
  await listener.stop();
  return [...listener.stdout().matchAll(/from (\S+)/g)].map(([, from = '']) => from);
}

test('desk and office reach each other and carry 5 MB each way, whoever calls; the computer itself is reached as well', async () => {
  const before = await gatewayState(client);
  const culvert = connect();
  const { localAddress } = await culvert.connected();
  expect(await pings(desk, office.address)).toBe(true);
  expect(await pings(office, desk.address)).toBe(true);
  expect(await pings(office, localAddress)).toBe(true);
  expect(await pings(office, clientInBranch)).toBe(true);
  expect(await pings(client, office.address)).toBe(true);
  await expectCarried(desk, office);
  await expectCarried(office, desk);
  await culvert.stop();
  expect(await gatewayState(client)).toEqual(before);
});

test('who is neither of the branch nor of the office does not pass, even where the other side would let it', async () => {
  const culvert = connect();
  await culvert.connected();
  // An answer would prove less: not even what they send arrives.
  expect(await heard(office, office.address, [guest], desk)).toEqual([desk.address]);
  expect(await heard(desk, desk.address, [other], office)).toEqual([office.address]);
  const clientAmongGuests = { ...client, address: guestRouter };
  expect(await heard(guest, guest.address, [office], clientAmongGuests)).toEqual([guestRouter]);
});

test('without a branch in the profile nothing is forwarded, and the client is as ever', async () => {
  const before = await gatewayState(client);
  const culvert = connect({ branch: [] });
  await culvert.connected();
  expect(await pings(client, office.address)).toBe(true);
  expect(await pings(desk, office.address)).toBe(false);
  const { firewall, parameters } = await gatewayState(client);
  expect({ firewall }).toEqual({ firewall: before['firewall'] });
  expect(parameters?.split('\n')).toEqual(expect.arrayContaining(before['parameters']?.split('\n') ?? ['?']));
});

test('kill -9 of the broker leaves forwarding and rules as they were', async () => {
  const before = await gatewayState(client);
  const culvert = connect({ killSwitch: true });
  await culvert.connected();
  expect(await pings(desk, office.address)).toBe(true);
  expect(await gatewayState(client)).not.toEqual(before);
  process.kill((await culvert.helperProcesses()).broker, 'SIGKILL');
  await culvert.process.exited;
  await expect.poll(() => gatewayState(client), { timeout: 10_000 }).toEqual(before);
});

test.each([false, true])('the branch learns what fits into the tunnel; kill switch: %s', async (killSwitch) => {
  const culvert = connect({ killSwitch });
  const { mtuBytes } = await culvert.connected();
  const tooBig = ['ping', '-c1', '-W2', '-M', 'do', '-s', '1450', office.address];
  expect((await desk.exec(tooBig, { allowFailure: true })).stdout).toContain(`(mtu = ${mtuBytes})`);
});

test('desk and office reach each other by IPv6 as well', async () => {
  const addIpv6 = async (end: Machine, router: Machine, device: string, network: string): Promise<string> => {
    await end.exec(['ip', 'address', 'add', `${network}5/64`, 'dev', 'eth0']);
    await router.exec(['ip', 'address', 'add', `${network}1/64`, 'dev', device]);
    await end.exec(['ip', '-6', 'route', 'add', 'default', 'via', `${network}1`]);
    return `${network}5`;
  };
  const inBranch = await addIpv6(desk, client, 'desk', 'fd77:77::');
  const inOffice = await addIpv6(office, gateway, 'office', 'fd20:20::');
  const culvert = connect(
    { routes: [officeNetwork, 'fd20:20::/64'], branch: [branch, branchIpv6] },
    { ppp: { ipv6: true } },
  );
  await culvert.connected();
  await eventually('the desk at the office', 10_000, async () => (await pings(desk, inOffice)) || undefined);
  expect(await pings(office, inBranch)).toBe(true);
});

test('with a kill switch what the branch sends to the office goes nowhere while the tunnel is away', async () => {
  // A router already: without the tunnel it would send what is for the office to the internet.
  await client.exec(['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  const before = await gatewayState(client);
  const culvert = connect(
    { killSwitch: true },
    { reconnect: { enabled: true }, ipsec: { deadPeerDetection: { idle: 1, retry: 1, tries: 2 } } },
  );
  await culvert.connected();
  expect(await pings(desk, office.address)).toBe(true);
  await host.stop();
  await culvert.until(({ event }) => event === 'waiting');
  const lost = ['ip', 'route', 'get', office.address, 'from', desk.address, 'iif', 'desk'];
  await eventually('no way to the office', 5000, async () =>
    (await client.exec(lost, { allowFailure: true })).stderr.includes('No route to host'),
  );
  await culvert.stop();
  expect(await gatewayState(client)).toEqual(before);
});
