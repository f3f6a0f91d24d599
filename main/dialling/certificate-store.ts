import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { CertificateStore } from '../certificates/index.ts';
import { Secret } from '../contracts/secret.ts';
import { keyBytes, type KeySource } from '../files/sealing-key.ts';
import { openKeychain } from '../profiles/kept-secrets/keychain.ts';

/** Where this user's certificates are. `CULVERT_DATA_DIR` moves them, for tests. */
export function certificateFolder(): string {
  const { CULVERT_DATA_DIR, XDG_DATA_HOME } = process.env;
  // XDG Base Directory Specification: a relative path there is to be ignored.
  const base =
    XDG_DATA_HOME !== undefined && isAbsolute(XDG_DATA_HOME) ? XDG_DATA_HOME : join(homedir(), '.local', 'share');
  return join(CULVERT_DATA_DIR ?? join(base, 'culvert'), 'certificates');
}

/** This user's certificates, opened with the keychain's key, or that of a file where there is no keychain. */
export function openCertificateStore(): CertificateStore {
  const folder = certificateFolder();
  let source: Promise<KeySource> | undefined;
  return new CertificateStore(folder, () => {
    source ??= sealingKey(join(folder, 'sealing.key')).catch((error: unknown) => {
      // A keychain that failed may work the next time.
      source = undefined;
      throw error;
    });
    return source;
  });
}

const account = 'certificates';

/** A key file that is there was made when there was no keychain, and goes on being the key. */
async function sealingKey(file: string): Promise<KeySource> {
  // Root's sessions have no keychain, and asking for one would start another user's.
  if (existsSync(file) || process.getuid?.() === 0) return { kind: 'file', file };
  const state = await openKeychain();
  if (!state.works) return { kind: 'file', file };
  const kept = await state.keychain.get(account);
  const key = kept === undefined ? randomBytes(keyBytes) : Buffer.from(kept, 'base64');
  if (kept === undefined) await state.keychain.set(account, key.toString('base64'));
  return { kind: 'bytes', key: new Secret(new Uint8Array(key)) };
}
