import type { CryptoPort } from '../../crypto.ts';
import { toHex } from '../../wire/bytes.ts';
import type { Offer } from '../offer.ts';
import { type Packet, encodeChain } from '../wire/index.ts';
import { Recent } from './recent.ts';

/** An offer with the number that stands for it in the responder's cookie. */
export interface KnownOffer extends Offer {
  readonly index: number;
  /** Of message 1 without its header. */
  readonly digest: Uint8Array;
  /** Message 2 without its header: the same for everybody. */
  readonly reply: Pick<Packet, 'firstPayload' | 'body'>;
}

/** Those that made an SA, and those that did not yet: a flood of the latter does not touch the former. */
const most = { proven: 512, unproven: 4096 };

/**
 * The offers of late, each once however many peers made it: all clients of one kind send the same message 1, and HASH_I covers
 * it, so that this is what a responder has to remember of message 1. One owner, the gate.
 */
export class Offers {
  readonly #proven = new Recent<string, KnownOffer>(most.proven);
  readonly #unproven = new Recent<string, KnownOffer>(most.unproven);
  readonly #byIndex = new Map<number, KnownOffer>();
  #next = 0;

  get size(): number {
    return this.#byIndex.size;
  }

  static digest(crypto: CryptoPort, body: Uint8Array): Uint8Array {
    return crypto.hash('sha256', body).slice(0, 16);
  }

  find(digest: Uint8Array): KnownOffer | undefined {
    const key = toHex(digest);
    return this.#proven.get(key) ?? this.#unproven.get(key);
  }

  at(index: number): KnownOffer | undefined {
    return this.#byIndex.get(index);
  }

  add(digest: Uint8Array, offer: Offer): KnownOffer {
    do this.#next = (this.#next + 1) & 0xffff;
    while (this.#byIndex.has(this.#next));
    const known = { ...offer, digest, index: this.#next, reply: encodeChain(offer.answer) };
    this.#byIndex.set(known.index, known);
    this.#forget(this.#unproven.put(toHex(digest), known));
    return known;
  }

  /** A peer that made it authenticated itself. */
  prove(known: KnownOffer): void {
    const key = toHex(known.digest);
    if (this.#byIndex.get(known.index) !== known) return;
    this.#unproven.delete(key);
    this.#forget(this.#proven.put(key, known));
  }

  #forget(offer: KnownOffer | undefined): void {
    if (offer !== undefined) this.#byIndex.delete(offer.index);
  }
}
