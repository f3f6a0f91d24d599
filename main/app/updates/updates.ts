import { app } from 'electron';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { State } from '../state/state.ts';
import { updateWay } from './way.ts';

const everyMs = 12 * 60 * 60 * 1000;

/** Looks for a newer release at the start and twice a day, where there is somewhere to look and the user wants it. */
export class Updates {
  readonly #state: State;
  readonly #log: (text: string) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(state: State, log: (text: string) => void) {
    this.#state = state;
    this.#log = log;
  }

  follow(isWanted: boolean): void {
    const way = updateWay({
      isPackaged: app.isPackaged,
      feed: textOf(join(process.resourcesPath, 'app-update.yml')),
      isWanted,
      platform: process.platform,
    });
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (way === 'off') return;
    const look = (): void => {
      this.#look(way).catch((error: unknown) => {
        this.#log(`looking for updates: ${String(error)}`);
      });
    };
    look();
    this.#timer = setInterval(look, everyMs);
  }

  async #look(way: 'tell' | 'install'): Promise<void> {
    // Only now: most starts are long before the next look, and it is large.
    const { default: updater } = await import('electron-updater');
    const { autoUpdater } = updater;
    autoUpdater.autoDownload = way === 'install';
    autoUpdater.autoInstallOnAppQuit = way === 'install';
    autoUpdater.allowDowngrade = false;
    const found = await autoUpdater.checkForUpdates();
    if (found?.isUpdateAvailable !== true) return;
    const { version } = found.updateInfo;
    await found.downloadPromise;
    this.#state.write('program', {
      ...this.#state.read('program'),
      update: { version, installsOnQuit: way === 'install' },
    });
  }
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
