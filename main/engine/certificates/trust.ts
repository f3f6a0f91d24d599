import { resolve } from 'node:path';
import {
  openRevocationSources,
  readCertificateFile,
  readRevocationListFile,
  type RevocationSources,
  type TrustFileResult,
  type TrustSettings,
} from '../../certificates/index.ts';
import { failure, type Result } from '../../contracts/failure.ts';
import type { TrustForm } from '../../contracts/profile.ts';

/** Answers about revocation are kept for all connections of this process. */
let sources: RevocationSources | undefined;

/**
 * Reads what a profile or a host's configuration says of trust.
 *
 * @param folder  what its files are relative to @param member  its name, for failures
 */
export function readTrust(form: TrustForm, folder: string, member: string): Result<TrustSettings> {
  const authorities = readAuthorities(form, folder, member);
  if (!authorities.ok) return authorities;
  const intermediates = readAll(form.intermediates, folder, `${member}.intermediates`, readCertificateFile);
  if (!intermediates.ok) return intermediates;
  const lists = readAll(form.revocationLists, folder, `${member}.revocationLists`, readRevocationListFile);
  if (!lists.ok) return lists;
  return {
    ok: true,
    value: {
      authorities: authorities.value,
      intermediates: intermediates.value,
      allowSha1: form.allowSha1,
      revocation: {
        policy: form.revocation,
        lists: lists.value,
        ...(form.askOnline && { online: (sources ??= openRevocationSources()) }),
      },
    },
  };
}

export function readAuthorities(
  { authorities }: Pick<TrustForm, 'authorities'>,
  folder: string,
  member: string,
): Result<readonly Uint8Array[]> {
  return readAll(authorities, folder, `${member}.authorities`, readCertificateFile);
}

function readAll(
  files: readonly string[],
  folder: string,
  member: string,
  read: (file: string) => TrustFileResult,
): Result<readonly Uint8Array[]> {
  const ders: Uint8Array[] = [];
  for (const name of files) {
    const found = read(resolve(folder, name));
    if (!found.ok) {
      return { ok: false, failure: failure('trust.unreadable', { member, file: found.file, reason: found.detail }) };
    }
    ders.push(...found.ders);
  }
  return { ok: true, value: ders };
}
