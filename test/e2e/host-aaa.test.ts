import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { HostSession } from '../../main/contracts/host-control.ts';
import { createAuthority } from '../support/certificates.ts';
import { startCulvertHost, type CulvertHost } from '../support/culvert-host.ts';
import type { Culvert } from '../support/culvert.ts';
import type { Host } from '../support/namespaces.ts';
import {
  loopback,
  radiusSecret,
  startFreeRadius,
  type FreeRadius,
  type FreeRadiusOptions,
} from '../support/peers/freeradius.ts';
import { people, reader, startOpenLdap, suffix, type OpenLdap } from '../support/peers/openldap.ts';
import { eventually } from '../support/processes.ts';
import { scratchFolder } from '../support/scratch.ts';
import { useScene } from './scene.ts';

// Each signs in several clients, one after the other, at a host that is started for it.
vi.setConfig({ testTimeout: 240_000 });

const scene = useScene();
const hostAddress = '203.0.113.40';
const insideAddress = '10.64.0.1';
const groups = { staff: { isolated: false }, printers: {}, guests: {} };
const pools = { clients: { ranges: ['10.64.0.0/24'] }, 'staff-pool': { ranges: ['10.99.0.0/24'] } };

const gatewayMachine = (): Promise<Host> => scene.network.addMachine('gateway', { address: hostAddress });

async function host(machine: Host, config: Readonly<Record<string, unknown>>): Promise<CulvertHost> {
  const started = await startCulvertHost(machine, { users: [], config: { groups, pools, ...config } });
  scene.afterwards(() => started.cleanUp());
  return started;
}

const connectFrom = (machine: Host, user: string, password: string, method = 'mschapv2'): Culvert =>
  scene.culvert(machine, {
    gateway: hostAddress,
    user,
    password,
    profile: { ppp: { authentication: [method] }, network: { mode: 'split', routes: ['10.64.0.0/24'] } },
  });

async function connect(user: string, password: string, method?: string, label = 'client'): Promise<Culvert> {
  const address = label === 'client' ? '203.0.113.30' : '203.0.113.31';
  return connectFrom(await scene.client(label, { address }), user, password, method);
}

const only = async (running: CulvertHost): Promise<HostSession> => {
  const sessions = await running.sessions();
  expect(sessions).toHaveLength(1);
  return sessions[0] as HostSession;
};

async function latestFailure(running: CulvertHost): Promise<string> {
  const answer = await running.ask({ request: 'failures' });
  return answer.answer === 'failures' ? (answer.failures[0]?.reason ?? 'none') : answer.answer;
}

const isOver = (running: CulvertHost): Promise<true> =>
  eventually('the end of the session', 10_000, async () => (await running.sessions()).length === 0);

