// Bundles the demo, which is TypeScript, and runs it as root.
import { join } from 'node:path';
import { build } from 'esbuild';
import { requireRoot, root, run } from '../setup/commands.mjs';
import { report } from '../setup/setup.mjs';

const outfile = join(root, '.setup', 'demo.mjs');

async function demo() {
  await build({
    entryPoints: [join(root, 'test', 'demo', 'demo.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  await run([...requireRoot('the demo, which makes network namespaces,'), process.execPath, outfile]);
}

await demo().catch(report);
