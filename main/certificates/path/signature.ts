import { constants, verify, type KeyObject } from 'node:crypto';
import * as pkijs from 'pkijs';
import { readingForeign } from '../x509/malformed.ts';

/** Signatures that authorities make: object identifiers (RFC 4055, RFC 5758, RFC 8410), and the hash where the identifier says it. */
const algorithms: Readonly<Record<string, { readonly hash?: string; readonly isPss?: true }>> = {
  '1.2.840.113549.1.1.5': { hash: 'sha1' },
  '1.2.840.113549.1.1.10': { isPss: true },
  '1.2.840.113549.1.1.11': { hash: 'sha256' },
  '1.2.840.113549.1.1.12': { hash: 'sha384' },
  '1.2.840.113549.1.1.13': { hash: 'sha512' },
  '1.2.840.10045.4.1': { hash: 'sha1' },
  '1.2.840.10045.4.3.2': { hash: 'sha256' },
  '1.2.840.10045.4.3.3': { hash: 'sha384' },
  '1.2.840.10045.4.3.4': { hash: 'sha512' },
  '1.3.101.112': {},
};

const hashNames: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

interface Signing {
  /** Absent where the algorithm has its own. */
  readonly hash: string | undefined;
  readonly saltBytes?: number;
}

/** `undefined`: broken or unknown, such as MD5. @throws MalformedError */
function signingOf({ algorithmId, algorithmParams }: pkijs.AlgorithmIdentifier): Signing | undefined {
  const known = algorithms[algorithmId];
  if (known?.isPss !== true) return known && { hash: known.hash };
  const parameters = readingForeign('the signature', () => new pkijs.RSASSAPSSParams({ schema: algorithmParams }));
  const hash = hashNames[parameters.hashAlgorithm.algorithmId];
  return hash === undefined ? undefined : { hash, saltBytes: parameters.saltLength };
}

export type SignatureStrength = 'strong' | 'sha1' | 'broken';

/** @throws MalformedError */
export function strengthOf(algorithm: pkijs.AlgorithmIdentifier): SignatureStrength {
  const signing = signingOf(algorithm);
  if (signing === undefined) return 'broken';
  return signing.hash === 'sha1' ? 'sha1' : 'strong';
}

/** Checks what an authority signed besides certificates: revocation lists and answers. @throws MalformedError */
export function isSignedBy(
  key: KeyObject,
  content: Uint8Array,
  algorithm: pkijs.AlgorithmIdentifier,
  signature: Uint8Array,
): boolean {
  const signing = signingOf(algorithm);
  if (signing === undefined) return false;
  const { hash, saltBytes } = signing;
  const pss = saltBytes === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltBytes };
  try {
    return verify(hash, content, { key, ...pss }, signature);
  } catch {
    // Made by another kind of key.
    return false;
  }
}
