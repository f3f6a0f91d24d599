// Makes packages of Culvert into dist/packages:  npm run package -- [--test-runtime] [--version X.Y.Z] TARGET...
// docs/release.md says which target is made on which system.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundle } from '../test/setup/bundle.mjs';
import { root, SetupError } from '../test/setup/commands.mjs';
import { electronRuntime } from '../test/setup/electron-runtime.mjs';
import { report, setUp } from '../test/setup/setup.mjs';
import { unneededPackages } from './unneeded-packages.mjs';

/** @type {Readonly<Record<string, 'linux' | 'win' | 'mac'>>} */
const targets = {
  ...{ dir: 'linux', deb: 'linux', rpm: 'linux', AppImage: 'linux', 'tar.gz': 'linux' },
  ...{ nsis: 'win', dmg: 'mac', zip: 'mac' },
};
/** What is loaded at run time from a folder of its own, and not bundled. */
const loadedAtRunTime = ['keytar', 'electron-updater'];
const stage = join('dist', 'package');

/** @param {readonly string[]} argv */
function readArguments(argv) {
  const words = [...argv];
  const options = {
    testRuntime: false,
    version: /** @type {string | undefined} */ (undefined),
    targets: /** @type {string[]} */ ([]),
  };
  for (let word; (word = words.shift()) !== undefined;) {
    if (word === '--test-runtime') options.testRuntime = true;
    else if (word === '--version') options.version = words.shift();
    else if (word in targets) options.targets.push(word);
    else throw new SetupError(`no such target: ${word} (there are ${Object.keys(targets).join(', ')})`);
  }
  if (options.targets.length === 0) throw new SetupError(`name a target: ${Object.keys(targets).join(', ')}`);
  if (options.version !== undefined && !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(options.version)) {
    throw new SetupError('--version takes a version such as 1.2.3');
  }
  return options;
}

/** What goes into the archive beside the app: the command line in one file, and what starts the one or the other. */
async function buildStage() {
  rmSync(join(root, stage), { recursive: true, force: true });
  mkdirSync(join(root, stage), { recursive: true });
  await bundle('main/cli/culvert.ts', join(stage, 'cli.mjs'), {
    packages: 'bundle',
    external: loadedAtRunTime,
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  cpSync(join(root, 'packaging', 'entry.mjs'), join(root, stage, 'entry.mjs'));
  // Of a released helper nobody needs the names inside.
  execFileSync('strip', ['-o', join(root, stage, 'culvert-helper'), join(root, 'build/release/culvert-helper')]);
}

const at = (/** @type {string[]} */ ...path) => join(root, ...path);

/** Files beside the app's own folder: fpm's way to say it. */
function linuxFiles() {
  return [
    `${at(stage, 'culvert-helper')}=/usr/lib/culvert/culvert-helper`,
    `${at('assets/systemd/culvert-helper.service')}=/usr/lib/systemd/system/culvert-helper.service`,
    `${at('assets/systemd/culvert-helper.socket')}=/usr/lib/systemd/system/culvert-helper.socket`,
    `${at('packaging/linux/culvert')}=/usr/bin/culvert`,
    `${at('packaging/linux/org.culvert.Culvert.metainfo.xml')}=/usr/share/metainfo/org.culvert.Culvert.metainfo.xml`,
    `--before-remove=${at('packaging/linux/before-remove.sh')}`,
  ];
}

/** Electron's own distribution is fetched by electron-builder; the tests' runtime stands in for it where it cannot be. */
async function runtime(/** @type {boolean} */ testRuntime) {
  if (!testRuntime) return {};
  const folder = dirname(await electronRuntime());
  return { electronDist: folder, electronVersion: '33.2.1' };
}

async function main(/** @type {readonly string[]} */ argv) {
  const options = readArguments(argv);
  await setUp('package');
  await buildStage();
  const testOnly = options.testRuntime ? { buildVersion: 'test-runtime', extraMetadata: { testRuntime: true } } : {};
  // Ours makes the same packages everywhere, of what Debian and npm have.
  process.env['CUSTOM_FPM_PATH'] = at('packaging/fpm.mjs');
  if (options.testRuntime) {
    process.env['ELECTRON_BUILDER_COMPRESSION_LEVEL'] ??= '1';
    process.env['CULVERT_PACKAGE_COMPRESSION'] ??= 'none';
  }
  // Debian's, where it is; elsewhere electron-builder fetches one.
  const sevenZip = '/usr/bin/7za';
  if (existsSync(sevenZip)) process.env['ELECTRON_BUILDER_7ZIP_PATH'] ??= sevenZip;
  const { build } = await import('electron-builder');
  const wanted = (/** @type {string} */ system) => options.targets.filter((name) => targets[name] === system);
  const platforms = Object.fromEntries(
    ['linux', 'win', 'mac'].filter((system) => wanted(system).length > 0).map((system) => [system, wanted(system)]),
  );
  const files = await build({
    ...platforms,
    x64: true,
    publish: 'never',
    projectDir: root,
    config: {
      extends: at('electron-builder.yml'),
      ...(await runtime(options.testRuntime)),
      extraMetadata: {
        main: 'dist/package/entry.mjs',
        desktopName: 'culvert-app.desktop',
        ...testOnly.extraMetadata,
        ...(options.version !== undefined && { version: options.version }),
      },
      files: unneededPackages(loadedAtRunTime).map((name) => `!node_modules/${name}{,/**}`),
      deb: { fpm: linuxFiles() },
      rpm: { fpm: linuxFiles() },
    },
  });
  for (const file of files) console.log(file);
}

await main(process.argv.slice(2)).catch(report);
