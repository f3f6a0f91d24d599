import type { Secret } from '../../contracts/secret.ts';
import { writePkcs12 } from './pkcs12-modern.ts';
import { writeLegacyPkcs12 } from './pkcs12.ts';

/** `modern`: AES-256, for all that is kept up. `legacy`: 3DES, for Windows before 1709, macOS before 15, iOS before 17. */
export type Pkcs12Encryption = 'modern' | 'legacy';

export interface Pkcs12Order {
  /** PKCS#8. */
  readonly key: Secret;
  /** DER, its own certificate first. */
  readonly chain: readonly Uint8Array[];
  readonly passphrase: Secret<string>;
  /** What those who import it are shown. */
  readonly name: string;
  readonly encryption: Pkcs12Encryption;
}

/** @returns DER; `undefined` where the encryption of old is to hold what is not RSA */
export async function writePkcs12File({
  key,
  chain,
  passphrase,
  name,
  encryption,
}: Pkcs12Order): Promise<Uint8Array | undefined> {
  if (encryption === 'modern') return writePkcs12(key, chain, passphrase, name);
  try {
    return writeLegacyPkcs12(key, chain, passphrase, name);
  } catch {
    return undefined;
  }
}
