import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  isMissing,
  makePrivateFolder,
  readGuarded,
  removeUnfinished,
  syncFolder,
  writeDurably,
} from '../../files/durable.ts';

/** An earlier text of the configuration. Numbers ascend and are never used twice while any is kept. */
export interface Version {
  readonly number: number;
  readonly savedAtMs: number;
}

/** Earlier versions of the configuration in a folder of their own: one file each, mode 0600, at most `keep`. */
export interface Versions {
  /** Oldest first. */
  list(): readonly Version[];
  /** Keeps `text`, unless the latest version is the same, and drops the oldest beyond the bound. */
  save(text: string, nowMs: number): Version;
  /** @returns `undefined` where that version is not kept, or is not guarded as it was written. */
  read(number: number): string | undefined;
}

const fileName = /^(\d{8})-(\d{1,15})\.jsonc$/;

/** @throws on system errors, as its methods do. */
export function openVersions(folder: string, keep: number): Versions {
  makePrivateFolder(folder);
  const nameOf = ({ number, savedAtMs }: Version): string => `${String(number).padStart(8, '0')}-${savedAtMs}.jsonc`;
  const list = (): readonly Version[] => {
    const versions = readdirSync(folder).flatMap((name) => {
      const [, number, savedAtMs] = fileName.exec(name) ?? [];
      return number === undefined ? [] : [{ number: Number(number), savedAtMs: Number(savedAtMs) }];
    });
    return versions.toSorted((a, b) => a.number - b.number);
  };
  const read = (version: Version): string | undefined => {
    const content = readGuarded(join(folder, nameOf(version)));
    return content?.exposure === undefined ? content?.bytes.toString('utf8') : undefined;
  };
  return {
    list,
    read: (number) => {
      const version = list().find((one) => one.number === number);
      return version && read(version);
    },
    save: (text, nowMs) => {
      removeUnfinished(folder, '');
      const latest = list().at(-1);
      if (latest !== undefined && read(latest) === text) return latest;
      const version = { number: (latest?.number ?? 0) + 1, savedAtMs: Math.trunc(nowMs) };
      writeDurably(join(folder, nameOf(version)), text);
      for (const old of list().slice(0, -keep)) rmSync(join(folder, nameOf(old)), { force: true });
      syncFolder(folder);
      return version;
    },
  };
}

/** The outcome of a restore: `text` has been written in place of the configuration. */
export type Restored =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: 'notKept' };

/** Puts a version back in place of the configuration, whose present text is kept first. Check it before, and load it after. */
export function restoreVersion(versions: Versions, number: number, file: string, nowMs: number): Restored {
  const text = versions.read(number);
  if (text === undefined) return { ok: false, reason: 'notKept' };
  const present = presentText(file);
  if (present !== undefined) versions.save(present, nowMs);
  writeDurably(file, text);
  return { ok: true, text };
}

function presentText(file: string): string | undefined {
  try {
    return readGuarded(file)?.bytes.toString('utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
