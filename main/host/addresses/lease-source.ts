import type { HostConfig } from '../../contracts/host-config.ts';

/** For whom: each session is a client of its own. */
export interface AddressClient {
  readonly session: number;
  readonly user: string;
  /** As the client calls itself, so that it finds its address again. */
  readonly hint: string;
}

export type Lent =
  | { readonly ok: true; readonly address: string }
  /** `dhcpSilent`: nobody answered, or none can be asked. `noAddress`: refused. */
  | { readonly ok: false; readonly reason: 'dhcpSilent' | 'noAddress' };

/** A pool whose addresses somebody else gives, who may take a while. */
export interface LeaseSource {
  take(client: AddressClient): Promise<Lent>;
  release(client: AddressClient): void;
}

/** All that there are, by the names of their pools; who has a lease keeps it, however often the configuration changes. */
export interface LeaseSources {
  of(pools: HostConfig['pools']): ReadonlyMap<string, LeaseSource>;
  /** Gives everything back. */
  close(): Promise<void>;
}
