import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { NetworkPlan } from '../../main/contracts/helper.ts';
import { type HelperProcesses, pidsOf } from '../support/helper-processes.ts';
import type { Host, MachineState } from '../support/namespaces.ts';
import {
  aliceAddress,
  bobAddress,
  branch,
  branchAddress,
  canPing,
  connectClients,
  createScene,
  gatewayOf,
  gatewayPlan,
  type GatewayScene,
  gatewayState,
  greetedAs,
  greetOn,
  lanClient,
  pool,
  removeScene,
  type SessionPolicy,
  unheard,
} from './gateway-scene.ts';
import { type ConnectedHelper, helperGone, helperPath, helperWithClient } from './helper-client.ts';

const alices: SessionPolicy = { session: 1, group: 1, prefixes: [`${aliceAddress}/32`] };
const bobs: SessionPolicy = { session: 2, group: 1, prefixes: [`${bobAddress}/32`] };
const onTheLan: SessionPolicy = { session: 3, group: 2, prefixes: [`${lanClient}/32`] };
const branchs: SessionPolicy = { session: 4, group: 2, prefixes: ['10.9.0.4/32', branch] };

let scene: GatewayScene;
let gateway: Host;
let office: Host;
let before: MachineState;

beforeAll(async () => {
  scene = await createScene();
  ({ gateway, office } = scene);
  before = await gatewayState(gateway);
  await connectClients(scene);
});

afterAll(() => removeScene(scene));

const apply = (plan: NetworkPlan) => scene.helper.client.broker.request({ kind: 'applyPlan', plan });
const admit = (policy: SessionPolicy) => scene.helper.client.broker.request({ kind: 'setSessionPolicy', ...policy });
const dismiss = (session: number) => scene.helper.client.broker.request({ kind: 'removeSessionPolicy', session });
const text = async (...argv: string[]): Promise<string> => (await gateway.exec(argv)).stdout;
const alice = (to: string) => canPing(scene.alice.machine, aliceAddress, to);

