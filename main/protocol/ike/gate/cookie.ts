import type { CryptoPort } from '../../crypto.ts';
import { concat, utf8 } from '../../wire/bytes.ts';
import { Writer } from '../../wire/codec.ts';
import type { KnownOffer } from './offers.ts';

/**
 * The responder's cookie as RFC 2408 §2.5.3 wants it: a keyed hash of who asks, so that message 3 proves that message 2 arrived
 * there, and nothing is remembered between. Two bytes name the offer, six authenticate: it, the address, the initiator's cookie
 * and the time. The port is left out, since a NAT may change it on the way.
 */

const indexBytes = 2;
const tagBytes = 6;
/** A cookie is taken in the period that it was made in, and the next. */
const periodMs = 30_000;

export function makeCookie(
  crypto: CryptoPort,
  secret: Uint8Array,
  offer: KnownOffer,
  initiator: Uint8Array,
  address: string,
  nowMs: number,
): Uint8Array {
  return cookieOf(crypto, secret, offer, initiator, address, Math.floor(nowMs / periodMs));
}

/** The offer's number that a cookie names. */
export function offerIndex(cookie: Uint8Array): number {
  return ((cookie[0] ?? 0) << 8) | (cookie[1] ?? 0);
}

export function isCookie(
  crypto: CryptoPort,
  secret: Uint8Array,
  cookie: Uint8Array,
  offer: KnownOffer,
  initiator: Uint8Array,
  address: string,
  nowMs: number,
): boolean {
  const period = Math.floor(nowMs / periodMs);
  return [period, period - 1].some((each) =>
    crypto.equal(cookie, cookieOf(crypto, secret, offer, initiator, address, each)),
  );
}

function cookieOf(
  crypto: CryptoPort,
  secret: Uint8Array,
  { index, digest }: KnownOffer,
  initiator: Uint8Array,
  address: string,
  period: number,
): Uint8Array {
  const periodAndIndex = new Writer()
    .u32(period >>> 0)
    .u16(index)
    .finish();
  const tag = crypto.hmac('sha256', secret, periodAndIndex, digest, initiator, utf8(address));
  return concat(periodAndIndex.subarray(-indexBytes), tag.subarray(0, tagBytes));
}