describe('with RADIUS', () => {
  async function radius(machine: Host, options: FreeRadiusOptions = {}): Promise<FreeRadius> {
    const started = await startFreeRadius({ ...options, on: machine });
    scene.afterwards(() => started.stop());
    return started;
  }

  interface Port {
    readonly authenticationPort: number;
    readonly accountingPort?: number;
    readonly secret?: string;
  }

  const asked = (methods: readonly string[], ...servers: readonly Port[]) => ({
    authentication: { methods, sources: ['radius'], timeout: 15 },
    radius: {
      servers: servers.map(({ authenticationPort, accountingPort = 1813, secret = radiusSecret }) => ({
        address: loopback,
        authenticationPort,
        accountingPort,
        secret,
        timeout: 1,
        tries: 2,
      })),
      groups: [
        { value: 'Staff', group: 'staff' },
        { value: 'printers', group: 'printers' },
      ],
    },
  });

  test('what the server says of a user holds for the session', async () => {
    const machine = await gatewayMachine();
    const server = await radius(machine);
    const running = await host(machine, asked(['mschapv2'], server));
    const culvert = await connect('alice', 'alice-pass');
    const { localAddress, dnsServers } = await culvert.connected();
    expect(localAddress).toBe('10.99.0.77');
    expect(dnsServers).toEqual(['10.99.0.1', '10.99.0.2']);
    const session = await only(running);
    expect(session).toMatchObject({ user: 'alice', groups: ['staff', 'printers'], address: '10.99.0.77' });
    expect(session.networks).toEqual(expect.arrayContaining(['10.77.0.0/24', '10.78.0.0/24']));
    expect((await machine.exec(['ip', 'route', 'show', '10.77.0.0/24'])).stdout).toContain('10.77.0.0/24');
    await culvert.stop();
    await isOver(running);
    expect((await machine.exec(['ip', 'route', 'show', '10.77.0.0/24'])).stdout).toBe('');
  });

  test('accounts from start to stop, with what was carried and the class of the user', async () => {
    const machine = await gatewayMachine();
    const server = await radius(machine);
    const running = await host(machine, asked(['mschapv2'], server));
    const client = await scene.client();
    const culvert = connectFrom(client, 'counted', 'counted-pass');
    await culvert.connected();
    const records = () => server.accounting().split(/\n(?=\S)/);
    const of = (kind: string): string | undefined => records().find((record) => record.includes(`= ${kind}`));
    await eventually('the start', 10_000, () => of('Start'));
    await client.exec(['ping', '-q', '-c5', '-i0.2', '-w5', '-s1000', insideAddress]);
    await eventually('an interim record', 90_000, () => of('Interim-Update'));
    await culvert.stop();
    const stop = await eventually('the stop', 10_000, () => of('Stop'));
    expect(of('Start')).toContain('Framed-IP-Address = 10.64.0.2');
    const id = /Acct-Session-Id = "[^"]+"/.exec(of('Start') ?? '')?.[0] ?? 'none';
    for (const record of [of('Start'), of('Interim-Update'), stop]) {
      expect(record).toContain(id);
      expect(record).toContain('User-Name = "counted"');
      expect(record).toContain(`Class = 0x${Buffer.from('class-counted').toString('hex')}`);
    }
    expect(stop).toContain('Acct-Terminate-Cause = User-Request');
    for (const record of [of('Interim-Update'), stop]) {
      expect(Number(/Acct-Input-Octets = (\d+)/.exec(record ?? '')?.[1])).toBeGreaterThanOrEqual(5 * 1028);
      expect(Number(/Acct-Output-Packets = (\d+)/.exec(record ?? '')?.[1])).toBeGreaterThanOrEqual(5);
    }
    expect(Number(/Acct-Session-Time = (\d+)/.exec(stop)?.[1])).toBeGreaterThanOrEqual(59);
    await isOver(running);
  });

  describe('a server', () => {
    /** Answers everything, and nothing right: noise, then an Access-Accept that no secret made. */
    async function liar(machine: Host): Promise<Port> {
      const program = `
        const socket = require('node:dgram').createSocket('udp4');
        socket.on('message', (bytes, { port, address }) => {
          const accept = Buffer.concat([Buffer.from([2, bytes[1], 0, 38]), Buffer.alloc(16, 7), Buffer.from([80, 18]), Buffer.alloc(16, 9)]);
          for (const said of [Buffer.from('noise'), Buffer.alloc(300, 0xff), accept]) socket.send(said, port, address);
        });
        socket.bind(0, '${loopback}', () => console.log('port ' + socket.address().port));`;
      const running = machine.spawn([process.execPath, '-e', program]);
      scene.afterwards(() => running.stop());
      const [, port] = await running.until(/port (\d+)/);
      return { authenticationPort: Number(port), accountingPort: Number(port) };
    }

    const broken: Readonly<Record<string, (machine: Host) => Promise<Port>>> = {
      'that died': async (machine) => {
        const server = await radius(machine);
        await server.kill();
        return server;
      },
      'that hangs': async (machine) => {
        const server = await radius(machine);
        server.signal('SIGSTOP');
        return server;
      },
      'that answers noise and lies': liar,
      'that has another secret': async (machine) => {
        const { authenticationPort, accountingPort } = await radius(machine);
        return { authenticationPort, accountingPort, secret: 'another secret' };
      },
      'that does not sign': async (machine) => radius(machine, { signs: false }),
    };

    test.each(Object.keys(broken))('%s lets nobody in, and the next one is asked', async (name) => {
      const machine = await gatewayMachine();
      const bad = (await broken[name]?.(machine)) ?? expect.fail(name);
      const alone = await host(machine, asked(['pap'], bad));
      const refused = await connect('wispr', 'wispr-pass', 'pap');
      expect((await refused.failed()).phase).toBe('userAuthentication');
      expect(await latestFailure(alone)).toBe('serversUnavailable');
      expect(await alone.sessions()).toEqual([]);
      expect(alone.process.stdout()).toMatch(/RADIUS server [^"]* is unavailable: /);
      await alone.stop();

      const both = await host(machine, asked(['pap'], bad, await radius(machine)));
      await refused.cleanUp();
      const accepted = await connect('wispr', 'wispr-pass', 'pap', 'second');
      await accepted.connected();
      expect((await only(both)).user).toBe('wispr');
    });
  });
});

describe('with a directory', () => {
  async function directory(machine: Host): Promise<OpenLdap & { readonly caFile: string }> {
    const folder = scratchFolder('authority');
    const authority = await createAuthority(folder, 'office');
    const started = await startOpenLdap({ certificate: await authority.issue('DNS:localhost'), on: machine });
    scene.afterwards(() => started.stop());
    return { ...started, caFile: join(folder, 'office-ca.pem') };
  }

  const asked = (caFile: string, ...servers: readonly string[]) => ({
    authentication: { methods: ['pap'], sources: ['ldap'], timeout: 15 },
    defaultGroup: null,
    ldap: {
      servers,
      caFile,
      search: { base: people, filter: '(uid={user})', bindDn: reader.dn, bindPassword: reader.password },
      addressAttribute: 'ipHostNumber',
      groups: [{ value: `CN=VPN Users,OU=Groups,${suffix}`, group: 'staff' }],
      timeout: 2,
    },
    pools: { clients: { ranges: ['10.64.0.0/24'] }, fixed: { ranges: ['10.91.37.0/24'] } },
  });

  test('its groups and addresses are those of the session, and it lets nobody else in', async () => {
    const machine = await gatewayMachine();
    const { ldapsPort, caFile } = await directory(machine);
    const running = await host(machine, asked(caFile, `ldaps://localhost:${ldapsPort}`));
    const culvert = await connect('alice', 'alice-pass', 'pap');
    expect((await culvert.connected()).localAddress).toBe('10.91.37.40');
    expect(await only(running)).toMatchObject({ user: 'alice', groups: ['staff'], method: 'pap' });

    const client = await scene.client('second', { address: '203.0.113.31' });
    for (const [user, password, reason] of [
      ['alice', 'wrong', 'wrongPassword'],
      ['*', 'alice-pass', 'unknownUser'],
      // In no group that means anything here.
      ['bob', 'bob-pass', 'notAllowed'],
    ] as const) {
      const refused = connectFrom(client, user, password, 'pap');
      expect((await refused.failed()).phase).toBe('userAuthentication');
      expect(await latestFailure(running)).toBe(reason);
      await refused.cleanUp();
    }
    expect(await running.sessions()).toHaveLength(1);
  });

  test('the next server is asked where one is gone, and nobody comes in where all are', async () => {
    const machine = await gatewayMachine();
    const server = await directory(machine);
    const { ldapPort, caFile } = server;
    const gone = 'ldaps://localhost:9';
    const running = await host(machine, asked(caFile, gone, `ldap://localhost:${ldapPort}`));
    const culvert = await connect('alice', 'alice-pass', 'pap');
    await culvert.connected();
    await culvert.stop();
    await isOver(running);
    expect(running.process.stdout()).toMatch(/LDAP server [^"]*localhost[^"]* is unavailable: /);
    await server.kill();
    const refused = await connect('alice', 'alice-pass', 'pap', 'second');
    expect((await refused.failed()).phase).toBe('userAuthentication');
    expect(await latestFailure(running)).toBe('serversUnavailable');
  });
});
