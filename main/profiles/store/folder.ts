import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { failure, type Failure, type Result } from '../../contracts/failure.ts';
import { profileId } from '../../contracts/stored-profile.ts';
import { isMissing, makePrivateFolder, removeUnfinished, syncFolder, writeDurably } from '../../files/durable.ts';
import { acquireLock } from '../../files/lock.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { readProfileText } from '../read-text.ts';

const ending = '.json';
const mostFiles = 1000;
const lockPatienceMs = 5000;
const orderSchema = z.array(profileId).max(mostFiles);

/** The folder of the store: a file for each profile, and one with their order. Each is replaced as a whole. */
export class StoreFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  fileOf(id: string): string {
    return join(this.#path, `${id}${ending}`);
  }

  /** The texts of the profiles' files by id; what else lies there is nobody's business. */
  read(): ReadonlyMap<string, Result<string>> {
    const ids = namesIn(this.#path)
      .filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length))
      .filter((id) => profileId.safeParse(id).success);
    return new Map(ids.slice(0, mostFiles).map((id) => [id, readProfileText(this.fileOf(id))]));
  }

  /** As far as it can be read; it is no more than a preference. */
  readOrder(): readonly string[] {
    try {
      return orderSchema.parse(JSON.parse(readFileSync(this.#orderFile, 'utf8')));
    } catch {
      return [];
    }
  }

  writeOrder(ids: readonly string[]): void {
    writeDurably(this.#orderFile, `${JSON.stringify(ids)}\n`);
  }

  write(id: string, text: string): void {
    writeDurably(this.fileOf(id), text);
  }

  remove(id: string): void {
    rmSync(this.fileOf(id), { force: true });
    syncFolder(this.#path);
  }

  /** One writer at a time, across processes; a system's error becomes a failure. */
  async change<Value>(act: () => Result<Value>): Promise<Result<Value>> {
    try {
      makePrivateFolder(this.#path);
      const lock = await acquireLock(join(this.#path, 'store'), lockPatienceMs);
      if (lock === undefined) return { ok: false, failure: this.#notWritten('another program is changing it') };
      try {
        removeUnfinished(this.#path, '');
        return act();
      } finally {
        lock.release();
      }
    } catch (error) {
      return { ok: false, failure: this.#notWritten(describeSystemError(error)) };
    }
  }

  /** So that it can be watched. */
  make(): void {
    mkdirSync(this.#path, { recursive: true, mode: 0o700 });
  }

  get path(): string {
    return this.#path;
  }

  get #orderFile(): string {
    return join(this.#path, 'order');
  }

  #notWritten(reason: string): Failure {
    return failure('profile.notWritten', { file: this.#path, reason });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
