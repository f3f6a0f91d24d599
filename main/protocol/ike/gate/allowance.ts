import { addressBytes, addressText } from '../../wire/address.ts';
import { toHex } from '../../wire/bytes.ts';
import { Recent } from './recent.ts';

export interface AllowanceLimits {
  /** So many at once, and so many each second afterwards. */
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/** How much is done for one source in a while: a bucket for each of the latest sources. */
export class Allowance {
  readonly #limits: AllowanceLimits;
  readonly #buckets: Recent<string, Bucket>;

  constructor(limits: AllowanceLimits, sources: number) {
    this.#limits = limits;
    this.#buckets = new Recent(sources);
  }

  /** Whether one more is allowed; it is counted then. */
  take(source: string, nowMs: number): boolean {
    const { burst, perSecond } = this.#limits;
    const { left, atMs } = this.#buckets.get(source) ?? { left: burst, atMs: nowMs };
    const filled = Math.min(burst, left + ((nowMs - atMs) / 1000) * perSecond);
    const allowed = filled >= 1;
    this.#buckets.put(source, { left: allowed ? filled - 1 : filled, atMs: nowMs });
    return allowed;
  }
}

/** Who may be behind an address: a host for IPv4, a network of one site for IPv6 (whose hosts have 2^64 addresses each). */
export function sourceOf(address: string): string {
  const bytes = addressBytes(address.replace(/%.*$/, ''));
  if (bytes?.length !== 16) return address;
  if (toHex(bytes.subarray(0, 12)) === mapped) return addressText(bytes.subarray(12));
  return toHex(bytes.subarray(0, 8));
}

/** An IPv4 address, as a socket of both families reports it (RFC 4291 §2.5.5.2). */
const mapped = '00000000000000000000ffff';
