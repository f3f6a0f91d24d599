import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bridgeName } from '../../namespaces.ts';
import type { Machine } from '../../namespaces.ts';
import { delay, eventually, groupAlive, run, signalGroup, start } from '../../processes.ts';
import type { Finished } from '../../processes.ts';
import { inRepository } from '../../repository.ts';
import { removeScratch, scratchFolder } from '../../scratch.ts';

/** A machine with a kernel of its own: user-mode Linux, which has the ESP, PPP and L2TP that the host may lack. */
export interface Guest {
  readonly address: string;
  /** Runs a shell script inside. Output and error come as one. Throws when it fails. */
  exec(script: string, timeoutMs?: number): Promise<string>;
  /** Puts a file into /etc of what the role scripts install. */
  writeEtc(path: string, text: string): void;
  writeShare(path: string, text: string): void;
  /** Takes it off its bridge, as if the cable were pulled: it hears and says nothing. */
  unplug(): Promise<void>;
  plug(): Promise<void>;
  stop(): Promise<void>;
}

export interface GuestOptions {
  /** Up to 11 letters: its tap is named after it. */
  readonly label: string;
  /** The machine whose bridge it joins: the network's `wan` or `nat`. */
  readonly router: Machine;
  readonly address: string;
  readonly routerAddress: string;
  readonly memory?: string;
}

const rootFolder = inRepository('.setup/uml-root');
const scriptsFolder = inRepository('test/support/peers/uml/guest');
const wholeXstate = inRepository('build/guest/whole-xstate.so');

/** The root is shared; the first process must be a file in it. Renaming keeps a guest that boots now whole. */
function installInit(): void {
  const fresh = join(rootFolder, `guest-init.${process.pid}`);
  copyFileSync(join(scriptsFolder, 'init'), fresh);
  chmodSync(fresh, 0o755);
  renameSync(fresh, join(rootFolder, 'guest-init'));
}

function hardwareAddress(label: string): string {
  const digest = createHash('sha256').update(label).digest('hex');
  return `02:00:5e:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

export async function startGuest(options: GuestOptions): Promise<Guest> {
  const { label, router, address } = options;
  installInit();
  const state = scratchFolder(`guest-${label}`);
  const share = join(state, 'share');
  const queue = join(share, 'queue');
  mkdirSync(queue, { recursive: true });
  mkdirSync(join(share, 'etc'));
  const tap = `tap-${label}`;
  const ip = (...argv: string[]): Promise<Finished> => run(['ip', '-n', router.name, ...argv]);
  await ip('tuntap', 'add', tap, 'mode', 'tap');
  await ip('link', 'set', tap, 'master', bridgeName, 'up');
  const kernel = start(
    router.command([
      ...[
        'env',
        `LD_PRELOAD=${wholeXstate}`,
        'linux.uml',
        `mem=${options.memory ?? '192M'}`,
        `umid=${label}`,
        `uml_dir=${state}`,
      ],
      ...['root=/dev/root', 'rootfstype=hostfs', `rootflags=${rootFolder}`, 'ro', 'init=/guest-init'],
      `vec0:transport=tap,ifname=${tap},depth=128,mac=${hardwareAddress(`${router.name}/${label}`)}`,
      ...['con=null', 'con0=null,fd:1', `scripts=${scriptsFolder}`, `share=${share}`],
      ...[`address=${address}/24`, `router=${options.routerAddress}`],
    ]),
  );

  const exec = async (script: string, timeoutMs = 60_000): Promise<string> => {
    const job = join(queue, randomUUID());
    writeFileSync(`${job}.partial`, script);
    renameSync(`${job}.partial`, `${job}.command`);
    const status = await eventually(`guest ${label}: ${script}`, timeoutMs, () => {
      if (!groupAlive(kernel.pid)) throw new Error(`guest ${label} ended:\n${kernel.stdout().slice(-2000)}`);
      return readIfThere(`${job}.status`);
    });
    const output = readFileSync(`${job}.output`, 'utf8');
    for (const suffix of ['taken', 'output', 'status']) rmSync(`${job}.${suffix}`, { force: true });
    if (status.trim() !== '0') throw new Error(`guest ${label}: ${script}: exit ${status.trim()}\n${output}`);
    return output;
  };
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const stop = async (): Promise<void> => {
    signalGroup(kernel.pid, 'SIGKILL');
    while (groupAlive(kernel.pid)) await delay(20);
    await run(['ip', '-n', router.name, 'link', 'delete', tap], { allowFailure: true });
    removeScratch(state);
  };
  try {
    await exec('true');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    address,
    exec,
    stop,
    writeEtc: (path, text) => {
      write(join(share, 'etc', path), text);
    },
    writeShare: (path, text) => {
      write(join(share, path), text);
    },
    unplug: async () => {
      await ip('link', 'set', tap, 'nomaster');
    },
    plug: async () => {
      await ip('link', 'set', tap, 'master', bridgeName);
    },
  };
}
