import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCulvertHost, type CulvertHost } from '../support/culvert-host.ts';
import { password, userName } from '../support/peers/credentials.ts';
import { eventually } from '../support/processes.ts';
import { useScene } from './scene.ts';

const scene = useScene();
const hostAddress = '203.0.113.40';
const users = [{ user: { name: userName, groups: ['staff'] }, password }];

async function started(): Promise<CulvertHost> {
  const machine = await scene.network.addMachine('gateway', { address: hostAddress });
  const host = await startCulvertHost(machine, { users, config: { groups: { staff: {} } } });
  scene.afterwards(() => host.cleanUp());
  return host;
}

function connect() {
  return scene.client().then((client) =>
    scene.culvert(client, {
      gateway: hostAddress,
      profile: { network: { mode: 'split', routes: ['10.64.0.0/18'] } },
    }),
  );
}

/** The objects of a command's `--json`, which has to succeed. */
async function json(host: CulvertHost, ...argv: string[]): Promise<unknown[]> {
  const { stdout, stderr, exitCode } = await host.command(...argv, '--json');
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
}

test('who is online is shown and ended, who is barred stays out, and why is said', async () => {
  const host = await started();
  const culvert = await connect();
  const connection = await culvert.connected();

  expect(await json(host, 'sessions')).toMatchObject([
    { user: userName, groups: ['staff'], address: connection.localAddress, client: 'culvert', method: 'mschapv2' },
  ]);
  const shown = await host.command('sessions');
  expect(shown.stdout).toMatch(/^SESSION +USER +GROUPS +FROM/);
  expect(shown.stdout).toContain(connection.localAddress);
  expect((await host.command('sessions', '--user', 'nobody')).stdout).toBe('nobody is not online.\n');
  expect((await host.command('status')).stdout).toContain('1 of at most 2000; 1 since the start');

  // Disabling ends the session at once, and keeps the user out.
  expect((await host.command('users', 'disable', userName)).stdout).toContain('It holds from now on.');
  expect((await culvert.failed()).code).toBe('gateway.hungUp');
  expect(await json(host, 'sessions')).toEqual([]);
  await culvert.stop();
  const refused = scene.culvert(await scene.network.addMachine('second', { address: '203.0.113.31' }), {
    gateway: hostAddress,
  });
  expect((await refused.failed()).code).toBe('auth.accountDisabled');
  expect((await host.command('status')).stdout).toMatch(/alice from 203\.0\.113\.31: the account is disabled/);

  await host.command('users', 'enable', userName);
  const again = scene.culvert(await scene.network.addMachine('third', { address: '203.0.113.32' }), {
    gateway: hostAddress,
    profile: { network: { mode: 'split', routes: ['10.64.0.0/18'] } },
  });
  await again.connected();
  expect(await json(host, 'disconnect', '--user', userName)).toEqual([{ answer: 'disconnected', sessions: 1 }]);
  expect((await again.failed()).code).toBe('gateway.hungUp');
  expect(await host.command('disconnect', '--user', userName)).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('[session.userUnknown]') as string,
  });

  const recorded = await json(host, 'audit', 'show', join(host.folder, 'audit', 'audit.jsonl'), '--user', userName);
  expect(recorded.map((record) => (record as { event: { kind: string } }).event.kind)).toEqual(
    expect.arrayContaining(['sessionStarted', 'sessionStopped', 'userChanged', 'authenticationFailed']),
  );
  const verified = await host.command('audit', 'verify');
  expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('is whole') as string });
});

test('users and the configuration change while it runs, and an earlier configuration comes back', async () => {
  const host = await started();
  const file = join(host.folder, 'host.json');
  const first = readFileSync(file, 'utf8');

  expect(await json(host, 'users', 'list')).toMatchObject([{ name: userName }]);
  expect(await json(host, 'users', 'set', userName, '--address', '10.64.0.77')).toMatchObject([
    { address: '10.64.0.77' },
  ]);
  const culvert = await connect();
  expect((await culvert.connected()).localAddress).toBe('10.64.0.77');

  writeFileSync(file, JSON.stringify({ ...(JSON.parse(first) as object), defaultGroup: 'staff' }));
  expect((await host.command('reload')).stdout).toBe('In force now: defaultGroup; no session had to end.\n');
  writeFileSync(file, '{ "pools": {} }');
  const broken = await host.command('reload');
  expect(broken).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('host.json:1:3: error: pools') as string,
  });
  expect(await json(host, 'config', 'versions')).toMatchObject([{ number: 1 }, { number: 2 }]);
  expect((await host.command('config', 'restore', '1')).stdout).toMatch(/^In force now: defaultGroup/);
  expect(readFileSync(file, 'utf8')).toBe(first);
  // Nothing of all that concerned the session.
  expect(await json(host, 'sessions')).toHaveLength(1);
});

test('a second host is refused, and Ctrl-C ends the first with nothing left', async () => {
  const machine = await scene.network.addMachine('gateway', { address: hostAddress });
  const before = await machine.machineState();
  const host = await startCulvertHost(machine, { users });
  scene.afterwards(() => host.cleanUp());
  expect(await host.command('run', '--config', join(host.folder, 'host.json'))).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('[host.running]') as string,
  });
  expect((await host.stop()).exitCode).toBe(0);
  await eventually('the network is as it was', 10_000, async () => {
    return JSON.stringify(await machine.machineState()) === JSON.stringify(before) ? true : undefined;
  });
  expect(await host.command('status')).toMatchObject({ exitCode: 3 });
});
