import { existsSync } from 'node:fs';
import {
  changedMembers,
  checkHostConfig,
  loadHostConfig,
  openVersions,
  restoreVersion,
  type Problem,
  type Version,
} from '../configuration/index.ts';
import { surroundings } from '../service/index.ts';
import { openAudit } from './audit-log.ts';

/** Only a save drops what is beyond the bound. */
const boundForReading = 1000;

/** Earlier versions of a configuration whose host does not run, the oldest first. */
export function keptVersions(folder: string): readonly Version[] {
  return existsSync(folder) ? openVersions(folder, boundForReading).list() : [];
}

/** The text of one of them. @returns `undefined` where it is not kept */
export function keptVersion(folder: string, version: number): string | undefined {
  return existsSync(folder) ? openVersions(folder, boundForReading).read(version) : undefined;
}

export type RestoredFile =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'notKept' }
  /** By now it has these errors. */
  | { readonly ok: false; readonly reason: 'invalid'; readonly errors: readonly Problem[] };

/** Puts a version back in place of the file, for the next start. @throws AuditBusy, and on system errors */
export async function restoreFile(folder: string, version: number, file: string): Promise<RestoredFile> {
  const around = surroundings(Date.now());
  const text = keptVersion(folder, version);
  if (text === undefined) return { ok: false, reason: 'notKept' };
  const checked = checkHostConfig(text, around);
  if (!checked.ok) return { ok: false, reason: 'invalid', errors: checked.problems };
  const before = loadHostConfig(file, around);
  const log = await openAudit(file, checked.config);
  try {
    restoreVersion(openVersions(folder, checked.config.keepVersions), version, file, Date.now());
    const members = before.ok ? [...changedMembers(before.config, checked.config)] : [];
    log.append({ kind: 'configurationChanged', how: 'restored', members, sessionsEnded: 0 }, Date.now());
  } finally {
    log.close();
  }
  return { ok: true };
}
