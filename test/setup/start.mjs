// npm start [-- arguments of the app]: sets up what is lacking, and opens the app.
import { spawn } from 'node:child_process';
import { root, SetupError } from './commands.mjs';
import { developmentElectron } from './development-electron.mjs';
import { report, setUp } from './setup.mjs';

async function main() {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    throw new SetupError('There is no screen here: set DISPLAY, or run this under xvfb-run.');
  }
  await setUp('app');
  const electron = await developmentElectron();
  // Chromium has no sandbox as root. The installed app is never root: only its helper is.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  if (asRoot.length > 0) console.log("You are root, for whom Chromium has no sandbox: the window's is off.");
  const child = spawn(electron, [...asRoot, root, ...process.argv.slice(2)], { stdio: 'inherit' });
  child.once('spawn', () => {
    console.log('Culvert opens its window. Ctrl-C here, or Quit in its tray menu, ends it.');
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => void child.kill(signal));
  }
  process.exitCode = await new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

await main().catch(report);
