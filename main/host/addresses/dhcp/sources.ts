import type { HostConfig } from '../../../contracts/host-config.ts';
import type { LeaseSource, LeaseSources } from '../lease-source.ts';
import { DhcpRelay, type RelayOptions } from './relay.ts';

/** The pools with source "dhcp", however often the configuration changes: who has a lease keeps it. */
export class DhcpSources implements LeaseSources {
  readonly #options: RelayOptions;
  readonly #relays = new Map<string, DhcpRelay>();

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** By the pool's name. What cannot be opened is said at once, and tried again for each user. */
  of(pools: HostConfig['pools']): ReadonlyMap<string, LeaseSource> {
    const entries = Object.entries(pools).flatMap(([name, pool]) =>
      pool.source === 'dhcp' ? [[name, this.#sourceOf(pool.interface, pool.server)] as const] : [],
    );
    return new Map(entries);
  }

  async close(): Promise<void> {
    const relays = [...this.#relays.values()];
    this.#relays.clear();
    await Promise.all(relays.map((relay) => relay.close()));
  }

  #sourceOf(device: string, server: string | undefined): LeaseSource {
    const relay = this.#relays.get(device) ?? new DhcpRelay(device, this.#options);
    this.#relays.set(device, relay);
    void relay.check();
    return {
      take: (client) => relay.take(client, server),
      release: ({ session }) => {
        relay.release(session);
      },
    };
  }
}
