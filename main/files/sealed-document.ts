import { basename, dirname } from 'node:path';
import type { z } from 'zod';
import type { KeyDerivation } from '../contracts/sealed.ts';
import type { Secret } from '../contracts/secret.ts';
import { makePrivateFolder, readGuarded, removeUnfinished, writeDurably } from './durable.ts';
import { acquireLock } from './lock.ts';
import { parseSealed, seal, unseal } from './sealed.ts';
import { loadKey, newDerivation, type KeyFailure, type KeySource } from './sealing-key.ts';

/** Why a sealed document could not be read or changed. */
export type SealedFailure = KeyFailure | 'exposed' | 'damaged' | 'wrongKeyOrChanged' | 'busy';

export type SealedResult<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: SealedFailure };

/**
 * One document in one file, sealed as a whole and replaced as a whole, by one writer at a time. Throws on system errors only.
 */
export interface SealedDocument<Content> {
  /** `undefined`: there is none yet. */
  read(): Promise<SealedResult<Content | undefined>>;
  /**
   * @param change  what to write, if anything, and what to answer; called alone. Where it throws nothing is written.
   */
  edit<Answer>(
    change: (before: Content | undefined) => Promise<Edited<Content, Answer>>,
  ): Promise<SealedResult<Answer>>;
}

export interface Edited<Content, Answer> {
  /** Absent: it stays as it is. */
  readonly after?: Content;
  readonly answer: Answer;
}

interface Opened<Content> {
  readonly derivation: KeyDerivation;
  /** Absent before the first write, where the key may have to be made. */
  readonly key?: Secret;
  readonly content?: Content;
}

const lockPatienceMs = 15_000;

/** @param format  what stands in the file, and is authenticated along */
export function sealedDocument<Content>(
  file: string,
  keySource: KeySource,
  format: string,
  schema: z.ZodType<Content>,
): SealedDocument<Content> {
  const open = async (): Promise<SealedResult<Opened<Content>>> => {
    const stored = readGuarded(file);
    if (stored === undefined) return { ok: true, value: { derivation: newDerivation(keySource) } };
    if (stored.exposure !== undefined) return { ok: false, reason: 'exposed' };
    const envelope = parseSealed(stored.bytes.toString('utf8'), format);
    if (envelope === undefined) return { ok: false, reason: 'damaged' };
    const loaded = await loadKey(keySource, envelope.key, false);
    if (!loaded.ok) return loaded;
    const plain = unseal(envelope, loaded.key);
    if (plain === undefined) return { ok: false, reason: 'wrongKeyOrChanged' };
    const parsed = schema.safeParse(JSON.parse(plain.toString('utf8')));
    plain.fill(0);
    if (!parsed.success) return { ok: false, reason: 'damaged' };
    return { ok: true, value: { derivation: envelope.key, key: loaded.key, content: parsed.data } };
  };

  const write = async (content: Content, { derivation, key }: Opened<Content>): Promise<SealedResult<undefined>> => {
    const loaded = key === undefined ? await loadKey(keySource, derivation, true) : { ok: true as const, key };
    if (!loaded.ok) return loaded;
    const plain = Buffer.from(JSON.stringify(content));
    writeDurably(file, `${JSON.stringify(seal(format, plain, loaded.key, derivation))}\n`);
    plain.fill(0);
    return { ok: true, value: undefined };
  };

  return {
    read: async () => {
      const opened = await open();
      return opened.ok ? { ok: true, value: opened.value.content } : opened;
    },
    edit: async (change) => {
      makePrivateFolder(dirname(file));
      const lock = await acquireLock(file, lockPatienceMs);
      if (lock === undefined) return { ok: false, reason: 'busy' };
      try {
        removeUnfinished(dirname(file), basename(file));
        const opened = await open();
        if (!opened.ok) return opened;
        const edited = await change(opened.value.content);
        if (edited.after !== undefined) {
          const written = await write(edited.after, opened.value);
          if (!written.ok) return written;
        }
        return { ok: true, value: edited.answer };
      } finally {
        lock.release();
      }
    },
  };
}
