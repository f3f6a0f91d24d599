import { join } from 'node:path';
import { root } from './commands.mjs';

/**
 * Bundles a TypeScript program of this repository for Node: its own modules go into one file, its npm packages stay
 * where npm put them.
 *
 * @param {string} entryPoint in the repository
 * @param {string} outfile in the repository
 * @param {import('esbuild').BuildOptions} [options]
 * @returns {Promise<string>} the path of the bundle
 */
export async function bundle(entryPoint, outfile, options = {}) {
  // Only now: this module is also read by the set-up that installs esbuild.
  const { build } = await import('esbuild');
  const path = join(root, outfile);
  await build({
    entryPoints: [join(root, entryPoint)],
    outfile: path,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    ...options,
  });
  return path;
}
