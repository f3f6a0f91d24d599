import { basename } from 'node:path';
import type { ImportingSlice } from '../../contracts/app-state/profiles.ts';
import { failure, type Result } from '../../contracts/failure.ts';
import type { Secret } from '../../contracts/secret.ts';
import { considerImport, type PendingImport } from '../../profiles/documents/import.ts';
import { isLink, readLink } from '../../profiles/documents/link.ts';
import { readProfileText } from '../../profiles/read-text.ts';
import type { ProfileDesk } from './desk.ts';

const longestName = 80;

/** One profile from elsewhere at a time: shown with what it would do, then taken or dropped. A newer one takes the older one's place. */
export class ImportDesk {
  readonly #desk: ProfileDesk;
  readonly #onChange: (slice: ImportingSlice) => void;
  #pending: { readonly id: number; readonly source: string; readonly pending: PendingImport } | undefined;
  #count = 0;

  constructor(desk: ProfileDesk, onChange: (slice: ImportingSlice) => void) {
    this.#desk = desk;
    this.#onChange = onChange;
  }

  /** `text` of a file or a link; `source` is what the user knows it by. */
  consider(text: string, source: string): void {
    const document = isLink(text.trim()) ? readLink(text.trim()) : { ok: true as const, value: text };
    const shown = visible(source);
    const pending = document.ok ? considerImport(document.value, shown, this.#desk.store, Date.now) : document;
    this.#pending = undefined;
    if (!pending.ok) {
      this.#onChange({ at: 'failed', source: shown, failure: pending.failure });
      return;
    }
    this.#count += 1;
    this.#pending = { id: this.#count, source: shown, pending: pending.value };
    this.#onChange({ at: 'asking', id: this.#count, source: shown, plan: pending.value.plan });
  }

  /** What the system hands over: a file that was opened with Culvert, or a link. Returns whether there was one. */
  open(argument: string): boolean {
    if (isLink(argument)) {
      this.consider(argument, 'the link');
      return true;
    }
    if (!/\.(culvert|json)$/i.test(argument)) return false;
    const read = readProfileText(argument, visible(basename(argument)));
    if (read.ok) this.consider(read.value, basename(argument));
    else this.#onChange({ at: 'failed', source: visible(basename(argument)), failure: read.failure });
    return true;
  }

  async take(id: number, passphrase: Secret<string> | undefined): Promise<Result<{ id: string }>> {
    const waiting = this.#pending;
    if (waiting?.id !== id) return { ok: false, failure: failure('profile.importOver') };
    const taken = await waiting.pending.take(passphrase);
    if (!taken.ok) return taken;
    const { stored, secrets } = taken.value;
    for (const { name, secret } of secrets) await this.#desk.keeper.set(stored.id, name, secret);
    if (this.#pending === waiting) this.drop();
    return { ok: true, value: { id: stored.id } };
  }

  /** @param id  of the question that is meant: another one that has come since stays */
  drop(id?: number): void {
    if (id !== undefined && this.#pending?.id !== id) return;
    this.#pending = undefined;
    this.#onChange({ at: 'nothing' });
  }
}

/** A file may be called anything. */
function visible(name: string): string {
  return name.replaceAll(/\p{C}/gu, '\ufffd').slice(0, longestName);
}
