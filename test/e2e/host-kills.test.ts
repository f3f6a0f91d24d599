import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLeaseJournal } from '../../main/host/addresses/index.ts';
import type { Culvert } from '../support/culvert.ts';
import { startCulvertHost, type CulvertHost } from '../support/culvert-host.ts';
import { childOf, helperProcesses, isAlive, pidsOf } from '../support/helper-processes.ts';
import type { Host } from '../support/namespaces.ts';
import { password, userName } from '../support/peers/credentials.ts';
import { eventually } from '../support/processes.ts';
import { inRepository } from '../support/repository.ts';
import { useScene } from './scene.ts';

const scene = useScene();
const hostAddress = '203.0.113.40';
const insideAddress = '10.64.0.1';
const other = 'bob';
const onLan = 'dave';
/** Nobody knows whether she may come in: whoever is to say it never answers. */
const awaited = 'carol';
/** Of the LAN, where the host answers for it (proxy ARP). */
const fixedAddress = '203.0.113.100';
const users = [
  { user: { name: userName }, password },
  { user: { name: other }, password },
  { user: { name: onLan, address: fixedAddress }, password },
];
const silentServer = `require('node:dgram').createSocket('udp4').bind(1812, '127.0.0.1', () => console.log('ready'))`;
const patienceMs = 60_000;

interface HostScene {
  readonly machine: Host;
  readonly host: CulvertHost;
  /** Dials again by itself. */
  readonly client: Host;
  readonly culvert: Culvert;
  readonly address: string;
  readonly before: Readonly<Record<string, string>>;
}

async function started(machine: Host, folder?: string): Promise<CulvertHost> {
  const host = await startCulvertHost(machine, {
    users,
    config: {
      pools: { clients: { ranges: ['10.64.0.0/18'] }, lan: { ranges: [`${fixedAddress}/32`], mode: 'proxyArp' } },
      authentication: { sources: ['local', 'radius'] },
      radius: {
        servers: [{ address: '127.0.0.1', secret: 'a secret of nobody', timeout: 20 }],
        accounting: { enabled: false },
      },
    },
    ...(folder !== undefined && { folder }),
  });
  scene.afterwards(() => host.cleanUp());
  return host;
}

function dial(client: Host, user: string): Culvert {
  return scene.culvert(client, {
    gateway: hostAddress,
    user,
    profile: {
      network: { mode: 'split', routes: ['10.64.0.0/18'] },
      ipsec: { deadPeerDetection: { idle: 1, retry: 1, tries: 2 } },
      reconnect: { enabled: user === userName, longestPause: 1 },
    },
  });
}

/** A host with two users online, one on the LAN's own addresses, one who was online, and one whose sign-in is under way. */
async function busyHost(): Promise<HostScene> {
  const machine = await scene.network.addMachine('gateway', { address: hostAddress });
  const silent = machine.spawn([process.execPath, '--eval', silentServer]);
  scene.afterwards(() => silent.stop());
  await silent.until(/ready/);
  const before = await machine.machineState();
  const host = await started(machine);
  const second = await scene.client('second', { address: '203.0.113.31' });
  const earlier = dial(second, other);
  await earlier.connected();
  await earlier.stop();
  await dial(await scene.client('third', { address: '203.0.113.32' }), onLan).connected();
  const client = await scene.client();
  const culvert = dial(client, userName);
  const { localAddress: address } = await culvert.connected();
  expect((await machine.machineState())['proxyNeighbours']).toContain(fixedAddress);
  const signingIn = dial(second, awaited);
  await signingIn.until((event) => event.event === 'phase' && event.phase === 'userAuthentication');
  return { machine, host, client, culvert, address, before };
}

const leasesOf = ({ folder }: CulvertHost): string => join(folder, 'state', 'leases', 'leases.journal');

async function succeeds(host: CulvertHost, ...argv: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await host.command(...argv, '--config', join(host.folder, 'host.json'));
  expect({ argv, stderr, exitCode }).toEqual({ argv, stderr: '', exitCode: 0 });
  return stdout;
}

