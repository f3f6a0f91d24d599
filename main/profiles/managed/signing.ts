import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import type { Endorsement, SignedProfile } from '../../contracts/profile-document.ts';

/**
 * Ed25519 (RFC 8032) over bytes that travel as they are: nothing has to be brought into a canonical form before it is checked, so
 * nothing can be read in two ways. What is signed begins with what it is: an endorsement never passes for a profile.
 */

const profileContext = Buffer.from('culvert managed profile 1\n');
const endorsementContext = Buffer.from('culvert profile key endorsement 1\n');

export function generateSigningKey(): { readonly privatePem: string; readonly publicPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** @returns `undefined` for what is no Ed25519 private key in PEM. */
export function readPrivateKey(pem: string): KeyObject | undefined {
  return onlyEd25519(() => createPrivateKey(pem));
}

/** @returns the 32 bytes in base64, as profiles carry them; `undefined` for what is no Ed25519 key in PEM. */
export function readPublicKey(pem: string): string | undefined {
  const key = onlyEd25519(() => createPublicKey(pem));
  return key && rawOf(key);
}

export function publicKeyOf(privateKey: KeyObject): string {
  return rawOf(createPublicKey(privateKey));
}

/** What people compare: SHA-256 of the key's 32 bytes, in groups of four digits. */
export function fingerprintOf(key: string): string {
  const digits = createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex');
  return (digits.match(/.{4}/g) ?? []).join(' ');
}

export function signPayload(payload: Uint8Array, privateKey: KeyObject): SignedProfile {
  return {
    culvertProfile: 1,
    signed: Buffer.from(payload).toString('base64'),
    signature: sign(null, Buffer.concat([profileContext, payload]), privateKey).toString('base64'),
    key: publicKeyOf(privateKey),
  };
}

/** The payload's bytes; `undefined` where the signature is not right. */
export function verifiedPayload({ signed, signature, key }: SignedProfile): Buffer | undefined {
  const payload = Buffer.from(signed, 'base64');
  return isSigned(profileContext, payload, signature, key) ? payload : undefined;
}

/** The holder of `privateKey` says that whoever holds `nextKey` speaks for the organisation too. */
export function endorse(nextKey: string, privateKey: KeyObject): Endorsement {
  const bytes = Buffer.concat([endorsementContext, Buffer.from(nextKey, 'base64')]);
  return { key: nextKey, signature: sign(null, bytes, privateKey).toString('base64') };
}

/** Whether the profile's key is the known one, or was endorsed by it, directly or through keys in between. */
export function speaksFor(knownKey: string, { key, endorsements = [] }: SignedProfile): boolean {
  if (key === knownKey) return true;
  // The known key may stand anywhere in the chain: an installation may have missed a change of keys or two.
  for (let from = 0, holder = knownKey; from < endorsements.length; from++) {
    let at = from;
    while (at < endorsements.length && isEndorsed(endorsements[at], holder)) {
      holder = endorsements[at]?.key ?? '';
      at += 1;
    }
    if (at === endorsements.length && holder === key) return true;
    holder = knownKey;
  }
  return false;
}

function isEndorsed(endorsement: Endorsement | undefined, holder: string): boolean {
  if (endorsement === undefined) return false;
  return isSigned(endorsementContext, Buffer.from(endorsement.key, 'base64'), endorsement.signature, holder);
}

function isSigned(context: Buffer, bytes: Uint8Array, signature: string, rawKey: string): boolean {
  const key = publicKeyFrom(rawKey);
  return key !== undefined && verify(null, Buffer.concat([context, bytes]), key, Buffer.from(signature, 'base64'));
}

function publicKeyFrom(raw: string): KeyObject | undefined {
  const x = Buffer.from(raw, 'base64').toString('base64url');
  return onlyEd25519(() => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }));
}

function rawOf(key: KeyObject): string {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
}

function onlyEd25519(read: () => KeyObject): KeyObject | undefined {
  try {
    const key = read();
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}
