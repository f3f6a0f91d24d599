import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { failure, type Failure, type Result } from '../../contracts/failure.ts';
import { profileSecrets } from '../../contracts/profile-document.ts';
import type { Secret } from '../../contracts/secret.ts';
import { profileId } from '../../contracts/stored-profile.ts';
import { makePrivateFolder, readGuarded, writeDurably } from '../../files/durable.ts';
import { parseSealed } from '../../files/sealed.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { newSeal, type OpenSeal, type ProfileSecretTexts, sealJson, unsealJson } from './passphrase.ts';

const format = 'culvert-keptsecrets-1';
const content = z.record(profileId, profileSecrets);
type Content = Readonly<Record<string, ProfileSecretTexts>>;

/** All secrets of this user in one file, sealed with a passphrase of theirs. What was opened stays so until `lock`. */
export class SealedFile {
  readonly #file: string;
  #opened: { readonly content: Content; readonly seal: OpenSeal } | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** `absent`: the user has not chosen a passphrase. */
  get state(): 'absent' | 'locked' | 'open' {
    if (this.#opened !== undefined) return 'open';
    return this.#read() === undefined ? 'absent' : 'locked';
  }

  /** Chooses a passphrase, or another one for what is open. */
  async choose(passphrase: Secret<string>): Promise<Result<undefined>> {
    if (this.state === 'locked') return { ok: false, failure: failure('secrets.locked') };
    const before = this.#opened?.content ?? {};
    return this.#write(before, await newSeal(passphrase));
  }

  async open(passphrase: Secret<string>): Promise<Result<undefined>> {
    const text = this.#read();
    if (text === undefined) return { ok: true, value: undefined };
    const sealed = parseSealed(text, format);
    if (sealed?.key.kind !== 'scrypt') return this.#damaged('it is not of the known format');
    const opened = await unsealJson(sealed, passphrase, content);
    if (opened === undefined) return { ok: false, failure: failure('secrets.wrongPassphrase') };
    this.#opened = { content: opened.content, seal: opened.opened };
    return { ok: true, value: undefined };
  }

  lock(): void {
    this.#opened = undefined;
  }

  of(id: string): Result<ProfileSecretTexts> {
    if (this.#opened === undefined) return { ok: false, failure: failure('secrets.locked') };
    return { ok: true, value: this.#opened.content[id] ?? {} };
  }

  put(id: string, secrets: ProfileSecretTexts): Result<undefined> {
    if (this.#opened === undefined) return { ok: false, failure: failure('secrets.locked') };
    const { content: before, seal } = this.#opened;
    const others = Object.entries(before).filter(([each]) => each !== id);
    return this.#write(Object.fromEntries([...others, ...(isEmpty(secrets) ? [] : [[id, secrets] as const])]), seal);
  }

  /** Removes the file, opened or not: for a passphrase that is lost, or no longer wanted. */
  discard(): void {
    rmSync(this.#file, { force: true });
    this.#opened = undefined;
  }

  #write(next: Content, seal: OpenSeal): Result<undefined> {
    try {
      makePrivateFolder(dirname(this.#file));
      writeDurably(this.#file, `${JSON.stringify(sealJson(format, next, seal))}\n`);
      this.#opened = { content: next, seal };
      return { ok: true, value: undefined };
    } catch (error) {
      const facts = { file: this.#file, reason: describeSystemError(error) };
      return { ok: false, failure: failure('profile.notWritten', facts) };
    }
  }

  #read(): string | undefined {
    return readGuarded(this.#file)?.bytes.toString('utf8');
  }

  #damaged(reason: string): { readonly ok: false; readonly failure: Failure } {
    return { ok: false, failure: failure('secrets.damaged', { file: this.#file, reason }) };
  }
}

function isEmpty(secrets: ProfileSecretTexts): boolean {
  return Object.keys(secrets).length === 0;
}
