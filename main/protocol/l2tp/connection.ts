import type { TunnelMessage } from './messages.ts';
import type { L2tpCause, PeerFacts } from './facts.ts';

/** The control connection (RFC 2661 §7.2), with what exists in each state. */
export type Connection =
  | { readonly at: 'idle' }
  | {
      readonly at: 'waitReply';
      readonly sinceMs: number;
      readonly deadlineMs: number;
      readonly challenge?: Uint8Array;
      readonly tieBreaker?: Uint8Array;
      /** Something came in another version of the protocol: silently discarded (§3.1), but worth knowing if nothing else comes. */
      readonly strangeVersion?: number;
    }
  | {
      readonly at: 'waitConnected';
      readonly deadlineMs: number;
      readonly peer: PeerFacts;
      readonly challenge?: Uint8Array;
    }
  | { readonly at: 'established'; readonly lastHeardMs: number }
  /** Our StopCCN is under way. */
  | { readonly at: 'stopping'; readonly cause: L2tpCause }
  /** The peer's StopCCN was acknowledged, and is again if that was lost (§5.7). */
  | { readonly at: 'lingering'; readonly untilMs: number }
  | { readonly at: 'finished' };

export type ConnectionAction =
  /** Judge SCCRQ, send SCCRP, wait for SCCCN. */
  | 'answer'
  /** Judge SCCRP, send SCCCN, established. */
  | 'confirm'
  /** Judge SCCCN, established. */
  | 'accept'
  /** A message out of place: StopCCN with result 7. */
  | 'refuse'
  /** Nothing to do: the acknowledgement says it all. */
  | 'acknowledge'
  /** The peer ends it. */
  | 'linger';

type Row = { readonly [M in TunnelMessage]: ConnectionAction };

/**
 * RFC 2661 §7.2.1. Where the peer's message is not acceptable, each action sends StopCCN instead. Ties (SCCRQ in
 * waitReply) are broken before sequence numbers count, and what an idle connection gets besides SCCRQ never reaches
 * this table.
 */
export const connectionTable = {
  idle: {
    SCCRQ: 'answer',
    SCCRP: 'refuse',
    SCCCN: 'refuse',
    HELLO: 'acknowledge',
    StopCCN: 'linger',
  },
  waitReply: {
    SCCRQ: 'refuse',
    SCCRP: 'confirm',
    SCCCN: 'refuse',
    HELLO: 'acknowledge',
    StopCCN: 'linger',
  },
  waitConnected: {
    SCCRQ: 'refuse',
    SCCRP: 'refuse',
    SCCCN: 'accept',
    HELLO: 'acknowledge',
    StopCCN: 'linger',
  },
  established: {
    SCCRQ: 'refuse',
    SCCRP: 'refuse',
    SCCCN: 'refuse',
    HELLO: 'acknowledge',
    StopCCN: 'linger',
  },
  stopping: {
    SCCRQ: 'acknowledge',
    SCCRP: 'acknowledge',
    SCCCN: 'acknowledge',
    HELLO: 'acknowledge',
    StopCCN: 'linger',
  },
} as const satisfies Record<string, Row>;

export function isClosed(connection: Connection): boolean {
  return connection.at === 'stopping' || connection.at === 'lingering' || connection.at === 'finished';
}
