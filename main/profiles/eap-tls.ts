import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { failure, type Result } from '../contracts/failure.ts';
import type { Profile } from '../contracts/profile.ts';
import { describeSystemError } from './load.ts';

/** PEM, all of it, and the name that the gateway's certificate has to have. */
export interface EapTlsFiles {
  readonly role: 'client';
  readonly certificate: string;
  readonly key: string;
  readonly authorities: string;
  readonly serverName: string;
}

const readableByOthers = 0o077;

/** What a profile shows and believes in EAP-TLS; `undefined`: it says nothing of it. Files are relative to its own folder. */
export async function readEapTls(
  { ppp: { eapTls }, gateway }: Profile,
  profileFile: string,
): Promise<Result<EapTlsFiles | undefined>> {
  if (eapTls === undefined) return { ok: true, value: undefined };
  const { certificateFile, keyFile, authoritiesFile, serverName = gateway } = eapTls;
  const files = { certificate: certificateFile, key: keyFile, authorities: authoritiesFile };
  const texts: Record<string, string> = {};
  for (const [what, file] of Object.entries(files)) {
    const path = resolve(dirname(profileFile), file);
    const refuse = (reason: string): Result<never> => ({
      ok: false,
      failure: failure('certificate.unusable', { what: `file ${path}`, reason }),
    });
    try {
      if (what === 'key' && ((await stat(path)).mode & readableByOthers) !== 0) return refuse('others may read it');
      texts[what] = await readFile(path, 'utf8');
    } catch (error) {
      return refuse(describeSystemError(error));
    }
  }
  const { certificate = '', key = '', authorities = '' } = texts;
  return { ok: true, value: { role: 'client', certificate, key, authorities, serverName } };
}
