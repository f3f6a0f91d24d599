import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder, writeDurably } from '../../files/durable.ts';

/** Whether the host was on when the app ended, or was killed: then it is turned on again at the next start. */
export class OnFile {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get isOn(): boolean {
    return existsSync(this.#file);
  }

  /** @throws on system errors */
  set(on: boolean): void {
    if (!on) {
      rmSync(this.#file, { force: true });
      return;
    }
    makePrivateFolder(this.#folder);
    writeDurably(this.#file, 'The host is turned on when the app starts.\n');
  }

  get #file(): string {
    return join(this.#folder, 'host-is-on');
  }
}
