import { randomBytes } from 'node:crypto';
import type { BrokerRequest, NetworkPlan } from '../../main/contracts/helper.ts';
import type { Unnumbered } from '../../main/helper/channel.ts';
import { createNetwork, type Host, type MachineState, type Network } from '../support/namespaces.ts';
import { type ConnectedHelper, helperGone, helperWithClient } from './helper-client.ts';

/**
 * A gateway with its LAN, and clients whose sessions are installed as after IKE, L2TP and PPP:
 *
 *     alice, bob ── tunnel ── gateway ── office
 *
 * All four are on one network, 203.0.113.0/24; alice and bob reach the office through the tunnel.
 */
export interface GatewayScene {
  readonly network: Network;
  readonly gateway: Host;
  readonly office: Host;
  readonly alice: Client;
  readonly bob: Client;
  helper: ConnectedHelper;
}

export interface Client {
  readonly machine: Host;
  readonly helper: ConnectedHelper;
}

export type SessionPolicy = Omit<Extract<Unnumbered<BrokerRequest>, { kind: 'setSessionPolicy' }>, 'kind'>;

export const pool = '10.9.0.0/24';
/** Of the LAN, for a client. */
export const lanClient = '203.0.113.99';
export const branch = '10.20.0.0/16';
export const unheard = '10.9.0.77';
const nattPort = 4500;
const l2tpPort = 1701;

export const aliceAddress = '10.9.0.2';
export const bobAddress = '10.9.0.3';
export const branchAddress = '10.20.1.5';
/** The sessions of the scene by number: whose, and which address. */
const sessions = [
  { session: 1, of: 'alice', address: aliceAddress },
  { session: 2, of: 'bob', address: bobAddress },
  { session: 3, of: 'alice', address: lanClient },
  { session: 4, of: 'alice', address: '10.9.0.4', networks: [branch] },
] as const;

export const gatewayPlan = {
  tunnel: { name: 'culvert0', mtuBytes: 1400, addresses: [{ local: '10.9.0.1/32' }] },
  routes: [{ to: pool, via: 'unreachable' }],
  gateway: {
    ipv4: true,
    ipv6: true,
    masquerade: [pool],
    neighbours: [{ network: '203.0.113.0/24' }],
    groups: [
      { group: 1, isolated: true, incoming: false },
      { group: 2, isolated: false, incoming: true },
      {
        group: 3,
        isolated: true,
        incoming: false,
        reach: [
          { network: '203.0.113.52/32', protocol: 'tcp', ports: [{ first: 5001, last: 5001 }] },
          { network: '203.0.113.0/24', protocol: 'tcp', ports: [{ first: 5001, last: 5001 }] },
          { network: '198.51.100.0/24', protocol: 'any' },
        ],
      },
      { group: 4, isolated: true, incoming: false, reach: [] },
    ],
  },
} satisfies NetworkPlan;

/** As plans with other members are made of. */
export const gatewayOf = (change: Partial<NonNullable<NetworkPlan['gateway']>>): NetworkPlan => ({
  ...gatewayPlan,
  gateway: { ...gatewayPlan.gateway, ...change },
});

async function installSession(
  helper: ConnectedHelper,
  remoteAddress: string,
  { session, address, networks = [] }: { session: number; address: string; networks?: readonly string[] },
  spis: readonly [inbound: number, outbound: number],
  keys: readonly [inbound: Uint8Array, outbound: Uint8Array],
): Promise<void> {
  const { datapath } = helper.client;
  const suite = { cipher: 'aes-gcm-16', integrity: 'none', cipherKeyBytes: 20, integrityKeyBytes: 0 } as const;
  await datapath.request({
    kind: 'setPath',
    path: session,
    socket: 'natt',
    remote: { address: remoteAddress, port: nattPort },
    localL2tpPort: l2tpPort,
    remoteL2tpPort: l2tpPort,
  });
  const [inbound, outbound] = spis;
  await datapath.request(
    {
      kind: 'installSa',
      path: session,
      inbound: { spi: inbound, ...suite },
      outbound: { spi: outbound, ...suite },
      replayWindowPackets: 1024,
    },
    Buffer.concat(keys),
  );
  await datapath.request({ kind: 'useSa', path: session, outboundSpi: outbound });
  await datapath.request({
    kind: 'setSession',
    session,
    path: session,
    localTunnelId: session,
    localSessionId: 1,
    remoteTunnelId: session,
    remoteSessionId: 1,
    sequencing: false,
    compressProtocol: false,
    compressAddressControl: false,
    prefixes: [`${address}/32`, ...networks],
    mtuBytes: 1400,
  });
}

