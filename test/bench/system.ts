import { readFileSync } from 'node:fs';
import type { Machine, Pair } from '../support/namespaces.ts';
import { run } from '../support/processes.ts';

/**
 * What is compared. `underlay` is the wire alone; `translator` a peer that hides its clients, so that nobody can connect to them;
 * `sessions` are Culvert with so many sessions installed.
 */
export type SystemKind = 'underlay' | 'culvert' | 'peer' | 'translator' | 'sessions';

export interface System {
  readonly name: string;
  readonly title: string;
  readonly kind: SystemKind;
  /** Brings both ends up in namespaces of their own. Rejects with the reason where that cannot be. */
  start(): Promise<Tunnel>;
}

/** One end of a system: the machine that traffic comes from or goes to, and its address there. */
export interface End {
  readonly machine: Machine;
  readonly address: string;
}

/** A system that is up. */
export interface Tunnel {
  /** The client's end. */
  readonly near: End;
  /** The gateway's end. */
  readonly far: End;
  /** The near end's addresses, each in a session of its own; the first is `near.address`. */
  readonly sources: readonly string[];
  /** What its programs said or how they ended, to go with a failure. */
  diagnosis(): string;
  stop(): Promise<void>;
}

/** Every tunnel's own MTU, so that what leaves it fits the wire's 1500 with each system's overhead. */
export const tunnelMtuBytes = 1400;
/** Where the tunnels' ends are, but for SoftEther, which hands out its own. */
export const nearAddress = '10.8.0.2';
export const farAddress = '10.7.0.1';

/** The end of what a program said, for `diagnosis`. */
export function lastLines(text: string): string {
  return text.trim().split('\n').slice(-4).join('\n');
}

/** What a system lacks on this machine: no failure of the benchmark. */
export class Unavailable extends Error {}

export async function requireProgram(program: string, debianPackage: string): Promise<void> {
  const found = await run(['sh', '-c', 'command -v "$1"', 'sh', program], { allowFailure: true });
  if (found.exitCode !== 0) throw new Unavailable(`${program} is not installed (Debian: ${debianPackage})`);
}

/** Starts what lives in `pair`; where that fails, nothing of it stays. */
export async function inPair(pair: Pair, start: () => Promise<Tunnel>): Promise<Tunnel> {
  try {
    return await start();
  } catch (error) {
    await pair.remove();
    throw error;
  }
}

/** The processes in a machine's namespace: before any traffic is made there, those of the VPN. */
export async function processesOn(machine: Machine): Promise<number[]> {
  const { stdout } = await run(['ip', 'netns', 'pids', machine.name]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

const ticksPerSecond = 100; // USER_HZ, the same on every Linux

/** Processor time, user and system, of all threads that the processes have or had: utime and stime of proc(5). */
export function processorSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }, 0);
}