describe('a gateway', () => {
  beforeAll(async () => {
    await apply(gatewayPlan);
  });

  afterEach(async () => {
    for (const session of [1, 2, 3, 4]) await dismiss(session);
    await apply(gatewayPlan);
  });

  test('forwards a session and hides it behind the machine, which is as before once the plan is empty', async () => {
    const server = await greetOn(office);
    await admit(alices);
    expect(await alice(office.address)).toBe(true);
    expect(await greetedAs(scene.alice.machine, aliceAddress, office.address, 5001)).toBe(gateway.address);
    await apply({ routes: [] });
    expect(await gatewayState(gateway)).toEqual(before);
    await server.stop();
  });

  test('applied twice, it is as once', async () => {
    await admit(alices);
    const once = await gatewayState(gateway);
    await apply(gatewayPlan);
    expect(await gatewayState(gateway)).toEqual(once);
    expect(await alice(office.address)).toBe(true);
  });

  test('without masquerading, the office sees the session itself, and is let in if the group says so', async () => {
    await apply(gatewayOf({ masquerade: [] }));
    const server = await greetOn(office);
    await office.exec(['ip', 'route', 'add', pool, 'via', gateway.address]);
    await admit(alices);
    expect(await greetedAs(scene.alice.machine, aliceAddress, office.address, 5001)).toBe(aliceAddress);
    expect(await canPing(office, office.address, aliceAddress)).toBe(false);
    await admit({ ...alices, group: 2 });
    expect(await canPing(office, office.address, aliceAddress)).toBe(true);
    await office.exec(['ip', 'route', 'delete', pool]);
    await server.stop();
  });

  test('lets a group reach its networks and ports and nothing else, at once for who is there already', async () => {
    const server = await greetOn(office);
    const here = await greetOn(gateway);
    await admit(alices);
    expect(await greetedAs(scene.alice.machine, aliceAddress, office.address, 5002)).toBe(gateway.address);
    await admit({ ...alices, group: 3 });
    expect(await greetedAs(scene.alice.machine, aliceAddress, office.address, 5001)).toBe(gateway.address);
    expect(await greetedAs(scene.alice.machine, aliceAddress, office.address, 5002)).toBe('EHOSTUNREACH');
    expect(await alice(office.address)).toBe(false);
    // The machine itself is no exception.
    expect(await greetedAs(scene.alice.machine, aliceAddress, '10.9.0.1', 5001)).toBe('EHOSTUNREACH');
    // A plan changes what a group may do without touching its sessions.
    const groups = gatewayPlan.gateway.groups.map((group) => (group.group === 3 ? { ...group, reach: [] } : group));
    await apply(gatewayOf({ groups }));
    expect(await greetedAs(scene.alice.machine, aliceAddress, office.address, 5001)).toBe('EHOSTUNREACH');
    await Promise.all([server.stop(), here.stop()]);
  });

  test('keeps isolated sessions from each other, whichever of the two is', async () => {
    await admit(alices);
    await admit(bobs);
    expect(await alice(bobAddress)).toBe(false);
    await admit({ ...alices, group: 2 });
    expect(await alice(bobAddress)).toBe(false);
    await admit({ ...bobs, group: 2 });
    expect(await alice(bobAddress)).toBe(true);
    await admit({ ...alices, group: 1 });
    expect(await alice(bobAddress)).toBe(false);
  });

  test('passes nothing of a source that has no session', async () => {
    expect(await alice(office.address)).toBe(false);
    expect(await alice('10.9.0.1')).toBe(false);
    await admit(alices);
    expect(await alice('10.9.0.1')).toBe(true);
    await dismiss(1);
    expect(await alice('10.9.0.1')).toBe(false);
  });

  test("says that a pool's address is nobody's, rather than send it on", async () => {
    await office.exec(['ip', 'route', 'add', pool, 'via', gateway.address]);
    const ping = await office.exec(['ping', '-c1', '-W2', unheard], { allowFailure: true });
    await office.exec(['ip', 'route', 'delete', pool]);
    expect(ping.stdout).toContain(`From ${gateway.address}`);
    expect(ping.stdout).toContain('Unreachable');
  });

  test('answers for a session that has an address of the LAN, and no longer than it is there', async () => {
    await admit(onTheLan);
    expect(await canPing(office, office.address, lanClient)).toBe(true);
    expect(await canPing(scene.alice.machine, lanClient, office.address)).toBe(true);
    await dismiss(3);
    await office.exec(['ip', 'neighbour', 'flush', 'dev', 'eth0']);
    expect(await canPing(office, office.address, lanClient)).toBe(false);
  });

  test('routes a branch network to its session, and takes what comes from there', async () => {
    await apply(gatewayOf({ masquerade: [] }));
    await office.exec(['ip', 'route', 'add', branch, 'via', gateway.address]);
    expect(await canPing(office, office.address, branchAddress)).toBe(false);
    await admit(branchs);
    expect(await text('ip', 'route', 'get', '10.20.200.1')).toContain('dev culvert0');
    expect(await canPing(office, office.address, branchAddress)).toBe(true);
    expect(await canPing(scene.alice.machine, branchAddress, office.address)).toBe(true);
    // A network within it may be another's.
    await admit({ session: 9, group: 4, prefixes: ['10.20.1.0/24'] });
    expect(await canPing(scene.alice.machine, branchAddress, office.address)).toBe(false);
    await dismiss(9);
    expect(await canPing(scene.alice.machine, branchAddress, office.address)).toBe(true);
    await dismiss(4);
    expect(await text('ip', 'route', 'show')).not.toContain('10.20.');
    await office.exec(['ip', 'route', 'delete', branch]);
  });

  test('refuses a network that the machine has itself', async () => {
    const refused = admit({ session: 4, group: 2, prefixes: ['203.0.113.0/24', '192.0.2.0/24'] });
    await expect(refused).rejects.toMatchObject({ reply: { code: 'helper.route' } });
    expect(await text('ip', 'route', 'show')).not.toContain('192.0.2.0');
  });

  test('is no router for its neighbours', async () => {
    await scene.network.wan.exec(['ip', 'address', 'add', '198.51.100.1/32', 'dev', 'lo']);
    await office.exec(['ip', 'route', 'add', '198.51.100.1', 'via', gateway.address]);
    await admit({ ...alices, group: 2 });
    expect(await alice('198.51.100.1')).toBe(true);
    expect(await canPing(office, office.address, '198.51.100.1')).toBe(false);
    await office.exec(['ip', 'route', 'delete', '198.51.100.1']);
    await scene.network.wan.exec(['ip', 'address', 'delete', '198.51.100.1/32', 'dev', 'lo']);
  });

  test("drops what claims a session's address and does not come from the tunnel", async () => {
    await admit(alices);
    const echoes = async (): Promise<number> => {
      const [names = [], values = []] = (await text('grep', '^Icmp:', '/proc/net/snmp'))
        .split('\n')
        .map((line) => line.split(' '));
      return Number(values[names.indexOf('InEchos')]);
    };
    const heard = await echoes();
    await office.exec(['ip', 'address', 'add', `${aliceAddress}/32`, 'dev', 'lo']);
    await canPing(office, aliceAddress, gateway.address);
    await office.exec(['ip', 'address', 'delete', `${aliceAddress}/32`, 'dev', 'lo']);
    expect(await echoes()).toBe(heard);
    expect(await canPing(office, office.address, gateway.address)).toBe(true);
    expect(await echoes()).toBe(heard + 1);
  });

  test('limits the bytes of a session, each address by itself', async () => {
    const flood = async (source: string): Promise<number> => {
      const argv = ['ping', '-f', '-c400', '-s1300', '-W1', '-I', source, '10.9.0.1'];
      const { stdout } = await scene.alice.machine.exec(argv, { allowFailure: true });
      return Number(/(\d+) received/.exec(stdout)?.[1]);
    };
    await admit(alices);
    expect(await flood(aliceAddress)).toBeGreaterThan(380);
    // What may come at once is 128 KiB: about a hundred of these packets.
    const both = [`${aliceAddress}/32`, `${branchAddress}/32`];
    await admit({ ...alices, prefixes: both, upBytesPerSecond: 1000 });
    const first = await flood(aliceAddress);
    expect(first).toBeGreaterThan(50);
    expect(first).toBeLessThan(200);
    expect(await flood(aliceAddress)).toBeLessThan(50);
    expect(await flood(branchAddress)).toBeGreaterThan(50);
    await admit({ ...alices, prefixes: both });
    expect(await flood(branchAddress)).toBeGreaterThan(380);
  });

  test('takes and gives back a thousand sessions, and is as before', async () => {
    const sound = await gatewayState(gateway);
    const count = 1000;
    const ids = Array.from({ length: count }, (_, index) => 1000 + index);
    const addressOf = (session: number): string => `10.30.${session >> 8}.${session & 255}`;
    await Promise.all(
      ids.map((session) =>
        admit({
          session,
          group: 1,
          prefixes: [`${addressOf(session)}/32`, `2001:db8:30:${session.toString(16)}::/64`],
          upBytesPerSecond: 1_000_000,
          downBytesPerSecond: 1_000_000,
        }),
      ),
    );
    expect((await text('ip', 'route', 'show', 'dev', 'culvert0')).match(/10\.30\./g)).toHaveLength(count);
    await Promise.all(ids.map((session) => dismiss(session)));
    const after = await gatewayState(gateway);
    expect({ ...after, firewall: '' }).toEqual({ ...sound, firewall: '' });
    expect(after['firewall']).not.toMatch(/10\.30\.|2001:db8:30/);
  });

  test('opens its ports on every address of both families, or on one, and says who holds them otherwise', async () => {
    const open = (localAddress: string, localPort = 500) =>
      scene.helper.client.broker.request({ kind: 'openSocket', socket: 'ike', localPort, localAddress });
    for (const address of ['0.0.0.0', '::', gateway.address, '10.9.0.1']) {
      expect((await open(address)).local).toEqual({ address, port: 500 });
    }
    const holder = gateway.spawn([
      process.execPath,
      '-e',
      `require('node:dgram').createSocket('udp6').bind(501, () => console.log('bound'))`,
    ]);
    await holder.until(/bound/);
    for (const address of ['0.0.0.0', '::', gateway.address]) {
      await expect(open(address, 501)).rejects.toMatchObject({
        reply: { code: 'helper.portBusy', message: expect.stringMatching(/501.*\(pid \d+\)/) as string },
      });
    }
    await holder.stop();
  });
});

