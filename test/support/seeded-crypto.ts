import { createCrypto } from '../../main/engine/crypto/index.ts';
import type { CryptoPort } from '../../main/protocol/crypto.ts';
import { seededRandom } from './random.ts';

const real = await createCrypto();

/** Real cryptography whose random bytes repeat from the seed (Diffie-Hellman keys stay random). */
export function seededCrypto(seed: number): CryptoPort {
  const next = seededRandom(seed);
  return { ...real, random: (lengthBytes) => Uint8Array.from({ length: lengthBytes }, () => Math.floor(next() * 256)) };
}

/** The seeds a randomised test runs: `CULVERT_SEEDS` of them, else the usual few. */
export function seeds(usual: number): number[] {
  const count = Number(process.env['CULVERT_SEEDS'] ?? usual);
  return Array.from({ length: count }, (_, index) => index + 1);
}
