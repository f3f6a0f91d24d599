import { Menu, nativeImage, Tray } from 'electron';
import { join } from 'node:path';
import type { ConnectionSlice } from '../../contracts/app-state/connection.ts';
import type { State } from '../state/state.ts';
import { type TrayActions, trayMenu } from './menu.ts';

type Icon = 'idle' | 'busy' | 'connected' | 'failed';

const icons: Readonly<Record<ConnectionSlice['at'], Icon>> = {
  idle: 'idle',
  dialling: 'busy',
  waiting: 'busy',
  stopping: 'busy',
  connected: 'connected',
  failed: 'failed',
};

/** The icon in the system's tray: how the connection is, and the way back to the window. */
export class TrayIcon {
  readonly #tray: Tray;
  readonly #folder: string;
  readonly #state: State;
  readonly #actions: TrayActions;

  constructor(folder: string, state: State, actions: TrayActions) {
    this.#folder = folder;
    this.#state = state;
    this.#actions = actions;
    this.#tray = new Tray(this.#image('idle'));
    this.#tray.on('click', actions.open);
    this.#show();
    state.watch((slice) => {
      if (slice === 'connection' || slice === 'profiles' || slice === 'settings') this.#show();
    });
  }

  #show(): void {
    const connection = this.#state.read('connection');
    const { status, items } = trayMenu(
      connection,
      this.#state.read('profiles'),
      this.#state.read('settings').selectedProfile,
      this.#actions,
    );
    this.#tray.setImage(this.#image(icons[connection.at]));
    this.#tray.setToolTip(status);
    this.#tray.setContextMenu(Menu.buildFromTemplate(items));
  }

  #image(icon: Icon): Electron.NativeImage {
    // Finds icon@2x.png beside it by itself.
    return nativeImage.createFromPath(join(this.#folder, `${icon}.png`));
  }
}
