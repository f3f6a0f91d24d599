import { randomBytes, scrypt } from 'node:crypto';
import { dirname } from 'node:path';
import type { KeyDerivation } from '../contracts/sealed.ts';
import { Secret } from '../contracts/secret.ts';
import { makePrivateFolder, readGuarded, writeDurably } from './durable.ts';

/** Where a sealing key comes from: a file of its owner's alone, the keychain of the system, or a passphrase. */
export type KeySource =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'bytes'; readonly key: Secret }
  | { readonly kind: 'passphrase'; readonly passphrase: Secret<string> };

export const keyBytes = 32;

/** RFC 7914 with r = 8, p = 1: 128 MiB and some tenths of a second. */
const scryptCost = 2 ** 17;

export function newDerivation(source: KeySource): KeyDerivation {
  if (source.kind !== 'passphrase') return { kind: 'key' };
  return { kind: 'scrypt', salt: randomBytes(16).toString('base64'), cost: scryptCost };
}

export type KeyFailure = 'keyMissing' | 'keyExposed' | 'keyMalformed';
export type KeyResult =
  { readonly ok: true; readonly key: Secret } | { readonly ok: false; readonly reason: KeyFailure };

/** @param mayCreate  a key file that is missing is made: only where nothing was encrypted with another. */
export async function loadKey(source: KeySource, derivation: KeyDerivation, mayCreate: boolean): Promise<KeyResult> {
  switch (source.kind) {
    case 'file':
      return derivation.kind === 'key' ? readKeyFile(source.file, mayCreate) : { ok: false, reason: 'keyMalformed' };
    case 'bytes': {
      const isRight = derivation.kind === 'key' && source.key.expose().length === keyBytes;
      return isRight ? { ok: true, key: source.key } : { ok: false, reason: 'keyMalformed' };
    }
    case 'passphrase':
      return derivation.kind === 'scrypt'
        ? { ok: true, key: await deriveKey(source.passphrase, derivation) }
        : { ok: false, reason: 'keyMalformed' };
  }
}

function readKeyFile(file: string, mayCreate: boolean): KeyResult {
  const read = readGuarded(file);
  if (read === undefined) {
    if (!mayCreate) return { ok: false, reason: 'keyMissing' };
    const key = randomBytes(keyBytes);
    makePrivateFolder(dirname(file));
    writeDurably(file, `${key.toString('base64')}\n`);
    return { ok: true, key: new Secret(key) };
  }
  if (read.exposure !== undefined) return { ok: false, reason: 'keyExposed' };
  const text = read.bytes.toString('latin1').trim();
  const key = Buffer.from(text, 'base64');
  const isRight = key.length === keyBytes && key.toString('base64') === text;
  return isRight ? { ok: true, key: new Secret(key) } : { ok: false, reason: 'keyMalformed' };
}

function deriveKey(
  passphrase: Secret<string>,
  { salt, cost }: Extract<KeyDerivation, { kind: 'scrypt' }>,
): Promise<Secret> {
  const options = { N: cost, r: 8, p: 1, maxmem: 256 * cost * 8 };
  const normal = passphrase.expose().normalize('NFC');
  return new Promise((resolve, reject) => {
    scrypt(normal, Buffer.from(salt, 'base64'), keyBytes, options, (error, key) => {
      if (error === null) resolve(new Secret(key));
      else reject(error);
    });
  });
}
