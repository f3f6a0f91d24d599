import type { CryptoPort } from '../crypto.ts';
import { Reader } from './codec.ts';

/** Random numbers, each from as many random bytes as it has itself. */

export function randomU16(crypto: CryptoPort): number {
  return new Reader(crypto.random(2)).u16();
}

export function randomU32(crypto: CryptoPort): number {
  return new Reader(crypto.random(4)).u32();
}
