import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startCulvertHost } from '../support/culvert-host.ts';
import { helperProcesses, isAlive, pidsOf } from '../support/helper-processes.ts';
import { type HelperService, serviceArguments, startHelperService } from '../support/helper-service.ts';
import type { Machine } from '../support/namespaces.ts';
import { password, userName } from '../support/peers/credentials.ts';
import { eventually, type Running } from '../support/processes.ts';
import { scratchFolder } from '../support/scratch.ts';
import { asUser, type LocalUser, ownGroup, setUsers } from '../support/users.ts';
import { helperPath } from './helper-client.ts';
import { useScene } from './scene.ts';

const scene = useScene();
const hostAddress = '203.0.113.40';
const group = 'culvert';
const alice: LocalUser = { name: 'alice', uid: 4101 };
const mallory: LocalUser = { name: 'mallory', uid: 4102 };

async function serviceOn(machine: Machine, folder?: string): Promise<HelperService> {
  if (folder === undefined) setUsers(machine, [alice, mallory], group, [alice]);
  const service = await startHelperService(machine, folder);
  scene.afterwards(async () => {
    await service.endHelpers(); // which outlive it, and hold its standard error
    await service.process.stop();
  });
  return service;
}

const speak =
  "const s=require('net').connect(process.argv[1]);s.write(process.argv[2]);s.pipe(process.stdout);s.on('error',()=>{})";

/** Says these bytes to the service as that user; resolves with all that comes back. */
async function say(machine: Machine, user: LocalUser, service: HelperService, bytes: string): Promise<string> {
  const said = await asUser(machine, user).exec([process.execPath, '-e', speak, service.socket, bytes]);
  return said.stdout;
}

async function ask(machine: Machine, user: LocalUser, service: HelperService, request: object): Promise<unknown> {
  return JSON.parse(await say(machine, user, service, `${JSON.stringify(request)}\n`));
}

/** Of the first helper that a service has started. */
async function wardenOf(service: Running): Promise<number> {
  const { stdout } = await scene.network.wan.exec(['ps', '--ppid', String(service.pid), '-o', 'pid=']);
  return Number(stdout.trim().split('\n')[0]);
}

test('ordinary users host and connect by the service, whose death ends no connection', async () => {
  const gateway = await scene.network.addMachine('gateway', { address: hostAddress });
  const client = await scene.client();
  const [hosting, serving] = await Promise.all([serviceOn(gateway), serviceOn(client)]);
  const before = await client.machineState();
  const gatewayBefore = await gateway.machineState();
  const host = await startCulvertHost(gateway, {
    users: [{ user: { name: userName }, password }],
    as: { ...alice, serviceSocket: hosting.socket },
  });
  scene.afterwards(() => host.cleanUp());
  const options = {
    gateway: hostAddress,
    profile: { network: { mode: 'split', routes: ['10.64.0.0/18'] } },
    as: { ...alice, serviceSocket: serving.socket },
  };
  const culvert = scene.culvert(client, options);
  const { remoteAddress = '' } = await culvert.connected();
  await client.exec(['ping', '-q', '-c3', '-i0.2', '-w10', remoteAddress]);
  expect((await host.command('sessions')).stdout).toContain(userName);

  const processes = await helperProcesses(await wardenOf(serving.process));
  serving.process.signal('SIGKILL');
  await eventually('the end of the service', 5000, () => !isAlive(serving.process.pid));
  await client.exec(['ping', '-q', '-c3', '-i0.2', '-w10', remoteAddress]);

  // The next service has nothing to undo of a helper that lives, and starts others.
  const next = await serviceOn(client, serving.folder);
  expect(await ask(client, alice, next, { request: 'open', name: 'test' })).toMatchObject({ ready: false });
  expect(await ask(client, alice, next, { request: 'open', name: 'other' })).toMatchObject({ ready: true });
  await client.exec(['ping', '-q', '-c3', '-i0.2', '-w10', remoteAddress]);

  // Who uninstalls it ends them all, and finds the network restored.
  expect(await next.endHelpers()).toMatchObject({ exitCode: 0, stderr: '' });
  expect(pidsOf(processes).some(isAlive)).toBe(false);
  expect(await client.machineState()).toEqual(before);
  expect(await culvert.failed()).toMatchObject({ code: 'helper.lost' });

  // Killed all at once, with the service: what is left is undone by the next one.
  const again = scene.culvert(client, options);
  await again.connected();
  const victims = pidsOf(await helperProcesses(await wardenOf(next.process)));
  for (const pid of [next.process.pid, ...victims]) process.kill(pid, 'SIGKILL');
  await again.failed();
  await eventually('the end of the killed', 5000, () => !victims.some(isAlive));
  expect(await client.machineState()).not.toEqual(before);
  await serviceOn(client, serving.folder);
  expect(await client.machineState()).toEqual(before);

  await host.stop();
  expect(await gateway.machineState()).toEqual(gatewayBefore);
});

