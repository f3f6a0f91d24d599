import type { LeaseConfig } from './types.ts';

/** One question that is repeated until it is answered (RFC 2131 §4.1). */
export interface Exchange {
  readonly xid: number;
  readonly firstMs: number;
  readonly sentMs: number;
  readonly tries: number;
  readonly repeatMs: number;
}

export interface Offer {
  readonly address: string;
  readonly server: string;
}

/** Times are when, not how long; `Infinity` for ever. */
export interface Lease extends Offer {
  readonly renewMs: number;
  readonly rebindMs: number;
  readonly expiryMs: number;
}

/** RFC 2131 §4.4, figure 5, without the states of a client that keeps what it knows across restarts. */
export type LeaseState = { readonly config: LeaseConfig } & (
  | { readonly at: 'selecting'; readonly exchange: Exchange; readonly giveUpMs: number; readonly refusals: number }
  | {
      readonly at: 'requesting';
      readonly exchange: Exchange;
      readonly offer: Offer;
      readonly giveUpMs: number;
      readonly refusals: number;
    }
  | { readonly at: 'bound'; readonly lease: Lease }
  /** By unicast to the server of the lease. */
  | { readonly at: 'renewing'; readonly lease: Lease; readonly exchange: Exchange }
  /** To whoever is there. */
  | { readonly at: 'rebinding'; readonly lease: Lease; readonly exchange: Exchange }
  | { readonly at: 'over' }
);

export function leaseDeadlineMs(state: LeaseState): number | undefined {
  switch (state.at) {
    case 'selecting':
    case 'requesting':
      return Math.min(state.exchange.repeatMs, state.giveUpMs);
    case 'bound':
      return finite(state.lease.renewMs);
    case 'renewing':
      return finite(Math.min(state.exchange.repeatMs, state.lease.rebindMs));
    case 'rebinding':
      return finite(Math.min(state.exchange.repeatMs, state.lease.expiryMs));
    case 'over':
      return undefined;
  }
}

function finite(atMs: number): number | undefined {
  return atMs === Infinity ? undefined : atMs;
}

/** The transaction ID that answers come with. */
export function leaseTransaction(state: LeaseState): number | undefined {
  return 'exchange' in state ? state.exchange.xid : undefined;
}
