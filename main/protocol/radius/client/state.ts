import type { AccountingRecord } from '../accounting.ts';
import type { AuthenticationRequest, Channel, Purpose, RadiusConfig, ServerFailure, ServerTrouble } from './types.ts';

/** One server as known so far. A slot is one identifier of one socket: `socket * 256 + identifier`. */
export interface ServerState {
  readonly deadUntilMs: number | undefined;
  /** When it last said something true. */
  readonly heardMs: number;
  readonly sockets: number;
  /** Where to look for a free slot: going round, an identifier is not used again soon. */
  readonly nextSlot: number;
  /** Exchanges by their slot. */
  readonly slots: ReadonlyMap<number, number>;
}

/** A record with its place in the queue and the moment it tells of. */
export interface QueuedRecord {
  readonly order: number;
  readonly record: AccountingRecord;
  readonly eventMs: number;
  readonly eventUnixSeconds: number;
}

export type Job =
  | { readonly purpose: 'authentication'; readonly request: number; readonly asked: AuthenticationRequest }
  | { readonly purpose: 'accounting'; readonly queued: QueuedRecord };

interface ExchangeCommon {
  readonly job: Job;
  /** The servers to turn to after this one. */
  readonly untried: readonly number[];
  readonly failures: readonly ServerFailure[];
}

/** One request on its way through the servers. */
export type Exchange =
  | (ExchangeCommon & { readonly at: 'waiting'; readonly server: number })
  | (ExchangeCommon & {
      readonly at: 'sent';
      readonly channel: Channel;
      readonly slot: number;
      /** Sent again as it is: the same identifier and authenticator (RFC 2865 §2.5). */
      readonly packet: Uint8Array;
      readonly authenticator: Uint8Array;
      readonly sends: number;
      readonly sinceMs: number;
      readonly dueMs: number;
      readonly intervalMs: number;
      /** What came instead of an answer. */
      readonly trouble: ServerTrouble | undefined;
    });

export type SentExchange = Extract<Exchange, { at: 'sent' }>;

export interface RadiusState {
  readonly config: RadiusConfig;
  readonly servers: Readonly<Record<Purpose, readonly ServerState[]>>;
  /** By serial number, the oldest first. */
  readonly exchanges: ReadonlyMap<number, Exchange>;
  readonly nextSerial: number;
  readonly queue: readonly QueuedRecord[];
  /** No record is sent before, since no server took the last one. */
  readonly accountingHeldUntilMs: number | undefined;
}