/** The end of the audit log's chain, which is whole and holds `noted`. */
async function auditEnd(host: CulvertHost, ...noted: string[]): Promise<string> {
  const text = await succeeds(host, 'audit', 'verify', ...noted.flatMap((end) => ['--end', end]));
  const end = /\d+:[0-9a-f]{64}/.exec(text)?.[0];
  if (end === undefined) throw new Error(text);
  return end;
}

/** What a kill must not touch: whatever was recorded, whoever may come in, and who had which address. */
async function written(host: CulvertHost) {
  return { end: await auditEnd(host), users: await succeeds(host, 'users', 'list', '--json') };
}

async function expectIntact(host: CulvertHost, { end, users: known }: Awaited<ReturnType<typeof written>>) {
  await auditEnd(host, end);
  expect(await succeeds(host, 'users', 'list', '--json')).toBe(known);
  expect(readFileSync(leasesOf(host), 'utf8')).toMatch(/\n$/);
}

/** The host starts again, and its client is back by itself, where it was. */
async function expectBack({ machine, host, client, culvert, address }: HostScene): Promise<CulvertHost> {
  const connections = culvert.events().filter(({ event }) => event === 'connected').length;
  const again = await started(machine, host.folder);
  await eventually('the client back', patienceMs, async () =>
    (await again.sessions()).some((session) => session.user === userName && session.address === address),
  );
  await eventually('the client to say so', patienceMs, () => {
    const all = culvert.events().filter(({ event }) => event === 'connected');
    return all.length > connections && all.at(-1)?.event === 'connected';
  });
  await client.exec(['ping', '-q', '-c3', '-i0.2', '-w30', insideAddress]);
  expect(culvert.events().some((event) => event.event === 'failed' && event.failure.code === 'gateway.dead')).toBe(
    true,
  );
  return again;
}

async function expectStopped({ machine, culvert, before }: HostScene, host: CulvertHost): Promise<void> {
  await culvert.stop();
  expect((await host.stop()).exitCode).toBe(0);
  expect(await machine.machineState()).toEqual(before);
  await auditEnd(host);
  const journal = openLeaseJournal(leasesOf(host));
  journal.close();
  expect(journal.losses).toEqual({ tornBytes: 0, damagedLines: 0 });
  expect(journal.past.map(({ user }) => user)).toEqual([other, onLan, userName]);
}

const expectRestored = ({ machine, before }: HostScene) =>
  expect.poll(() => machine.machineState(), { timeout: patienceMs }).toEqual(before);

async function processesOf(host: CulvertHost) {
  return { engine: host.process.pid, ...(await helperProcesses(await childOf(host.process.pid))) };
}

describe.each(['engine', 'warden', 'broker', 'datapath'] as const)('kill -9 of the %s', (victim) => {
  test('amid sessions and a sign-in leaves nothing; the next host has everything, and the client is back', async () => {
    const busy = await busyHost();
    const { host } = busy;
    const before = await written(host);
    process.kill((await processesOf(host))[victim], 'SIGKILL');
    const ended = await host.process.exited;
    await expectRestored(busy);
    if (victim !== 'engine') {
      expect(ended.exitCode).toBe(10);
      expect(ended.stdout).toContain('helper.lost');
    }
    await expectIntact(host, before);
    await expectStopped(busy, await expectBack(busy));
  });
});

describe('what is left when all are killed at once', () => {
  async function killAll({ host }: HostScene): Promise<void> {
    const { engine, ...helper } = await processesOf(host);
    const all = [...pidsOf(helper), engine];
    // Stopped first, so that none of them can do the others' work.
    for (const signal of ['SIGSTOP', 'SIGKILL']) for (const pid of all) process.kill(pid, signal);
    await eventually('the end of all', patienceMs, () => !all.some(isAlive));
  }

  test('is undone by the next start', async () => {
    const busy = await busyHost();
    const before = await written(busy.host);
    await killAll(busy);
    expect(await busy.machine.machineState()).not.toEqual(busy.before);
    await expectIntact(busy.host, before);
    await expectStopped(busy, await expectBack(busy));
  });

  test('is undone by "restore"', async () => {
    const busy = await busyHost();
    await killAll(busy);
    const program = inRepository('build/release/culvert-helper');
    await busy.machine.exec([program, 'restore', '--state-dir', join(busy.host.folder, 'state')]);
    expect(await busy.machine.machineState()).toEqual(busy.before);
  });
});