describe('killed', () => {
  const steps: Readonly<Record<string, (helper: ConnectedHelper) => Promise<unknown>>> = {
    'after the plan': () => Promise.resolve(),
    'with sessions': async ({ client }) => {
      for (const policy of [alices, bobs, onTheLan, branchs]) {
        await client.broker.request({ kind: 'setSessionPolicy', ...policy });
      }
    },
    'while sessions come': ({ client }) => {
      for (let session = 100; session < 300; session += 1) {
        const prefixes = [`203.0.113.${session - 45}/32`, `10.31.0.${session - 60}/32`];
        client.broker.request({ kind: 'setSessionPolicy', session, group: 1, prefixes }).catch(() => undefined);
      }
      return Promise.resolve();
    },
  };

  const start = async (step: string): Promise<ConnectedHelper> => {
    const helper = await helperWithClient(gateway);
    await helper.client.broker.request({ kind: 'applyPlan', plan: gatewayPlan });
    await steps[step]?.(helper);
    return helper;
  };

  beforeAll(async () => {
    await apply({ routes: [] });
    scene.helper.client.close();
    await helperGone(scene.helper);
    expect(await gatewayState(gateway)).toEqual(before);
  });

  describe.each(Object.keys(steps))('%s', (step) => {
    test.each<keyof HelperProcesses>(['warden', 'broker', 'datapath'])('%s: the machine is as before', async (name) => {
      const helper = await start(step);
      process.kill(helper.processes[name], 'SIGKILL');
      await helperGone(helper);
      expect(await gatewayState(gateway)).toEqual(before);
      expect(readdirSync(helper.folders.state)).toEqual([]);
      helper.client.close();
    });

    test('hung up on: the machine is as before', async () => {
      const helper = await start(step);
      helper.client.close();
      await helperGone(helper);
      expect(await gatewayState(gateway)).toEqual(before);
    });

    test('all at once, and restored', async () => {
      const helper = await start(step);
      for (const pid of pidsOf(helper.processes)) process.kill(pid, 'SIGSTOP');
      for (const pid of pidsOf(helper.processes)) process.kill(pid, 'SIGKILL');
      await helperGone(helper);
      helper.client.close();
      expect(await gatewayState(gateway)).not.toEqual(before);
      await gateway.exec([helperPath, 'restore', '--state-dir', helper.folders.state]);
      expect(await gatewayState(gateway)).toEqual(before);
    });
  });
});
