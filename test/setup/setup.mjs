// Brings a machine to where the demo or the tests can run. Needs Node alone; a second run finds everything done.
//   node test/setup/setup.mjs client|app|demo|bench|package|test|sanitized
import { existsSync, readFileSync } from 'node:fs';
import { rm, mkdir, rename } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildApp } from './build-app.mjs';
import { buildCli } from './build-cli.mjs';
import { requireRoot, root, run, SetupError } from './commands.mjs';
import { electronRuntime } from './electron-runtime.mjs';
import { debianPackages, guestPackages, guestRelease, systemPackages } from './packages.mjs';
import { doSteps } from './steps.mjs';
import { installPackages, missingPackages } from './system-packages.mjs';
import { resolvedFolder, unpackResolved } from './systemd-resolved.mjs';

/** @typedef {import('./steps.mjs').Step} Step */
/** @typedef {import('./steps.mjs').Plan} Plan */

/**
 * @param {...keyof typeof systemPackages} groups
 * @returns {Step}
 */
function packages(...groups) {
  const names = [...new Set(groups.flatMap((group) => systemPackages[group]))];
  return {
    name: `packages-${groups.join('-')}`,
    title: 'install Debian packages',
    isDone: () => missingPackages(names).length === 0,
    run: () => installPackages(names),
  };
}

/**
 * The versions that a lock file names. Packages for other platforms are in npm's own lock file, but not on the disk.
 *
 * @param {string} path
 * @returns {Map<string, { version?: string, optional?: boolean }> | undefined}
 */
function lockedPackages(path) {
  const file = join(root, path);
  if (!existsSync(file)) return undefined;
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  return new Map(Object.entries(lock.packages).filter(([folder]) => folder !== ''));
}

function npmPackagesMatch() {
  const wanted = lockedPackages('package-lock.json');
  const installed = lockedPackages('node_modules/.package-lock.json');
  if (wanted === undefined || installed === undefined) return false;
  return [...wanted].every(([folder, { version, optional }]) => {
    const there = installed.get(folder);
    return there === undefined ? optional === true : there.version === version;
  });
}

