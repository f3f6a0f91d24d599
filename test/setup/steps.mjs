import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, seconds, SetupError } from './commands.mjs';

/**
 * One thing that set-up does. It is done when `isDone` says so, or else when its inputs are those of the last time and
 * its outputs are still there.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {string} title
 * @property {readonly string[]} [inputs] files and folders in the repository
 * @property {readonly string[]} [values] further inputs
 * @property {readonly string[]} [outputs]
 * @property {() => boolean} [isDone]
 * @property {() => Promise<void>} run
 */

const stampFolder = join(root, '.setup', 'stamps');

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesBelow(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** @param {Step} step */
function inputHash({ inputs = [], values = [] }) {
  const hash = createHash('sha256').update(JSON.stringify(values));
  for (const file of inputs.flatMap(filesBelow)) {
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

/** @param {Step} step */
function isDone(step) {
  if (step.isDone !== undefined) return step.isDone();
  const stamp = join(stampFolder, step.name);
  const outputs = step.outputs ?? [];
  return (
    outputs.every((path) => existsSync(join(root, path))) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === inputHash(step)
  );
}

/**
 * Steps in their order; in the place of one, lists of them that know nothing of each other.
 *
 * @typedef {readonly (Step | readonly (readonly Step[])[])[]} Plan
 */

/**
 * Does what is not done yet, and says what and how long it took.
 *
 * @param {Plan} plan
 */
export async function doSteps(plan) {
  for (const step of plan) {
    if ('length' in step) {
      await Promise.all(step.map(doSteps));
      continue;
    }
    if (isDone(step)) continue;
    const startMs = performance.now();
    console.log(`set-up: ${step.title} …`);
    const hash = inputHash(step);
    await step.run();
    const lacking = (step.outputs ?? []).filter((path) => !existsSync(join(root, path)));
    if (lacking.length > 0) throw new SetupError(`${step.title}: did not make ${lacking.join(', ')}`);
    mkdirSync(stampFolder, { recursive: true });
    writeFileSync(join(stampFolder, step.name), hash);
    console.log(`set-up: ${step.title}: done in ${seconds(startMs)}`);
  }
}
