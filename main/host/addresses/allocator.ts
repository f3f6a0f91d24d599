import { addressOf, numberOf } from './interval.ts';
import type { AddressPlan, PoolPlan } from './plan.ts';

/** An address and who has it, or had it last. */
export interface Lease {
  readonly address: string;
  /** Absent where it is fixed for the user, outside of every pool. */
  readonly pool?: string;
  readonly user: string;
  /** Tells the devices of one user apart: whatever a client says about itself each time; '' where it says nothing. */
  readonly hint: string;
}

export interface AddressRequest {
  readonly user: string;
  readonly hint: string;
  /** Tried in this order. */
  readonly pools: readonly string[];
  /** Exactly this address, wherever it is. */
  readonly fixed?: string;
}

export type Allocation =
  | { readonly ok: true; readonly lease: Lease; readonly how: 'fixed' | 'returned' | 'fresh' | 'recycled' }
  | { readonly ok: false; readonly reason: 'exhausted' }
  /** The host's own is nobody else's, whatever a server says. */
  | { readonly ok: false; readonly reason: 'fixedIsOwn' }
  | { readonly ok: false; readonly reason: 'fixedTaken'; readonly by: Lease };

/**
 * Gives out addresses. A returning user (and device) gets the address of last time; new ones get what nobody had yet, then what
 * was given back longest ago. No clock, no files; each operation takes constant time, amortised, whatever the number of leases.
 */
export interface AddressAllocator {
  allocate(request: AddressRequest): Allocation;
  /** @returns the lease that ended; `undefined` where nobody has the address. */
  release(address: string): Lease | undefined;
  readonly leases: readonly Lease[];
}

/** What is known from before: who has an address now, and who had one, least recently first. Whatever no longer fits is left out. */
export interface KnownLeases {
  readonly active?: readonly Lease[];
  readonly past?: readonly Lease[];
}

export function createAllocator(plan: AddressPlan, known: KnownLeases = {}): AddressAllocator {
  const taken = new Map<number, Lease>();
  const reserved = new Set(plan.reserved.map(toNumber));
  const pools = new Map(plan.pools.map((pool) => [pool.name, createPool(pool)]));
  const poolOf = (address: number): Pool | undefined => [...pools.values()].find((pool) => pool.contains(address));

  const take = (address: number, pool: Pool | undefined, { user, hint }: AddressRequest): Lease => {
    const lease = {
      address: addressOf(BigInt(address)),
      ...(pool === undefined ? {} : { pool: pool.name }),
      user,
      hint,
    };
    pool?.forget(address);
    taken.set(address, lease);
    return lease;
  };

  const isFree = (address: number): boolean => !taken.has(address) && !reserved.has(address);

  for (const lease of known.active ?? []) taken.set(toNumber(lease.address), lease);
  for (const lease of known.past ?? []) {
    const address = toNumber(lease.address);
    if (isFree(address)) poolOf(address)?.remember(address, lease);
  }

  return {
    allocate: (request) => {
      if (request.fixed !== undefined) {
        if (request.fixed === plan.gatewayAddress) return { ok: false, reason: 'fixedIsOwn' };
        const address = toNumber(request.fixed);
        const by = taken.get(address);
        if (by !== undefined) return { ok: false, reason: 'fixedTaken', by };
        return { ok: true, lease: take(address, poolOf(address), request), how: 'fixed' };
      }
      const wanted = request.pools.flatMap((name) => pools.get(name) ?? []);
      for (const pool of wanted) {
        const address = pool.ofLastTime(request);
        if (address !== undefined) return { ok: true, lease: take(address, pool, request), how: 'returned' };
      }
      for (const pool of wanted) {
        const fresh = pool.nextFresh(isFree);
        if (fresh !== undefined) return { ok: true, lease: take(fresh, pool, request), how: 'fresh' };
        const oldest = pool.longestGivenBack();
        if (oldest !== undefined) return { ok: true, lease: take(oldest, pool, request), how: 'recycled' };
      }
      return { ok: false, reason: 'exhausted' };
    },
    release: (text) => {
      const address = toNumber(text);
      const lease = taken.get(address);
      taken.delete(address);
      if (lease !== undefined && !reserved.has(address)) poolOf(address)?.remember(address, lease);
      return lease;
    },
    get leases() {
      return [...taken.values()];
    },
  };
}

interface Pool {
  readonly name: string;
  contains(address: number): boolean;
  /** It was given back: free, until its user returns or nothing else is left. */
  remember(address: number, lease: Lease): void;
  forget(address: number): void;
  ofLastTime(request: AddressRequest): number | undefined;
  nextFresh(isFree: (address: number) => boolean): number | undefined;
  longestGivenBack(): number | undefined;
}

function createPool({ name, intervals, sticky }: PoolPlan): Pool {
  const ranges = intervals.map(({ first, last }) => ({ first: Number(first), last: Number(last) }));
  /** Given back, longest ago first. */
  const givenBack = new Map<number, Lease>();
  const lastAddress = new Map<string, number>();
  const cursor = { range: 0, next: ranges[0]?.first ?? 0 };

  const forget: Pool['forget'] = (address) => {
    const lease = givenBack.get(address);
    if (lease === undefined) return;
    givenBack.delete(address);
    if (lastAddress.get(userKey(lease)) === address) lastAddress.delete(userKey(lease));
  };

  return {
    name,
    contains: (address) => ranges.some(({ first, last }) => first <= address && address <= last),
    remember: (address, lease) => {
      forget(address);
      givenBack.set(address, lease);
      if (sticky) lastAddress.set(userKey(lease), address);
    },
    forget,
    ofLastTime: (request) => lastAddress.get(userKey(request)),
    nextFresh: (isFree) => {
      // What the cursor has passed comes back by being given back, so that no address is looked at twice.
      for (let range = ranges[cursor.range]; range !== undefined; range = ranges[cursor.range]) {
        while (cursor.next <= range.last) {
          const address = cursor.next++;
          if (isFree(address) && !givenBack.has(address)) return address;
        }
        cursor.range++;
        cursor.next = ranges[cursor.range]?.first ?? 0;
      }
      return undefined;
    },
    longestGivenBack: () => givenBack.keys().next().value,
  };
}

function userKey({ user, hint }: Pick<Lease, 'user' | 'hint'>): string {
  return JSON.stringify([user, hint]);
}

function toNumber(address: string): number {
  return Number(numberOf(address).value);
}
