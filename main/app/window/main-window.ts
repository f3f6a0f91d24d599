import { BrowserWindow, ipcMain, type IpcMainInvokeEvent, nativeTheme, screen, type WebContents } from 'electron';
import type { Handlers } from '../../contracts/ipc/index.ts';
import { channels } from '../../contracts/ipc/bridge.ts';
import { done } from '../handlers/done.ts';
import type { handlersOf } from '../handlers/index.ts';
import type { State } from '../state/state.ts';
import { CallRefused, dispatch } from './dispatch.ts';
import { isOurs } from './lockdown.ts';
import { pageAddress } from './page-files.ts';
import { type Placement, readPlacement, writePlacement } from './placement.ts';
import { webPreferences } from './web-preferences.ts';

export interface WindowSurroundings {
  readonly state: State;
  readonly handlers: ReturnType<typeof handlersOf>;
  readonly preload: string;
  readonly icon: string;
  readonly stateFolder: string;
  readonly log: (text: string) => void;
}

/** The colours of the page before it is there, so that a dark desktop sees no flash. As `renderer/ui/tokens.css`. */
const backgrounds = { light: '#f6f7f7', dark: '#101617' } as const;

/** The app's one window: made when it is wanted, gone when it is closed; the app goes on without. */
export class MainWindow {
  readonly #surroundings: WindowSurroundings;
  #window: BrowserWindow | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(surroundings: WindowSurroundings) {
    this.#surroundings = surroundings;
    ipcMain.handle(channels.call, (event, name: unknown, argument: unknown) => this.#call(event, name, argument));
  }

  get isOpen(): boolean {
    return this.#window !== undefined;
  }

  get isFocused(): boolean {
    return this.#window?.isFocused() === true;
  }

  /** Opens it, or brings it to the front. */
  show(): void {
    if (this.#window === undefined) this.#open();
    else {
      if (this.#window.isMinimized()) this.#window.restore();
      this.#window.show();
      this.#window.focus();
    }
  }

  #open(): void {
    const { preload, icon, stateFolder } = this.#surroundings;
    const { maximized, ...bounds } = readPlacement(
      stateFolder,
      screen.getAllDisplays().map(({ workArea }) => workArea),
    );
    const window = new BrowserWindow({
      ...bounds,
      ...{ minWidth: 380, minHeight: 480, show: false, title: 'Culvert', icon, autoHideMenuBar: true },
      backgroundColor: backgrounds[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
      webPreferences: webPreferences(preload),
    });
    this.#window = window;
    if (maximized) window.maximize();
    window.once('ready-to-show', () => {
      window.show();
    });
    window.on('close', () => {
      this.#keepPlacement(window);
    });
    window.on('closed', () => {
      this.#stopWatching?.();
      this.#window = undefined;
    });
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      this.#surroundings.log(`the window's process ended (${reason}); it is opened again`);
      window.destroy();
      if (reason !== 'clean-exit') this.#open();
    });
    void window.loadURL(pageAddress);
  }

  #keepPlacement(window: BrowserWindow): void {
    const placement: Placement = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    try {
      writePlacement(this.#surroundings.stateFolder, placement);
    } catch (error) {
      this.#surroundings.log(`the window's place could not be kept: ${String(error)}`);
    }
  }

  async #call(event: IpcMainInvokeEvent, name: unknown, argument: unknown): Promise<unknown> {
    if (!this.#isFromOurPage(event)) throw new CallRefused('not from the window');
    const handlers: Handlers = {
      ...this.#surroundings.handlers,
      'window.subscribe': () => {
        this.#subscribe(event.sender);
        return done;
      },
    };
    try {
      return await dispatch(handlers, name, argument);
    } catch (error) {
      this.#surroundings.log(
        error instanceof CallRefused ? `refused: ${error.message}` : `a call failed: ${String(error)}`,
      );
      throw error instanceof CallRefused ? error : new CallRefused('it failed');
    }
  }

  #isFromOurPage({ sender, senderFrame }: IpcMainInvokeEvent): boolean {
    const contents = this.#window?.webContents;
    return (
      contents !== undefined && sender === contents && senderFrame === contents.mainFrame && isOurs(senderFrame.url)
    );
  }

  #subscribe(contents: WebContents): void {
    this.#stopWatching?.();
    const send = (slice: string, value: unknown): void => {
      if (!contents.isDestroyed()) contents.send(channels.state, slice, value);
    };
    this.#stopWatching = this.#surroundings.state.watch(send);
    this.#surroundings.state.tellAll(send);
  }
}
