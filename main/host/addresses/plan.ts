import type { HostConfig } from '../../contracts/host-config.ts';
import { addressOf, interval, numberOf, type Interval } from './interval.ts';
import { poolIntervals, rangePools } from './pool-intervals.ts';

/** The addresses of a pool, ascending and disjoint, all IPv4. */
export interface PoolPlan {
  readonly name: string;
  readonly intervals: readonly Interval[];
  readonly sticky: boolean;
  readonly ipv6Prefix?: string;
}

/** What an allocator works with. */
export interface AddressPlan {
  readonly pools: readonly PoolPlan[];
  /** Given only to whom they are fixed: the host's own and those of single users. */
  readonly reserved: readonly string[];
  /** The host's own address inside the tunnels; absent where no pool has ranges and none is configured. */
  readonly gatewayAddress?: string;
}

/** @param alsoReserved  addresses of users in the local store, and what else on the host's networks is taken */
export function addressPlan(config: HostConfig, alsoReserved: readonly string[]): AddressPlan {
  const pools = rangePools(config.pools).map(([name, pool]) => ({
    name,
    intervals: poolIntervals(pool),
    sticky: pool.sticky,
    ...(pool.ipv6Prefix === undefined ? {} : { ipv6Prefix: pool.ipv6Prefix }),
  }));
  const first = pools[0]?.intervals[0]?.first;
  const gatewayAddress = config.gatewayAddress ?? (first === undefined ? undefined : addressOf(first));
  const fixed = config.users.flatMap(({ address }) => address ?? []);
  const reserved = [...new Set([...(gatewayAddress === undefined ? [] : [gatewayAddress]), ...fixed, ...alsoReserved])];
  return { pools, reserved, ...(gatewayAddress === undefined ? {} : { gatewayAddress }) };
}

/**
 * The /64 that belongs to an address of the pool: the n-th to the n-th, so that it stays with a returning user as well.
 *
 * @returns `undefined` where the pool has no prefix, too short a one for this address, or not this address
 */
export function ipv6PrefixFor(pool: PoolPlan, address: string): string | undefined {
  if (pool.ipv6Prefix === undefined) return undefined;
  const prefix = interval(pool.ipv6Prefix);
  const { value } = numberOf(address);
  let before = 0n;
  for (const { first, last } of pool.intervals) {
    if (first <= value && value <= last) {
      const isShared = prefix.last - prefix.first < 1n << 64n;
      const start = prefix.first + (isShared ? 0n : (before + value - first) << 64n);
      return start > prefix.last ? undefined : `${addressOf(start, 6)}/64`;
    }
    before += last - first + 1n;
  }
  return undefined;
}
