// Builds the app into dist/app: the main process, the preload script, and the window's page.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { root } from './commands.mjs';
import { drawIcons } from './draw-icons.mjs';

const folder = join('dist', 'app');

export async function buildApp() {
  rmSync(join(root, folder), { recursive: true, force: true });
  await Promise.all([buildMain(), buildPreload(), buildPage()]);
  await drawIcons(join(root, folder));
}

/** In one file, with its packages, so that it starts fast; what is native, or loaded once in a while, stays where npm put it. */
async function buildMain() {
  await bundle('main/app/main.ts', join(folder, 'main.js'), {
    packages: 'bundle',
    external: ['electron', 'keytar', 'electron-updater'],
    // Packages of the older kind ask for Node's modules by `require`.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: true,
  });
}

/** A sandboxed preload script is of the older kind, and one file. */
async function buildPreload() {
  await bundle('main/preload/preload.ts', join(folder, 'preload.cjs'), { external: ['electron'], format: 'cjs' });
}

async function buildPage() {
  // Only now: this module is also read by the set-up that installs them.
  const [{ build }, { default: react }] = await Promise.all([import('vite'), import('@vitejs/plugin-react')]);
  await build({
    configFile: false,
    root: join(root, 'renderer'),
    plugins: [react()],
    logLevel: 'warn',
    build: {
      outDir: join(root, folder, 'renderer'),
      // The Chromium of the oldest Electron that the app runs in.
      target: 'chrome130',
      // The content policy forbids what is in addresses of its own.
      assetsInlineLimit: 0,
      emptyOutDir: true,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1500,
    },
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildApp();
