import { build } from 'esbuild';
import { join } from 'node:path';
import { repositoryRoot } from '../support/repository.ts';

/** Bundles a few lines of TypeScript, which import from the repository's root, into a program for Node: to be run beside, and killed. */
export async function childProgram(folder: string, name: string, lines: string): Promise<readonly string[]> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    stdin: { contents: lines, resolveDir: repositoryRoot, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  return [process.execPath, outfile];
}
