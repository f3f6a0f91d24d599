import type { HostConfig } from '../../contracts/host-config.ts';
import type { AuditReason } from '../../contracts/audit.ts';
import type { SessionPolicy } from '../../contracts/session-policy.ts';
import type { UserStore } from '../users/index.ts';
import { type AddressAllocator, createAllocator, type Lease } from './allocator.ts';
import { contains, countOf, interval, type Interval } from './interval.ts';
import { type LeaseJournal, openLeaseJournal } from './journal.ts';
import type { AddressClient, LeaseSource, LeaseSources } from './lease-source.ts';
import { type AddressPlan, addressPlan, ipv6PrefixFor } from './plan.ts';

type Taken =
  | { readonly ok: true; readonly address: string; readonly pool?: string; readonly ipv6Prefix?: string }
  | { readonly ok: false; readonly reason: Extract<AuditReason, 'noAddress' | 'addressTaken' | 'dhcpSilent'> };

type Given = Extract<Taken, { ok: true }>;

interface Held {
  readonly client: AddressClient;
  readonly given: Given;
  readonly source?: LeaseSource;
}

/** Who has which address, of all pools, and on the disk. An address is one session's until `release`. */
export class AddressSupply {
  readonly #file: string;
  readonly #lan: LeaseSources;
  readonly #troubled: (error: unknown) => void;
  readonly #held = new Map<number, Held>();
  readonly #asked = new Map<number, Promise<Taken>>();
  /** A link has a network of its own: a pool whose prefix is a single /64 has one for one client at a time. */
  readonly #heldPrefixes = new Set<string>();
  #journal: LeaseJournal;
  #sources: ReadonlyMap<string, LeaseSource>;
  #plan: AddressPlan;
  #allocator: AddressAllocator;

  /**
   * @param reserved  addresses that are fixed for users of the local store
   * @param troubled  the disk takes no more: leases then hold, and are forgotten at the next start
   * @throws on system errors, as `configure` and `close` do
   */
  constructor(
    file: string,
    config: HostConfig,
    reserved: readonly string[],
    lan: LeaseSources,
    troubled: (error: unknown) => void,
  ) {
    this.#file = file;
    this.#troubled = troubled;
    this.#journal = openLeaseJournal(file);
    this.#lan = lan;
    this.#sources = lan.of(config.pools);
    this.#plan = addressPlan(config, reserved);
    this.#allocator = createAllocator(this.#plan, { past: this.#journal.past });
  }

  get losses(): LeaseJournal['losses'] {
    return this.#journal.losses;
  }