test('who is not in the group hears who may, and membership counts at once, both ways', async () => {
  const client = await scene.client();
  const service = await serviceOn(client);
  const open = { request: 'open', name: 'test' };
  const mallorys = scene.culvert(client, { gateway: hostAddress, as: { ...mallory, serviceSocket: service.socket } });
  const refusal = await mallorys.failed();
  expect(refusal).toMatchObject({ code: 'helper.notAllowed', phase: 'setup' });
  expect(refusal.cause).toContain('mallory is not in the group culvert');
  expect(refusal.fix).toContain('sudo usermod -aG culvert mallory');
  expect(await ask(client, mallory, service, { request: 'status' })).toMatchObject({ allowed: false, group });

  setUsers(client, [alice, mallory], group, [mallory]);
  expect(await ask(client, mallory, service, { request: 'status' })).toMatchObject({ allowed: true });
  expect(await ask(client, mallory, service, open)).toMatchObject({ ready: true });
  expect(await ask(client, alice, service, open)).toMatchObject({ answer: 'refused', code: 'notAllowed' });
});

test('hostile visitors get a refusal or nothing, and keep nobody from the service', async () => {
  const client = await scene.client();
  const service = await serviceOn(client);
  const refused = { answer: 'refused', code: 'request' };
  const lines = [
    '',
    'x'.repeat(300),
    '{',
    '[]',
    '{"request":"open"}',
    '{"request":"dance"}',
    '{"request":"open","name":"../x"}',
  ];
  for (const line of [...lines, '{"request":"status","more":1}', '['.repeat(250)]) {
    expect(JSON.parse(await say(client, mallory, service, `${line}\n`))).toMatchObject(refused);
  }
  // Some that say nothing, as many as there may be; then root cannot be kept out by them, nor anybody else.
  const silent = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const socket = connect(service.socket).on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    }),
  );
  const closed = silent.map((socket) => once(socket.resume(), 'close'));
  expect(await ask(client, alice, service, { request: 'status' })).toMatchObject({ allowed: true });
  // Asked too often, it says so instead of starting a process for each.
  const flood =
    "for(let i=0;i<60;i++)require('net').connect(process.argv[1]).on('error',()=>{}).on('data',(d)=>process.stdout.write(d)).write('x\\n')";
  const flooded = await asUser(client, mallory).exec([process.execPath, '-e', flood, service.socket]);
  expect(flooded.stdout).toContain('"busy"');
  expect(await ask(client, alice, service, { request: 'open', name: 'test' })).toMatchObject({ ready: true });
  await Promise.all(closed);
  // Nor do as many users as somebody has subordinate ones, each with some visitors that say nothing.
  const crowd = `for (let user = 100000; user < 100100; user++) {
    process.seteuid(user);
    for (let i = 0; i < 4; i++) require('net').connect(process.argv[1]).on('error', () => {}).on('data', (d) => process.stdout.write(d));
    process.seteuid(0);
  }
  setTimeout(() => console.log('all there'), 500)`;
  const crowded = client.spawn([process.execPath, '-e', crowd, service.socket]);
  await crowded.until(/"busy".*all there/s);
  const signedIn = { ...alice, groups: [ownGroup] };
  expect(await ask(client, signedIn, service, { request: 'status' })).toMatchObject({ allowed: true });
  await crowded.stop();
  await service.endHelpers();
  service.process.signal('SIGTERM');
  expect(await service.process.exited).toMatchObject({ exitCode: 0, stderr: '' });
});

test('systemd hands it its socket', async () => {
  const client = await scene.client();
  setUsers(client, [alice], group, [alice]);
  const folder = scratchFolder('activated');
  const [program = '', command = '', , socket = '', ...rest] = serviceArguments(folder);
  await client.exec(['chmod', '755', folder]);
  const activated = client.spawn(['systemd-socket-activate', '-l', socket, program, command, ...rest]);
  scene.afterwards(() => activated.stop());
  await activated.until(/Listening on/);
  await client.exec(['chmod', '666', socket]);
  const service = { process: activated, socket, folder, endHelpers: () => Promise.reject(new Error('not here')) };
  expect(await ask(client, alice, service, { request: 'status' })).toMatchObject({ allowed: true });
});

/** In a machine's own /run and /var/lib: two helpers of one place, of which the second waits for the first one's end, and `retire`. */
const retiring = `
  set -eu
  for place in /run /var/lib; do mount -t tmpfs tmpfs $place; done
  mkdir -p /run/culvert/helpers
  serve="$0 serve --runtime-dir /run/culvert/helpers/office --state-dir /var/lib/culvert --owner 0"
  $serve >/run/first & first=$!
  until grep -q ready /run/first; do sleep 0.05; done
  $serve >/run/second & second=$!
  sleep 0.3
  kill -0 $second
  "$0" retire
  wait $first
  # It does not wait for a client any more, as it would for 15 s.
  for _ in $(seq 100); do kill -0 $second 2>/dev/null || exit 0; sleep 0.05; done
  cat /run/second
  exit 1`;

test('what retires the service leaves no helper behind, nor one that waits for the end of another', async () => {
  const client = await scene.client();
  const before = await client.machineState();
  const retired = await client.exec(['sh', '-c', retiring, helperPath], { allowFailure: true });
  expect(retired).toMatchObject({ exitCode: 0, stdout: '{"retired":true}\n' });
  expect(await client.machineState()).toEqual(before);
});
