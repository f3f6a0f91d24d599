import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createMD4 } from 'hash-wasm';
import type { CbcName, CryptoPort } from '../../protocol/crypto.ts';
import { concat } from '../../protocol/wire/bytes.ts';
import { plain } from './bytes.ts';
import { startExchange } from './groups.ts';
import { signHash, verifyHash } from './signatures.ts';

const opensslNames: Readonly<Record<CbcName, string>> = {
  'aes-128-cbc': 'aes-128-cbc',
  'aes-192-cbc': 'aes-192-cbc',
  'aes-256-cbc': 'aes-256-cbc',
  '3des-cbc': 'des-ede3-cbc',
};

/**
 * The control plane's cryptography over Node's, alike under Node (OpenSSL 3) and Electron (BoringSSL). What either lacks
 * comes from elsewhere: MD4 from a WebAssembly library, which is why this waits, DES as 3DES with one key three times.
 */
export async function createCrypto(): Promise<CryptoPort> {
  const md4 = await createMD4();
  return {
    random: (lengthBytes) => plain(randomBytes(lengthBytes)),
    hash: (name, ...parts) => {
      const hash = createHash(name);
      for (const part of parts) hash.update(part);
      return plain(hash.digest());
    },
    hmac: (name, key, ...parts) => {
      const hmac = createHmac(name, key);
      for (const part of parts) hmac.update(part);
      return plain(hmac.digest());
    },
    encryptCbc: (name, key, iv, data) => transform(createCipheriv(opensslNames[name], key, iv), data),
    decryptCbc: (name, key, iv, data) => transform(createDecipheriv(opensslNames[name], key, iv), data),
    dh: (group) => startExchange(group),
    sign: signHash,
    verify: verifyHash,
    md4: (data) => md4.init().update(data).digest('binary'),
    desEncryptBlock: (key, block) => transform(createCipheriv('des-ede3-cbc', tripled(key), zeroIv), block),
    desDecryptBlock: (key, block) => transform(createDecipheriv('des-ede3-cbc', tripled(key), zeroIv), block),
    equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
  };
}

const zeroIv = new Uint8Array(8); // with it, CBC's first block is ECB's

/** Encrypt, decrypt, encrypt with equal keys is single DES. */
function tripled(key: Uint8Array): Uint8Array {
  return concat(key, key, key);
}

function transform(cipher: ReturnType<typeof createCipheriv | typeof createDecipheriv>, data: Uint8Array): Uint8Array {
  cipher.setAutoPadding(false);
  return plain(Buffer.concat([cipher.update(data), cipher.final()]));
}