async function createClient(machine: Host, gateway: Host, of: 'alice' | 'bob', office: Host): Promise<Client> {
  // It is the gateway that is to answer for its address in the tunnel.
  await machine.exec(['sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1']);
  const helper = await helperWithClient(machine);
  const remote = { address: gateway.address, port: nattPort };
  await helper.client.broker.request({ kind: 'openSocket', socket: 'natt', localPort: nattPort, remote });
  const mine = sessions.filter((session) => session.of === of);
  await helper.client.broker.request({
    kind: 'applyPlan',
    plan: {
      tunnel: {
        name: 'culvert0',
        mtuBytes: 1400,
        addresses: [...mine.map(({ address }) => address), ...(of === 'alice' ? [branchAddress] : [])].map(
          (address) => ({
            local: `${address}/32`,
          }),
        ),
      },
      routes: [
        { to: pool, via: 'tunnel' },
        { to: `${office.address}/32`, via: 'tunnel' },
        { to: '198.51.100.0/24', via: 'tunnel' },
      ],
    },
  });
  return { machine, helper };
}

export async function createScene(): Promise<GatewayScene> {
  const network = await createNetwork();
  const gateway = await network.addMachine('gateway', { address: '203.0.113.50' });
  const office = await network.addMachine('office', { address: '203.0.113.52' });
  const alice = await network.addMachine('alice', { address: '203.0.113.53' });
  const bob = await network.addMachine('bob', { address: '203.0.113.54' });
  const helper = await helperWithClient(gateway);
  return {
    ...{ network, gateway, office, helper },
    alice: await createClient(alice, gateway, 'alice', office),
    bob: await createClient(bob, gateway, 'bob', office),
  };
}

/** Both ends of every session, into a helper of the gateway that has none yet and no plan. */
export async function connectClients(scene: GatewayScene): Promise<void> {
  const { helper, gateway } = scene;
  await helper.client.broker.request({ kind: 'openSocket', socket: 'natt', localPort: nattPort });
  for (const session of sessions) {
    const client = scene[session.of];
    const [up, down] = [randomBytes(20), randomBytes(20)];
    const [toGateway, toClient] = [0x1000 + session.session, 0x2000 + session.session];
    await installSession(helper, client.machine.address, session, [toGateway, toClient], [up, down]);
    await installSession(client.helper, gateway.address, session, [toClient, toGateway], [down, up]);
  }
}

export async function removeScene({ network, helper, alice, bob }: GatewayScene): Promise<void> {
  for (const each of [helper, alice.helper, bob.helper]) {
    each.client.close();
    await helperGone(each);
  }
  await network.remove();
}

const parameters = ['forwarding', 'accept_ra', 'proxy_ndp', 'accept_redirects']
  .map((name) => `/proc/sys/net/ipv[46]/conf/*/${name}`)
  .join(' ');

/** The machine's state with what a gateway changes besides. */
export async function gatewayState(machine: Host): Promise<MachineState> {
  const text = async (...argv: string[]): Promise<string> => (await machine.exec(argv)).stdout;
  return {
    ...(await machine.machineState()),
    proxies4: await text('ip', '-4', 'neighbour', 'show', 'proxy'),
    proxies6: await text('ip', '-6', 'neighbour', 'show', 'proxy'),
    parameters: await text('sh', '-c', `grep -H . ${parameters} 2>/dev/null || true`),
  };
}

export async function canPing(from: Host, source: string, to: string): Promise<boolean> {
  const { exitCode } = await from.exec(['ping', '-c1', '-W2', '-I', source, to], { allowFailure: true });
  return exitCode === 0;
}

/** Says who it is that connects (TCP), and answers on both ports. */
const greeter = `
  for (const port of [5001, 5002]) {
    require('node:net').createServer((s) => { s.on('error', () => {}); s.end(s.remoteAddress); }).listen(port, '0.0.0.0');
  }
  setTimeout(() => console.log('listening'), 50);`;

export async function greetOn(machine: Host): Promise<{ stop(): Promise<unknown> }> {
  const running = machine.spawn([process.execPath, '-e', greeter]);
  await running.until(/listening/);
  return running;
}

/** As whom the greeter sees the caller, or the error's code. */
export async function greetedAs(from: Host, source: string, to: string, port: number): Promise<string> {
  const program = `
    const s = require('node:net').connect({ host: process.argv[1], port: Number(process.argv[2]), localAddress: process.argv[3] });
    s.setTimeout(2000, () => { console.log('silence'); process.exit(); });
    s.on('data', (d) => { console.log(String(d)); process.exit(); });
    s.on('error', (e) => { console.log(e.code); process.exit(); });`;
  return (await from.exec([process.execPath, '-e', program, to, String(port), source])).stdout.trim();
}
