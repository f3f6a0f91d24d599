import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './commands.mjs';
import { electronRuntime, runtimeVersion } from './electron-runtime.mjs';

const packageFolder = join(root, 'node_modules', 'electron');
/** That its release host could not be reached, for this version: it is not tried at each start. */
const unreachable = join(root, '.setup', 'electron-unreachable');

/**
 * The Electron to develop with: the official one that the npm package fetches, or, where that host is out of reach, the one of the tests.
 *
 * @returns {Promise<string>} the path of its binary
 */
export async function developmentElectron() {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const official = officialBinary() ?? fetchOfficial(version);
  if (official !== undefined) return official;
  console.log(`Electron ${version} cannot be fetched here: this is ${runtimeVersion}, which the tests run in.`);
  return electronRuntime();
}

function officialBinary() {
  const told = join(packageFolder, 'path.txt');
  if (!existsSync(told)) return undefined;
  const binary = join(packageFolder, 'dist', readFileSync(told, 'utf8').trim());
  return existsSync(binary) ? binary : undefined;
}

/** @param {string} version */
function fetchOfficial(version) {
  if (existsSync(unreachable) && readFileSync(unreachable, 'utf8') === version) return undefined;
  console.log(`set-up: fetch Electron ${version} …`);
  const fetched = spawnSync(process.execPath, [join(packageFolder, 'install.js')], {
    stdio: 'ignore',
    timeout: 300_000,
  });
  const binary = fetched.status === 0 ? officialBinary() : undefined;
  if (binary === undefined) {
    mkdirSync(join(root, '.setup'), { recursive: true });
    writeFileSync(unreachable, version);
  }
  return binary;
}
