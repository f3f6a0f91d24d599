import { chownSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostControl } from '../../main/contracts/host-control.ts';
import { askControl } from '../../main/engine/control-socket.ts';
import { eventually } from '../support/processes.ts';
import { inRepository } from '../support/repository.ts';
import { removeScratch, scratchFolder } from '../support/scratch.ts';
import { useScene } from './scene.ts';

/** A host whose control plane has no rights at all: those are the helper's, which root has started for this user. */

const scene = useScene();
const hostAddress = '203.0.113.40';
const uid = 61_234;
const asUser = [
  'setpriv',
  `--reuid=${uid}`,
  `--regid=${uid}`,
  '--clear-groups',
  '--bounding-set=-all',
  '--no-new-privs',
];
const program = inRepository('dist/culvert.js');
const helper = inRepository('build/release/culvert-helper');

test('an ordinary user sets a host up in one step, a client is in it, and its administrator ends the session', async () => {
  const home = scratchFolder('user-host');
  scene.afterwards(() => {
    removeScratch(home);
    return Promise.resolve();
  });
  const runtime = join(home, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  for (const folder of [home, runtime]) chownSync(folder, uid, uid);
  const machine = await scene.network.addMachine('gateway', { address: hostAddress });
  const before = await machine.machineState();
  const env = {
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    CULVERT_RUNTIME_DIR: join(home, 'helper'),
    // None, whatever else is on this machine.
    CULVERT_HELPER_SERVICE: join(home, 'no-service.sock'),
  };
  const host = [...asUser, process.execPath, program, 'host'];

  const setUp = ['setup', '--server', hostAddress, '--user', 'alice', '--password-stdin', '--json'];
  const made = await machine.exec([...host, ...setUp], { env, input: 'a first password\n', allowFailure: true });
  expect({ stderr: made.stderr, exitCode: made.exitCode }).toEqual({ stderr: '', exitCode: 0 });
  const configFile = join(home, '.config', 'culvert', 'host', 'host.json');
  expect(JSON.parse(made.stdout)).toMatchObject({ configFile, server: hostAddress, user: 'alice' });
  expect(statSync(configFile)).toMatchObject({ uid, mode: 0o100600 });

  const early = await machine.exec([...host, 'run'], { env, allowFailure: true });
  expect(early.stderr).toContain('[helper.notRunning]');

  const serve = ['--runtime-dir', join(home, 'helper-host'), '--state-dir', join(home, 'root'), '--owner', String(uid)];
  const serving = machine.spawn([helper, 'serve', ...serve]);
  await serving.until(/"ready":true/, 20_000);
  const running = machine.spawn([...host, 'run', '--json'], { env });
  scene.afterwards(() => running.stop());
  await running.until(/"event":"started"/, 20_000);

  const key = readFileSync(join(home, '.config', 'culvert', 'host', 'host.psk'), 'utf8').trim();
  const culvert = scene.culvert(await scene.client(), {
    gateway: hostAddress,
    user: 'alice',
    password: 'a first password',
    profile: { ipsec: { preSharedKey: key }, network: { mode: 'split', routes: ['198.51.100.0/24'] } },
  });
  const { localAddress } = await culvert.connected();

  const command = (...argv: string[]) => machine.exec([...host, ...argv], { env, allowFailure: true });
  expect(JSON.parse((await command('sessions', '--json')).stdout)).toMatchObject({
    user: 'alice',
    address: localAddress,
  });
  // Root, too, asks by the user's own socket alone.
  const socket = join(runtime, 'culvert', 'host', 'control.sock');
  expect(await askControl(socket, hostControl, { request: 'status' })).toMatchObject({ reached: false });
  expect((await command('disconnect', '--user', 'alice')).exitCode).toBe(0);
  expect((await culvert.failed()).code).toBe('gateway.hungUp');
  const log = join(home, '.local', 'state', 'culvert', 'host', 'audit', 'audit.jsonl');
  expect(statSync(log)).toMatchObject({ uid, mode: 0o100600 });
  expect((await command('audit', 'show', '--kind', 'sessionStopped')).stdout).toContain('an administrator ended it');

  running.signal('SIGINT');
  expect((await running.exited).exitCode).toBe(0);
  await eventually('the network is as it was', 10_000, async () => {
    return JSON.stringify(await machine.machineState()) === JSON.stringify(before) ? true : undefined;
  });
});

test('what only root may do is refused by its name before anything is opened', async () => {
  const home = scratchFolder('user-host');
  scene.afterwards(() => {
    removeScratch(home);
    return Promise.resolve();
  });
  chownSync(home, uid, uid);
  const machine = await scene.network.addMachine('gateway', { address: hostAddress });
  const config =
    '{ "preSharedKey": "a key of this test alone", "pools": { "lan": { "source": "dhcp", "interface": "eth0" } } }';
  const write = ['sh', '-c', 'umask 077; cat > "$HOME/host.json"'];
  const env = { HOME: home, XDG_RUNTIME_DIR: home };
  await machine.exec([...asUser, ...write], { env, input: config });
  const run = [...asUser, process.execPath, program, 'host', 'run', '--config', join(home, 'host.json')];
  const refused = await machine.exec(run, { env, allowFailure: true });
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('pools.lan.source is "dhcp", which takes UDP port 67');
});
