// Bundles the command line into dist/culvert.js, so that `npx --no culvert` needs no TypeScript at run time.
import { chmodSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';

export async function buildCli() {
  const path = await bundle('main/cli/culvert.ts', 'dist/culvert.js', {
    sourcemap: true,
    banner: { js: '#!/usr/bin/env node' },
  });
  chmodSync(path, 0o755);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildCli();
