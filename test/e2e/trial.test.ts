import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ConnectionEvent, connectionEvent } from '../../main/contracts/events.ts';
import type { Machine } from '../support/namespaces.ts';
import { eventually, type Running } from '../support/processes.ts';
import { inRepository } from '../support/repository.ts';
import { scratchFolder } from '../support/scratch.ts';
import { withTunDevice } from '../support/tun-device.ts';
import { asUser, giveFolder, type LocalUser } from '../support/users.ts';
import { useScene } from './scene.ts';

/** `culvert try` of an ordinary user, who may do nothing to the machine. */

const scene = useScene();
/** Of a number that no other test has: her processes are counted. */
const alice: LocalUser = { name: 'alice', uid: 4103 };

interface Trying {
  readonly machine: Machine;
  readonly home: string;
  readonly argv: readonly string[];
}

async function somebodyTrying(deviceMode = 0o666): Promise<Trying> {
  const machine = await withTunDevice(await scene.client(), deviceMode);
  const home = scratchFolder('home');
  for (const folder of ['runtime', 'tmp']) mkdirSync(join(home, folder));
  giveFolder(home, alice);
  // The program where an ordinary user can read it, wherever the repository is.
  const program = scratchFolder('program');
  chmodSync(program, 0o755);
  cpSync(inRepository('build/release/culvert-helper'), join(program, 'culvert-helper'));
  const environment = {
    ...{ HOME: home, TMPDIR: join(home, 'tmp'), XDG_RUNTIME_DIR: join(home, 'runtime'), PATH: '/usr/bin:/bin' },
    CULVERT_HELPER: join(program, 'culvert-helper'),
  };
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return {
    machine,
    home,
    argv: ['env', '-i', ...variables, process.execPath, inRepository('dist/culvert.js'), 'try', '--json'],
  };
}

function events(running: Running): ConnectionEvent[] {
  return running
    .stdout()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => connectionEvent.parse(JSON.parse(line)));
}

/** Processes of Alice's, by their command lines, and how many networks they have. */
function left(): { commands: string[]; networks: Set<string> } {
  const mine = readdirSync('/proc').filter((name) => {
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      return new RegExp(`^Uid:\\s+${alice.uid}\\b`, 'm').test(status) && !/^State:\s+Z/m.test(status);
    } catch {
      return false; // no process, or none any more
    }
  });
  const read = (name: string, what: 'cmdline' | 'ns/net'): string => {
    try {
      return what === 'cmdline' ? readFileSync(`/proc/${name}/cmdline`, 'utf8') : readlinkSync(`/proc/${name}/ns/net`);
    } catch {
      return '';
    }
  };
  return {
    commands: mine.map((pid) => read(pid, 'cmdline')),
    networks: new Set(mine.map((pid) => read(pid, 'ns/net'))),
  };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

test('a whole connection needs no rights, changes nothing, and leaves nothing, however it ends', async () => {
  const { machine, home, argv } = await somebodyTrying();
  const before = await machine.machineState();
  for (const end of ['SIGINT', 'SIGKILL'] as const) {
    const trying = asUser(machine, alice).spawn(argv);
    await trying.until(/"event":"connected"/, 60_000);
    expect(left().networks.size).toBe(3); // the machine's, the host's, the client's
    expect(await machine.machineState()).toEqual(before);
    // What is signed in with is random each time, and on no disk.
    expect(filesIn(home).filter((name) => !/^(runtime|tmp)(\/culvert(\/trial\.sock)?)?$/.test(name))).toEqual([]);
    trying.signal(end);
    const finished = await trying.exited;
    if (end === 'SIGINT') {
      expect(finished).toMatchObject({ exitCode: 0, stderr: '' });
      expect(events(trying).at(-1)).toMatchObject({ event: 'disconnected', failure: { code: 'user.stopped' } });
    }
    await eventually(`nothing is left after ${end}`, 20_000, () => left().commands.length === 0);
    expect(await machine.machineState()).toEqual(before);
  }
});

test("where the TUN device is root's alone, it says so, and what to do", async () => {
  const { machine, argv } = await somebodyTrying(0o600);
  const tried = await asUser(machine, alice).exec(argv, { allowFailure: true });
  expect(tried.exitCode).toBe(10);
  expect(tried.stdout).toContain('"trial.tunnelDevice"');
  expect(tried.stdout).toContain('sudo culvert try');
  expect(left().commands).toEqual([]);
});

test('where the system lets nobody have networks of their own, it says so, and what to do', async () => {
  const { machine, argv } = await somebodyTrying();
  // In a user namespace that may have none below it; Alice is still herself there.
  const forbidding = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
  const tried = await asUser(machine, alice).exec(
    ['unshare', '--user', '--map-current-user', '--keep-caps', 'sh', '-c', forbidding, 'sh', ...argv],
    { allowFailure: true },
  );
  expect(tried.exitCode).toBe(10);
  expect(tried.stdout).toContain('"trial.networks"');
  expect(tried.stdout).toContain('sudo culvert try');
  expect(left().commands).toEqual([]);
});
