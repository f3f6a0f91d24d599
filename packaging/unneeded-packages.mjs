import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../test/setup/commands.mjs';

/**
 * The packages that would be packed as dependencies of this one, though nothing loads them: they are in the bundles.
 *
 * @param {readonly string[]} needed with what they need themselves
 * @returns {string[]}
 */
export function unneededPackages(needed) {
  /** @type {{ packages: Record<string, { dev?: boolean, dependencies?: Record<string, string> }> }} */
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const kept = new Set();
  const keep = (/** @type {string} */ name) => {
    if (kept.has(name)) return;
    kept.add(name);
    for (const inner of Object.keys(lock.packages[`node_modules/${name}`]?.dependencies ?? {})) keep(inner);
  };
  for (const name of needed) keep(name);
  // Those inside another's folder too: electron-builder packs them by their own names.
  const names = Object.entries(lock.packages)
    .filter(([, facts]) => facts.dev !== true)
    .map(([folder]) => folder.split('node_modules/').at(-1) ?? '');
  return [...new Set(names)].filter((name) => name !== '' && !kept.has(name));
}
