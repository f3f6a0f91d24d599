import { createCrypto } from '../../main/engine/crypto/index.ts';
import type { CryptoPort, DhExchange, DhGroupName } from '../../main/protocol/crypto.ts';
import { toHex } from '../../main/protocol/wire/bytes.ts';
import { seededRandom } from './random.ts';

const real = await createCrypto();

/** Real cryptography whose random bytes repeat from the seed (Diffie-Hellman keys stay random). */
export function seededCrypto(seed: number): CryptoPort {
  return { ...real, random: seededBytes(seededRandom(seed)) };
}

/** As `seededCrypto`; key pairs come from a small pool, since making them is what costs time. */
export function seededCryptoWithPooledKeys(seed: number): CryptoPort {
  const next = seededRandom(seed);
  return { ...real, random: seededBytes(next), dh: (group) => pooled(group, Math.floor(next() * poolSize)) };
}

function seededBytes(next: () => number): CryptoPort['random'] {
  return (lengthBytes) => Uint8Array.from({ length: lengthBytes }, () => Math.floor(next() * 256));
}

const poolSize = 4;
const pool = new Map<string, DhExchange>();
const agreements = new Map<string, Uint8Array | undefined>();

function pooled(group: DhGroupName, index: number): DhExchange {
  const key = `${group}/${index}`;
  const exchange = pool.get(key) ?? real.dh(group);
  pool.set(key, exchange);
  return {
    group,
    publicValue: exchange.publicValue.slice(),
    agree: (peer) => {
      const pair = `${key}/${toHex(peer)}`;
      if (!agreements.has(pair)) agreements.set(pair, exchange.agree(peer));
      return agreements.get(pair)?.slice();
    },
  };
}

/** How many seeds a randomised test runs: `CULVERT_SEEDS`, else the usual few. */
export function seedCount(usual: number): number {
  return Number(process.env['CULVERT_SEEDS'] ?? usual);
}

/** Those seeds. */
export function seeds(usual: number): number[] {
  return Array.from({ length: seedCount(usual) }, (_, index) => index + 1);
}