  /** Of each pool with ranges: how many addresses it has for clients, and how many of them are taken. */
  get pools(): readonly { readonly name: string; readonly addresses: number; readonly taken: number }[] {
    const { leases } = this.#allocator;
    const { gatewayAddress } = this.#plan;
    const isOwn = (range: Interval): boolean =>
      gatewayAddress !== undefined && contains(range, interval(gatewayAddress));
    return this.#plan.pools.map(({ name, intervals }) => ({
      name,
      addresses: Number(countOf(intervals)) - Number(intervals.some(isOwn)),
      taken: leases.filter(({ pool }) => pool === name).length,
    }));
  }

  /** The pool of a session's address. */
  poolOf(session: number): string | undefined {
    return this.#held.get(session)?.given.pool;
  }

  /** A session that asks again gets what it has, or is about to have. */
  async take(client: AddressClient, source: SessionPolicy['address']): Promise<Taken> {
    const { session } = client;
    const asked = this.#held.get(session)?.given ?? this.#asked.get(session) ?? this.#find(client, source);
    if (!(asked instanceof Promise)) return asked;
    this.#asked.set(session, asked);
    try {
      return await asked;
    } finally {
      this.#asked.delete(session);
    }
  }

  release(session: number): void {
    const held = this.#held.get(session);
    if (held === undefined) return;
    this.#held.delete(session);
    if (held.given.ipv6Prefix !== undefined) this.#heldPrefixes.delete(held.given.ipv6Prefix);
    if (held.source !== undefined) {
      held.source.release(held.client);
      return;
    }
    const lease = this.#allocator.release(held.given.address);
    if (lease === undefined) return;
    this.#note(() => {
      this.#journal.released(lease);
    });
  }

  /** Who has an address keeps it, whatever became of its pool. */
  configure(config: HostConfig, reserved: readonly string[]): void {
    const active = this.#allocator.leases;
    this.#journal.close();
    this.#journal = openLeaseJournal(this.#file);
    for (const lease of active) this.#journal.taken(lease);
    const isActive = new Set(active.map(({ address }) => address));
    const past = this.#journal.past.filter(({ address }) => !isActive.has(address));
    this.#plan = addressPlan(config, reserved);
    this.#allocator = createAllocator(this.#plan, { active, past });
    this.#sources = this.#lan.of(config.pools);
  }

  async close(): Promise<void> {
    for (const session of [...this.#held.keys()]) this.release(session);
    this.#journal.close();
    await this.#lan.close();
  }

  async #find(client: AddressClient, source: SessionPolicy['address']): Promise<Taken> {
    if (source.kind === 'fixed') return this.#allocate(client, { pools: [], fixed: source.address });
    let last: Taken = { ok: false, reason: 'noAddress' };
    for (const pools of this.#runsOf(source.pools)) {
      const [pool = ''] = pools;
      const lender = this.#sources.get(pool);
      last = lender === undefined ? this.#allocate(client, { pools }) : await this.#borrow(client, lender, pool);
      if (last.ok) return last;
    }
    return last;
  }

  #allocate(client: AddressClient, wanted: { readonly pools: readonly string[]; readonly fixed?: string }): Taken {
    const allocation = this.#allocator.allocate({ user: client.user, hint: client.hint, ...wanted });
    if (!allocation.ok) return { ok: false, reason: allocation.reason === 'exhausted' ? 'noAddress' : 'addressTaken' };
    const { lease } = allocation;
    const given = { ok: true, address: lease.address, ...this.#around(lease) } as const;
    this.#held.set(client.session, { client, given });
    this.#note(() => {
      this.#journal.taken(lease);
    });
    return given;
  }

  #around({ address, pool }: Lease): { readonly pool?: string; readonly ipv6Prefix?: string } {
    const plan = this.#plan.pools.find(({ name }) => name === pool);
    const wanted = plan && ipv6PrefixFor(plan, address);
    const ipv6Prefix = wanted === undefined || this.#heldPrefixes.has(wanted) ? undefined : wanted;
    if (ipv6Prefix !== undefined) this.#heldPrefixes.add(ipv6Prefix);
    return { ...(pool !== undefined && { pool }), ...(ipv6Prefix !== undefined && { ipv6Prefix }) };
  }

  async #borrow(client: AddressClient, source: LeaseSource, pool: string): Promise<Taken> {
    const taken = await source.take(client);
    if (!taken.ok) return taken;
    const given = { ...taken, pool };
    this.#held.set(client.session, { client, given, source });
    return given;
  }

  #note(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#troubled(error);
    }
  }

  /** Pools with ranges that follow each other are asked at once, so that the address of last time is found in any of them. */
  #runsOf(pools: readonly string[]): readonly (readonly string[])[] {
    const runs: string[][] = [];
    for (const pool of pools) {
      const run = runs.at(-1);
      const isLent = this.#sources.has(pool) || this.#sources.has(run?.[0] ?? '');
      if (run === undefined || isLent) runs.push([pool]);
      else run.push(pool);
    }
    return runs;
  }
}

/** What is fixed for local users; none where the store cannot be read, which sign-ins tell. */
export async function reservedAddresses(users: UserStore): Promise<readonly string[]> {
  const listed = await users.list();
  return listed.ok ? listed.value.flatMap(({ address }) => address ?? []) : [];
}
