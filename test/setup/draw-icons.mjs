import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './commands.mjs';

/** The tray's arch and water: their colours say the state. Grey, so that it shows on light and dark panels alike. */
const trayStates = {
  idle: { arch: '#8a9799', water: 'none' },
  busy: { arch: '#8a9799', water: '#e0a030' },
  connected: { arch: '#2fae8f', water: '#2fae8f' },
  failed: { arch: '#8a9799', water: '#e05548' },
};

/**
 * Draws the app's bitmaps from assets/*.svg: the window's icon, and the tray's for each state and scale.
 *
 * @param {string} folder
 */
export async function drawIcons(folder) {
  // Only now: this module is also read by the set-up that installs it.
  const { Resvg } = await import('@resvg/resvg-js');
  const draw = (/** @type {string} */ svg, /** @type {number} */ size, /** @type {string} */ file) => {
    const drawn = new Resvg(svg, { fitTo: { mode: 'width', value: size }, font: { loadSystemFonts: false } }).render();
    writeFileSync(join(folder, file), drawn.asPng());
  };
  const asset = (/** @type {string} */ name) => readFileSync(join(root, 'assets', name), 'utf8');
  mkdirSync(join(folder, 'tray'), { recursive: true });
  draw(asset('icon.svg'), 512, 'icon.png');
  for (const [state, { arch, water }] of Object.entries(trayStates)) {
    const svg = asset('tray.svg').replace('class="arch"', `fill="${arch}"`).replace('class="water"', `fill="${water}"`);
    draw(svg, 22, join('tray', `${state}.png`));
    draw(svg, 44, join('tray', `${state}@2x.png`));
  }
}
