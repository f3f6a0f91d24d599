import { chmodSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { connectHelper, type Helper } from '../../main/helper/helper.ts';
import { helperArguments, type HelperFolders } from '../../main/helper/process.ts';
import type { Machine } from '../support/namespaces.ts';
import { eventually, type Running } from '../support/processes.ts';
import { inRepository } from '../support/repository.ts';
import { scratchFolder } from '../support/scratch.ts';

export const helperPath = inRepository('build/release/culvert-helper');

/** The helper's three processes. */
export interface HelperProcesses {
  readonly warden: number;
  readonly broker: number;
  readonly datapath: number;
}

export function pidsOf({ warden, broker, datapath }: HelperProcesses): number[] {
  return [warden, broker, datapath];
}

export interface RunningHelper {
  readonly running: Running;
  readonly folders: HelperFolders;
  readonly processes: HelperProcesses;
}

export function helperFolders(): HelperFolders {
  const scratch = scratchFolder('helper');
  chmodSync(scratch, 0o755); // the owner of the runtime folder may be another user
  return { runtime: join(scratch, 'run'), state: join(scratch, 'state') };
}

function childOf(parent: number): number | undefined {
  const child = readdirSync('/proc').find((name) => /^\d+$/.test(name) && parentOf(name) === parent);
  return child === undefined ? undefined : Number(child);
}

/** proc(5): the fourth field of stat, after the name in parentheses. */
function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}

export async function startHelperIn(
  machine: Machine,
  folders: HelperFolders = helperFolders(),
  ownerUid = 0,
): Promise<RunningHelper> {
  const running = machine.spawn([helperPath, ...helperArguments(folders, ownerUid)]);
  await running.until(/"ready":true/);
  const find = (parent: number): Promise<number> => eventually('a child process', 5000, () => childOf(parent));
  const warden = running.pid;
  const broker = await find(warden);
  return { running, folders, processes: { warden, broker, datapath: await find(broker) } };
}

/** Resolves when none of its processes is left. */
export function helperGone(helper: RunningHelper): Promise<unknown> {
  return eventually('the end of the helper', 20_000, () => !pidsOf(helper.processes).some(isAlive));
}

export async function helperWithClient(machine: Machine): Promise<RunningHelper & { client: Helper }> {
  const helper = await startHelperIn(machine);
  const client = await connectHelper(helper.folders.runtime);
  return { ...helper, client };
}
