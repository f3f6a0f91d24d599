import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type KeyDerivation, type Sealed, sealed as schema } from '../contracts/sealed.ts';
import type { Secret } from '../contracts/secret.ts';

/**
 * What is sealed stands in one JSON object, as a whole, with AES-256-GCM, so that not even names show. Format and key derivation
 * are authenticated along: what was sealed as one thing never passes for another. Every sealing has a fresh random nonce.
 */

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** @returns `undefined` where the text is not of this format. */
export function parseSealed(text: string, format: string): Sealed | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(text)).data;
    return parsed?.format === format ? parsed : undefined;
  } catch {
    return undefined;
  }
}

export function seal(format: string, plain: Uint8Array, key: Secret, derivation: KeyDerivation): Sealed {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key.expose(), nonce, { authTagLength: tagBytes });
  cipher.setAAD(authenticated(format, derivation));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { format, key: derivation, nonce: nonce.toString('base64'), sealed: sealed.toString('base64') };
}

/** @returns `undefined` where the key is another or anything was changed. */
export function unseal({ format, key: derivation, nonce, sealed }: Sealed, key: Secret): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < tagBytes) return undefined;
  const decipher = createDecipheriv(algorithm, key.expose(), Buffer.from(nonce, 'base64'), { authTagLength: tagBytes });
  decipher.setAAD(authenticated(format, derivation));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function authenticated(format: string, derivation: KeyDerivation): Buffer {
  const parts = derivation.kind === 'key' ? [derivation.kind] : [derivation.kind, derivation.salt, derivation.cost];
  return Buffer.from(JSON.stringify([format, ...parts]));
}
