// Bundles the command line into dist/culvert.js, so that `npx culvert` needs no TypeScript at run time.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './commands.mjs';

/** The program's own modules go into one file; its npm packages stay where npm put them. */
export async function buildCli() {
  const { build } = await import('esbuild');
  const outfile = join(root, 'dist', 'culvert.js');
  await build({
    entryPoints: [join(root, 'main', 'cli', 'culvert.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    banner: { js: '#!/usr/bin/env node' },
    logLevel: 'warning',
  });
  chmodSync(outfile, 0o755);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildCli();
