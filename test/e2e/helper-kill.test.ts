import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectHelper } from '../../main/helper/helper.ts';
import type { NetworkPlan } from '../../main/contracts/helper.ts';
import { type HelperProcesses, isAlive, pidsOf } from '../support/helper-processes.ts';
import { createNetwork, type Host, type MachineState, type Network, wanAddress } from '../support/namespaces.ts';
import { eventually } from '../support/processes.ts';
import {
  type ConnectedHelper,
  helperFolders,
  helperGone,
  helperPath,
  helperWithClient,
  type RunningHelper,
  startHelperIn,
} from './helper-client.ts';

const plan: NetworkPlan = {
  tunnel: { name: 'culvert0', mtuBytes: 1400, addresses: [{ local: '10.9.0.2/32', peer: '10.9.0.1' }] },
  routes: [
    { to: '198.51.100.9/32', via: 'underlay' },
    { to: '0.0.0.0/1', via: 'tunnel' },
  ],
  dns: { servers: ['10.9.0.1'], searchDomains: [], domains: [] },
  killSwitch: { allow: ['198.51.100.9'] },
};
const remote = { address: wanAddress, port: 4500 };

let network: Network;
let host: Host;
let before: MachineState;

beforeAll(async () => {
  network = await createNetwork();
  host = await network.addMachine('kill', { address: '203.0.113.30' });
  before = await host.machineState();
});

afterAll(() => network.remove());

const steps: Readonly<Record<string, (helper: ConnectedHelper) => Promise<unknown>>> = {
  'the greeting': () => Promise.resolve(),
  'opening a socket': ({ client }) =>
    client.broker.request({ kind: 'openSocket', socket: 'natt', localPort: 0, remote }),
  'the plan': ({ client }) => client.broker.request({ kind: 'applyPlan', plan }),
};

describe.each(Object.keys(steps))('killed after %s', (step) => {
  const upTo = async (): Promise<ConnectedHelper> => {
    const helper = await helperWithClient(host);
    for (const [name, take] of Object.entries(steps)) {
      await take(helper);
      if (name === step) break;
    }
    return helper;
  };

  test.each<keyof HelperProcesses>(['warden', 'broker', 'datapath'])('%s: the network is as before', async (name) => {
    const helper = await upTo();
    process.kill(helper.processes[name], 'SIGKILL');
    await helperGone(helper);
    expect(await host.machineState()).toEqual(before);
    expect(readdirSync(helper.folders.state)).toEqual([]);
    helper.client.close();
  });

  test('the control plane hangs up: the network is as before, and nothing is left', async () => {
    const helper = await upTo();
    helper.client.close();
    await helperGone(helper);
    expect(await host.machineState()).toEqual(before);
    expect(readdirSync(helper.folders.state)).toEqual([]);
    expect(existsSync(helper.folders.runtime)).toBe(false);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s: the network is as before', async (signal) => {
    const helper = await upTo();
    process.kill(helper.processes.warden, signal);
    await helperGone(helper);
    expect(await host.machineState()).toEqual(before);
    expect((await helper.running.exited).exitCode).toBe(0);
    helper.client.close();
  });
});

describe('all killed at once', () => {
  const leaveBehind = async () => {
    const helper = await helperWithClient(host);
    await helper.client.broker.request({ kind: 'applyPlan', plan });
    // Stopped first, so that none of them can do the others' work.
    for (const pid of pidsOf(helper.processes)) process.kill(pid, 'SIGSTOP');
    for (const pid of pidsOf(helper.processes)) process.kill(pid, 'SIGKILL');
    await helperGone(helper);
    helper.client.close();
    expect(await host.machineState()).not.toEqual(before);
    return helper;
  };

  test('restore undoes it and says what', async () => {
    const { folders } = await leaveBehind();
    const restored = await host.exec([helperPath, 'restore', '--state-dir', folders.state]);
    const undone = restored.stdout.trim().split('\n');
    expect(undone.map((line) => (JSON.parse(line) as { undone: string }).undone)).toContain('DNS in resolv.conf');
    expect(await host.machineState()).toEqual(before);
    const again = await host.exec([helperPath, 'restore', '--state-dir', folders.state]);
    expect(again.stdout).toBe('');
  });

  test('the next start undoes it, and its greeting says so', async () => {
    const { folders } = await leaveBehind();
    const next = await startHelperIn(host, folders);
    expect(await host.machineState()).toEqual(before);
    const client = await connectHelper(folders.runtime);
    expect(client.recovered).toBe(true);
    client.close();
    await helperGone(next);
  });

  test("what is left of another user's run does not block that user's next start", async () => {
    const killed = await startHelperIn(host, helperFolders(), 4242);
    for (const pid of [killed.processes.warden, killed.processes.broker]) process.kill(pid, 'SIGSTOP');
    for (const pid of [killed.processes.warden, killed.processes.broker]) process.kill(pid, 'SIGKILL');
    await eventually(
      'the end of both',
      5000,
      () => !isAlive(killed.processes.warden) && !isAlive(killed.processes.broker),
    );
    expect(readdirSync(killed.folders.runtime).sort()).toEqual(['broker.sock', 'datapath.sock']);
    const next = await startHelperIn(host, killed.folders, 4242);
    const client = await connectHelper(next.folders.runtime);
    client.close();
    await helperGone(next);
    await helperGone(killed);
    expect(existsSync(next.folders.runtime)).toBe(false);
    expect(readdirSync(next.folders.state)).toEqual([]);
  });

  test('a second start in the folder of a live run is refused and does it no harm', async () => {
    const helper = await helperWithClient(host);
    await expect(startHelperIn(host, helper.folders)).rejects.toThrow(/another culvert-helper serves/);
    expect((await helper.client.broker.request({ kind: 'applyPlan', plan })).tunnelName).toBe('culvert0');
    helper.client.close();
    await helperGone(helper);
    expect(await host.machineState()).toEqual(before);
  });

  test('a start in the folder of a run that ends waits for that', async () => {
    const folders = helperFolders();
    let last: RunningHelper | undefined;
    for (let runs = 0; runs < 10; runs++) {
      last = await startHelperIn(host, folders);
      (await connectHelper(folders.runtime)).close();
    }
    if (last !== undefined) await helperGone(last);
    expect(existsSync(folders.runtime)).toBe(false);
  });

  test('journals that others could have written are not believed', async () => {
    const { state } = helperFolders();
    mkdirSync(state);
    chmodSync(state, 0o777);
    const refused = await host.exec([helperPath, 'restore', '--state-dir', state], { allowFailure: true });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('only root can write');
  });

  test('restore leaves a live run alone', async () => {
    const helper = await helperWithClient(host);
    await helper.client.broker.request({ kind: 'applyPlan', plan });
    const during = await host.machineState();
    await host.exec([helperPath, 'restore', '--state-dir', helper.folders.state]);
    expect(await host.machineState()).toEqual(during);
    helper.client.close();
    await helperGone(helper);
    expect(await host.machineState()).toEqual(before);
  });
});

