import type { DhcpMessage } from '../message.ts';

/** A client of the office's DHCP server on behalf of one session, told and asked for in inputs and effects. */
export interface LeaseConfig {
  /** The host's own address on the LAN: the relay that the server answers to, whose network the lease is of. */
  readonly relayAddress: string;
  /** Only this server, by unicast; absent: the first that answers a broadcast. */
  readonly server?: string;
  /** What the server knows the client by (RFC 2132 §9.14), of at most 255 bytes: the same each time for the same address. */
  readonly clientId: Uint8Array;
  /** Six bytes, for servers that go by it. */
  readonly hardwareAddress: Uint8Array;
  /** The address of last time. */
  readonly wish?: string;
  /** How long a user may have to wait for a first lease. */
  readonly patienceMs: number;
}

export type LeaseInput =
  /** What arrived with this lease's transaction ID; others are ignored. */
  | { readonly kind: 'message'; readonly from: string; readonly message: DhcpMessage }
  | { readonly kind: 'tick' }
  /** Gives the address back. */
  | { readonly kind: 'release' }
  /** The address is of no use, since somebody else has it (RFC 2131 §4.4.4). */
  | { readonly kind: 'decline' };

/** Why there is no lease. */
export type LeaseFailure = 'silent' | 'refused';
/** Why there is none any more. */
export type LeaseLoss = 'refused' | 'expired';

export type LeaseEffect =
  /** To port 67. */
  | { readonly kind: 'send'; readonly to: string; readonly bytes: Uint8Array }
  | { readonly kind: 'bound'; readonly address: string; readonly server: string; readonly seconds: number }
  | { readonly kind: 'failed'; readonly why: LeaseFailure }
  /** The address must not be used any more. */
  | { readonly kind: 'lost'; readonly address: string; readonly why: LeaseLoss };
