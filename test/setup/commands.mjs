import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A failure whose message is all that a person needs: no stack is shown. */
export class SetupError extends Error {}

/**
 * Runs a program in the repository with its output shown.
 *
 * @param {readonly string[]} argv
 * @param {{ quiet?: boolean, env?: Record<string, string>, hear?: (text: string) => void }} [options]
 *   quiet: its output is shown only if it fails; hear: it is shown and heard, piece by piece
 * @returns {Promise<void>}
 */
export function run(argv, { quiet = false, env = {}, hear } = {}) {
  const [program = '', ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: quiet || hear !== undefined ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    });
    let said = '';
    const take = (/** @type {NodeJS.WriteStream} */ shownOn) => (/** @type {Buffer} */ piece) => {
      if (quiet) said += String(piece);
      else shownOn.write(piece);
      hear?.(String(piece));
    };
    child.stdout?.on('data', take(process.stdout));
    child.stderr?.on('data', take(process.stderr));
    child.once('error', (error) => reject(new SetupError(`${program}: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) return resolve();
      reject(new SetupError(`${said}\`${argv.join(' ')}\` ended with ${code ?? signal}`));
    });
  });
}

/**
 * Runs programs that use one processor each, as many at once as there are processors; what they say is shown only of those that fail.
 *
 * @param {readonly (readonly string[])[]} argvs
 */
export async function runAtOnce(argvs) {
  const left = [...argvs];
  /** @type {unknown[]} */
  const failures = [];
  const worker = async () => {
    for (let argv = left.shift(); argv !== undefined; argv = left.shift())
      await run(argv, { quiet: true }).catch((error) => failures.push(error));
  };
  await Promise.all(cpus().map(worker));
  if (failures.length > 0)
    throw new SetupError(failures.map((error) => (error instanceof Error ? error.message : String(error))).join('\n'));
}

/**
 * Prefixes what must run as root; undefined when this user may not.
 *
 * @returns {string[] | undefined}
 */
export function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const asked = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return asked.status === 0 ? ['sudo', '-n', '--preserve-env=PATH,CI'] : undefined;
}

/**
 * As `rootPrefix`, but the lack of it is an error.
 *
 * @param {string} what
 */
export function requireRoot(what) {
  const prefix = rootPrefix();
  if (prefix === undefined)
    throw new SetupError(`${what} needs root: run it as root, or let sudo work without a password.`);
  return prefix;
}

/** @param {number} sinceMs */
export function seconds(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/**
 * @param {readonly string[]} folders
 * @returns {string[]}
 */
function cppSources(folders) {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.(cpp|hpp)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}

/** The native helper's C++ files and those of its tests. */
export function helperSources() {
  return cppSources(['native-helper', join('test', 'helper')]);
}

/** The C++ files of the benchmarks and of the tests' peers. */
export function toolSources() {
  return cppSources([
    join('test', 'bench', 'traffic'),
    join('test', 'bench', 'native'),
    join('test', 'support', 'peers', 'uml', 'native'),
  ]);
}
