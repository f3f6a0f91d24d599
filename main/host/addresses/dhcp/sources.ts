import type { HostPool } from '../../../contracts/host-pool.ts';
import { type DhcpClient, DhcpRelay, type Leased, type RelayOptions } from './relay.ts';

/** A pool whose addresses the DHCP server of a LAN gives. */
export interface DhcpSource {
  take(client: DhcpClient): Promise<Leased>;
  release(client: DhcpClient): void;
  decline(client: DhcpClient): void;
}

/** The pools with source "dhcp", however often the configuration changes: who has a lease keeps it. */
export class DhcpSources {
  readonly #options: RelayOptions;
  readonly #relays = new Map<string, DhcpRelay>();

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** By the pool's name. What cannot be opened is said at once, and tried again for each user. */
  of(pools: Readonly<Record<string, HostPool>>): ReadonlyMap<string, DhcpSource> {
    const entries = Object.entries(pools).flatMap(([name, pool]) =>
      pool.source === 'dhcp' ? [[name, this.#sourceOf(pool.interface, pool.server)] as const] : [],
    );
    return new Map(entries);
  }

  /** Gives all leases back. */
  async close(): Promise<void> {
    const relays = [...this.#relays.values()];
    this.#relays.clear();
    await Promise.all(relays.map((relay) => relay.close()));
  }

  #sourceOf(device: string, server: string | undefined): DhcpSource {
    const relay = this.#relays.get(device) ?? new DhcpRelay(device, this.#options);
    this.#relays.set(device, relay);
    void relay.check();
    return {
      take: (client) => relay.take(client, server),
      release: ({ session }) => {
        relay.release(session);
      },
      decline: ({ session }) => {
        relay.decline(session);
      },
    };
  }
}
