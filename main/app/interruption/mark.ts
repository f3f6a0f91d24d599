import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Interruption, interruption } from '../../contracts/app-state/program.ts';
import { makePrivateFolder, writeDurably } from '../../files/durable.ts';
import { readJson } from '../../files/read-json.ts';

/** On disk while the app is connected: who finds it at the start knows that the last run was killed. */
export class ConnectedMark {
  readonly #folder: string;
  readonly #file: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, 'connected.json');
  }

  read(): Interruption | undefined {
    return interruption.safeParse(readJson(this.#file)).data;
  }

  /** @throws on system errors */
  write(value: Interruption): void {
    makePrivateFolder(this.#folder);
    writeDurably(this.#file, JSON.stringify(value));
  }

  /** @throws on system errors */
  remove(): void {
    rmSync(this.#file, { force: true });
  }
}