/** @type {Step} */
const npmPackages = {
  name: 'npm-packages',
  title: 'install npm packages',
  isDone: npmPackagesMatch,
  run: () => run(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'], { quiet: true }),
};

/** @type {Step} */
const cli = {
  name: 'cli',
  title: 'bundle the command line',
  inputs: ['main', 'package-lock.json', 'test/setup/build-cli.mjs', 'test/setup/bundle.mjs'],
  outputs: ['dist/culvert.js'],
  run: buildCli,
};

/** @type {Step} */
const app = {
  name: 'app',
  title: 'build the app',
  inputs: [
    ...['main', 'renderer', 'assets', 'package.json', 'package-lock.json'],
    ...['test/setup/build-app.mjs', 'test/setup/bundle.mjs'],
  ],
  outputs: ['dist/app/main.js', 'dist/app/preload.cjs', 'dist/app/renderer/index.html'],
  run: buildApp,
};

/**
 * @param {string} source the CMake project's folder
 * @param {string} preset of its CMakePresets.json
 * @param {readonly string[]} targets all, if none is named
 */
async function buildWithCMake(source, preset, targets = []) {
  const jobs = String(Math.max(2, cpus().length));
  await run(['cmake', '-S', source, '--preset', preset], { quiet: true });
  const named = targets.length === 0 ? [] : ['--target', ...targets];
  await run(['cmake', '--build', join('build', preset), '--parallel', jobs, ...named], { quiet: true });
}

/**
 * @param {string} preset of native-helper/CMakePresets.json
 * @param {string} title
 * @param {readonly string[]} inputs
 * @param {readonly string[]} outputs
 * @param {readonly string[]} targets all, if none is named
 * @returns {Step}
 */
function helper(preset, title, inputs, outputs, targets = []) {
  return {
    name: `helper-${preset}`,
    title,
    inputs,
    outputs,
    run: () => buildWithCMake('native-helper', preset, targets),
  };
}

const helperRelease = helper('release', 'build the native helper', ['native-helper'], ['build/release/culvert-helper']);
const helperSanitized = helper(
  'asan',
  "build the native helper's tests with sanitizers",
  ['native-helper', 'test/helper', 'test/vectors'],
  ['build/asan'],
);
const helperThreads = helper(
  'tsan',
  "build the tests of the native helper's threads with ThreadSanitizer",
  ['native-helper', 'test/helper', 'test/vectors'],
  ['build/tsan/server_tests', 'build/tsan/datapath_tests'],
  ['server_tests', 'datapath_tests'],
);
const helperFuzzed = helper('fuzz', "build the native helper's fuzz targets", ['native-helper'], ['build/fuzz']);

/** @type {Step} */
const traffic = {
  name: 'traffic',
  title: 'build the traffic tool of the benchmarks',
  inputs: ['test/bench/traffic'],
  outputs: ['build/traffic/culvert-traffic'],
  run: () => buildWithCMake(join('test', 'bench', 'traffic'), 'traffic'),
};

/**
 * A root of Debian, made once and then only read.
 *
 * @param {string} name
 * @param {string} place its folder in .setup
 * @param {string} title
 * @param {'essential' | 'minbase'} variant
 * @param {readonly string[]} packageNames
 * @returns {Step}
 */
function debianRoot(name, place, title, variant, packageNames) {
  return {
    name,
    title,
    values: [guestRelease, ...packageNames],
    outputs: [`.setup/${place}/etc/debian_version`, `.setup/${place}/lib/modules`],
    run: async () => {
      const folder = join(root, '.setup', place);
      const fresh = `${folder}.new`;
      const asRoot = requireRoot(title);
      await rm(fresh, { recursive: true, force: true });
      await mkdir(join(root, '.setup'), { recursive: true });
      const options = ['--quiet', `--variant=${variant}`, '--mode=root', '--aptopt=APT::Install-Recommends "false"'];
      const include = `--include=${packageNames.join(',')}`;
      await run([...asRoot, 'mmdebstrap', ...options, include, guestRelease, fresh], { quiet: true });
      await mkdir(join(fresh, 'lib', 'modules'), { recursive: true });
      await rm(folder, { recursive: true, force: true });
      await rename(fresh, folder);
    },
  };
}

const guestRoot = debianRoot(
  'guest-root',
  'uml-root',
  'make the root of the user-mode Linux guests',
  'essential',
  guestPackages,
);
const packageRoot = debianRoot(
  'debian-root',
  'debian-root',
  'make a clean Debian for the packages',
  'minbase',
  debianPackages,
);

/** @type {Step} */
const guestLibrary = {
  name: 'guest-library',
  title: 'build what user-mode Linux needs on new processors',
  inputs: ['test/support/peers/uml/native'],
  outputs: ['build/guest/whole-xstate.so'],
  run: async () => {
    const source = 'test/support/peers/uml/native/whole_xstate.cpp';
    await mkdir(join(root, 'build', 'guest'), { recursive: true });
    const flags = ['-std=c++20', '-O2', '-Wall', '-Wextra', '-Wconversion', '-Werror', '-shared', '-fPIC'];
    await run(['g++', ...flags, '-o', 'build/guest/whole-xstate.so', source], { quiet: true });
  },
};

/** @type {Step} */
const resolved = {
  name: 'systemd-resolved',
  title: 'unpack systemd-resolved for tests',
  inputs: ['test/setup/systemd-resolved.mjs'],
  outputs: [`${resolvedFolder}/lib/systemd/systemd-resolved`],
  run: unpackResolved,
};

/** @type {Step} */
const electron = {
  name: 'electron',
  title: 'fetch an Electron runtime for tests',
  inputs: ['test/setup/electron-runtime.mjs', 'test/setup/electron-loader'],
  run: async () => {
    await electronRuntime();
  },
};

/** @type {Readonly<Record<'client' | 'app' | 'demo' | 'bench' | 'package' | 'test' | 'sanitized', Plan>>} */
const targets = {
  client: [packages('build'), npmPackages, helperRelease, cli],
  app: [packages('build', 'window'), npmPackages, helperRelease, cli, app],
  demo: [packages('build', 'run'), npmPackages, helperRelease, cli],
  bench: [packages('build', 'run', 'softether', 'bench'), npmPackages, helperRelease, cli, traffic],
  package: [packages('build', 'package'), npmPackages, helperRelease, app],
  test: [
    packages('build', 'package', 'check', 'run', 'softether', 'peers', 'window', 'display'),
    // What computes, what is fetched.
    [
      [npmPackages, cli, app, electron],
      [helperRelease, guestLibrary],
      [guestRoot, packageRoot, resolved],
    ],
  ],
  sanitized: [helperSanitized, helperThreads, helperFuzzed],
};

/**
 * @param {string} name
 * @returns {name is keyof typeof targets}
 */
const isTarget = (name) => Object.hasOwn(targets, name);

/** @param {string} target */
export async function setUp(target) {
  if (!isTarget(target)) throw new SetupError(`usage: setup.mjs ${Object.keys(targets).join('|')}`);
  await doSteps(targets[target]);
}

/** @param {unknown} error */
export function report(error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exitCode = 1;
}

/** Of what makes network namespaces: said before minutes of building. */
const rootTargets = ['demo', 'bench', 'test'];

/** @param {string} target */
async function main(target) {
  if (rootTargets.includes(target)) requireRoot(`${target}, which makes network namespaces,`);
  await setUp(target);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv[2] ?? '').catch(report);
