import { failure, type Failure } from '../../contracts/failure.ts';
import type { StoreFault } from './store.ts';

const unusable = {
  missing: 'there is no such file',
  unreadable: 'it cannot be read',
  exposed: 'others can read it',
  malformed: 'it is damaged, or of another form',
  noCertificate: 'there is no certificate in it',
  noPrivateKey: 'it has no private key, and is neither an authority nor the answer to a request',
  keyMismatch: 'the private key is not that of the certificate',
  unsupportedKey: 'its key is too short, or of a kind that IKE cannot sign with',
  full: 'there are 500 certificates already',
} as const satisfies Partial<Record<StoreFault, string>>;

function isUnusable(reason: StoreFault): reason is keyof typeof unusable {
  return reason in unusable;
}

/** @param what  the file or the certificate that it is about */
export function storeFailure(reason: StoreFault, what: string): Failure {
  if (isUnusable(reason)) return failure('certificates.unusable', { file: what, reason: unusable[reason] });
  switch (reason) {
    case 'unknown':
      return failure('certificates.unknown', { which: what });
    case 'exists':
      return failure('certificates.exists', { what });
    case 'passphraseNeeded':
    case 'wrongPassphrase':
      return failure('certificates.passphrase', { file: what });
    case 'legacyNeedsRsa':
      return failure('certificates.legacyNeedsRsa');
    case 'keyMissing':
    case 'keyExposed':
    case 'keyMalformed':
    case 'wrongKeyOrChanged':
    case 'damaged':
      return failure('certificates.locked');
  }
}
