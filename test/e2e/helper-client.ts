import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { connectHelper, type Helper } from '../../main/helper/helper.ts';
import { helperArguments, type HelperFolders } from '../../main/helper/process.ts';
import { type HelperProcesses, helperProcesses, isAlive, pidsOf } from '../support/helper-processes.ts';
import type { Machine } from '../support/namespaces.ts';
import { eventually, type Running } from '../support/processes.ts';
import { inRepository } from '../support/repository.ts';
import { scratchFolder } from '../support/scratch.ts';

export const helperPath = inRepository('build/release/culvert-helper');

export interface RunningHelper {
  readonly running: Running;
  readonly folders: HelperFolders;
  readonly processes: HelperProcesses;
}

export interface ConnectedHelper extends RunningHelper {
  readonly client: Helper;
}

export function helperFolders(): HelperFolders {
  const scratch = scratchFolder('helper');
  chmodSync(scratch, 0o755); // the owner of the runtime folder may be another user
  return { runtime: join(scratch, 'run'), state: join(scratch, 'state') };
}

export async function startHelperIn(
  machine: Machine,
  folders: HelperFolders = helperFolders(),
  ownerUid = 0,
  flags: readonly string[] = [],
): Promise<RunningHelper> {
  const running = machine.spawn([helperPath, ...helperArguments(folders, ownerUid), ...flags]);
  await running.until(/"ready":true/);
  return { running, folders, processes: await helperProcesses(running.pid) };
}

/** Resolves when none of its processes is left. */
export function helperGone(helper: RunningHelper): Promise<unknown> {
  return eventually('the end of the helper', 20_000, () => !pidsOf(helper.processes).some(isAlive));
}

export async function helperWithClient(machine: Machine, flags: readonly string[] = []): Promise<ConnectedHelper> {
  const helper = await startHelperIn(machine, helperFolders(), 0, flags);
  const client = await connectHelper(helper.folders.runtime);
  return { ...helper, client };
}
