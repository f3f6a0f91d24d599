// Draws the app's bitmaps from assets/*.svg, in Electron's own renderer: npm run icons. The results are committed.
import { app, BrowserWindow } from 'electron';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const assets = join(import.meta.dirname, '..', '..', '..', 'assets');

/** The tray's arch: its colour and its mark say the state. Grey, so that it shows on light and dark panels alike. */
const trayStates = {
  idle: { arch: '#8a9799', water: 'none' },
  busy: { arch: '#8a9799', water: '#e0a030' },
  connected: { arch: '#2fae8f', water: '#2fae8f' },
  failed: { arch: '#8a9799', water: '#e05548' },
};

/** @param {{ arch: string, water: string }} colours */
function trayIcon({ arch, water }) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 22 22">
    <path d="M2 19V11a9 9 0 0 1 18 0v8h-4.2v-8a4.8 4.8 0 0 0-9.6 0v8z" fill="${arch}"/>
    <circle cx="11" cy="16.6" r="3.2" fill="${water}"/>
  </svg>`;
}

/**
 * @param {string} svg
 * @param {number} size
 * @param {string} file
 */
async function draw(svg, size, file) {
  const window = new BrowserWindow({
    ...{ width: size, height: size, useContentSize: true, show: false, frame: false, transparent: true },
    webPreferences: { offscreen: true },
  });
  const page = `<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`;
  await window.loadURL(`data:text/html;base64,${Buffer.from(page).toString('base64')}`);
  const image = await window.webContents.capturePage({ x: 0, y: 0, width: size, height: size });
  writeFileSync(join(assets, file), image.toPNG());
  window.destroy();
}

async function drawAll() {
  mkdirSync(join(assets, 'tray'), { recursive: true });
  await draw(readFileSync(join(assets, 'icon.svg'), 'utf8'), 512, 'icon.png');
  for (const [state, colours] of Object.entries(trayStates)) {
    await draw(trayIcon(colours), 22, join('tray', `${state}.png`));
    await draw(trayIcon(colours), 44, join('tray', `${state}@2x.png`));
  }
}

app.on('window-all-closed', () => undefined);
// Not awaited here: Electron is ready only after this module was loaded.
void app
  .whenReady()
  .then(drawAll)
  .then(
    () => app.exit(0),
    (error) => {
      console.error(error);
      app.exit(1);
    },
  );
