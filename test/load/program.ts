import { join } from 'node:path';
import { build } from 'esbuild';
import type { Machine } from '../support/namespaces.ts';
import type { Running } from '../support/processes.ts';
import { inRepository } from '../support/repository.ts';
import { scratchFolder } from '../support/scratch.ts';
import type { ProgramName } from './programs/main.ts';

let bundled: Promise<string> | undefined;

/** Starts one of `programs/` on a machine of the test network. */
export async function startProgram(machine: Machine, name: ProgramName, order: object): Promise<Running> {
  bundled ??= bundlePrograms();
  return machine.spawn([process.execPath, await bundled, name, JSON.stringify(order)]);
}

async function bundlePrograms(): Promise<string> {
  const outfile = join(scratchFolder('load'), 'main.mjs');
  await build({
    entryPoints: [inRepository('test', 'load', 'programs', 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  return outfile;
}

/** The JSON lines that a program has printed so far. */
export function reportsOf(running: Running): readonly unknown[] {
  return running
    .stdout()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}