describe('who may speak', () => {
  const owner = 4242;
  const stranger = 4243;

  /** Connects as another user, sends `hex`, and prints what happens first: an answer's byte count, or the end. */
  const speakAs = (uid: number, path: string, hex: string): Promise<string> => {
    const program = `
      const s = require('node:net').connect(process.argv[1]);
      s.on('connect', () => s.write(Buffer.from(process.argv[2], 'hex')));
      s.on('data', (d) => { console.log('answer', d.length); process.exit(); });
      s.on('close', () => { console.log('closed'); process.exit(); });
      s.on('error', (e) => { console.log(e.code); process.exit(); });`;
    return new Promise((resolve) => {
      const child = spawn(process.execPath, ['-e', program, path, hex], { uid, gid: uid, cwd: '/' });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.once('exit', () => {
        resolve(output.trim());
      });
    });
  };

  const frame = (json: string): string => {
    const text = Buffer.from(json);
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32BE(4 + text.length, 0);
    lengths.writeUInt32BE(text.length, 4);
    return Buffer.concat([lengths, text]).toString('hex');
  };
  const hello = frame('{"kind":"hello","id":1,"version":1}');

  test('the owner is answered, another user is not', async () => {
    const helper = await startHelperIn(host, helperFolders(), owner);
    const path = `${helper.folders.runtime}/broker.sock`;
    expect(await speakAs(stranger, path, hello)).toBe('EACCES');
    // Even where the file system would let everybody in.
    chmodSync(helper.folders.runtime, 0o777);
    chmodSync(path, 0o777);
    expect(await speakAs(stranger, path, hello)).toMatch(/closed|EPIPE|ECONNRESET/);
    expect(isAlive(helper.processes.broker)).toBe(true);
    expect(await speakAs(owner, path, hello)).toMatch(/^answer/);
    await helperGone(helper);
  });

  test('malformed frames close the connection and do no harm', async () => {
    const helper = await startHelperIn(host);
    const path = `${helper.folders.runtime}/broker.sock`;
    const malformed = [
      'ffffffff',
      '00000003aabbcc',
      '0000000600000003' + '7b7d',
      frame('not json'),
      frame('{"kind":"hello","id":1,"version":1,"extra":true}'),
      frame('{"kind":"applyPlan","id":1,"plan":{"routes":[]}}'),
    ];
    for (const bytes of malformed) {
      const socket = connect(path);
      socket.on('error', () => undefined);
      socket.write(Buffer.from(bytes, 'hex'));
      await new Promise((resolve) => socket.once('close', resolve).resume());
    }
    const client = await connectHelper(helper.folders.runtime);
    client.close();
    await helperGone(helper);
    expect(await host.machineState()).toEqual(before);
  });

  test('no process of it may be looked into, and only the broker and the warden are root', async () => {
    const helper = await helperWithClient(host);
    const status = (pid: number): string => readFileSync(`/proc/${pid}/status`, 'utf8');
    await eventually('the datapath to be nobody', 5000, () =>
      /^Uid:\t65534\t/m.test(status(helper.processes.datapath)),
    );
    expect(status(helper.processes.datapath)).toMatch(/^CapEff:\t0{16}$/m);
    // CAP_NET_ADMIN (12) and CAP_NET_BIND_SERVICE (10), nothing else.
    expect(status(helper.processes.broker)).toMatch(/^CapEff:\t0{12}1400$/m);
    expect(status(helper.processes.broker)).toMatch(/^CapBnd:\t0{16}$/m);
    for (const pid of pidsOf(helper.processes)) {
      expect(status(pid)).toMatch(/^NoNewPrivs:\t1$/m);
      expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/Max core file size +0 +0/);
    }
    helper.client.close();
    await helperGone(helper);
  });
});
