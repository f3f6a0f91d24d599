import type { Connection } from './connection.ts';
import type { Delivery } from './delivery.ts';
import type { Call } from './call.ts';
import type { CallFacts, L2tpCause, PeerFacts, WanErrors } from './facts.ts';

/** LAC: the client, which opens the tunnel and places calls. LNS: the host, which answers both. */
export type TunnelRole = 'lac' | 'lns';

export interface TunnelConfig {
  readonly role: TunnelRole;
  readonly hostName: string;
  readonly vendorName: string;
  /** Firmware revision as 16 bits (RFC 2661 §4.4.3); any value of the implementation's own. */
  readonly firmwareRevision?: number;
  /** 1 to 65535, unique on the path: what the peer puts into the header of everything it sends. */
  readonly localTunnelId: number;
  /** How many control messages the peer may have under way to us. */
  readonly receiveWindow: number;
  /** Bit 0 (S): synchronous, bit 1 (A): asynchronous framing (RFC 2661 §4.4.3). Default: both. */
  readonly framingCapabilities?: number;
  /** Bit 0: digital, bit 1: analog access. Default: none. */
  readonly bearerCapabilities?: number;
  /** The secret shared by both ends for tunnel authentication and hidden AVPs. Present: the peer must know it. */
  readonly tunnelSecret?: Uint8Array;
  /** Hide every AVP that may be hidden; only with a secret. Default: false. */
  readonly hideAvps?: boolean;
  /** A Hello goes out after this silence of the peer, control and data alike. 0: never. */
  readonly hello: { readonly idleMs: number };
  readonly retransmission: {
    /** The first wait, until a round trip was measured. */
    readonly firstMs: number;
    readonly maxMs: number;
    /** How often a message is sent in all before the peer is given up. */
    readonly tries: number;
  };
  /** How long the tunnel and each call may take to be established. Default: 60 s each. */
  readonly setup?: { readonly tunnelMs: number; readonly callMs: number };
  /** How long a StopCCN's repetitions are still answered (RFC 2661 §5.7: a full retransmission cycle). Default: 31 s. */
  readonly retentionMs?: number;
  /** Ask for, and send, sequence numbers on data packets (RFC 2661 §5.4). Default: false. */
  readonly requestSequencing?: boolean;
  readonly maxSessions: number;
  /** Send a Tie Breaker (RFC 2661 §4.4.3): if the peer opens a tunnel too, only one of the two survives. Default: false. */
  readonly singleTunnel?: boolean;
  /** LAC: answer an LNS's outgoing-call request at once as connected; else it is refused. Default: false. */
  readonly acceptOutgoingCalls?: boolean;
}

export type TunnelInput =
  /** LAC: sends SCCRQ. */
  | { readonly kind: 'open' }
  /** A control message that came for this tunnel, from its L2TP header on. */
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'tick' }
  /** Places a call, now or as soon as the tunnel is up. LAC: an incoming call (ICRQ); LNS: an outgoing call (OCRQ). */
  | { readonly kind: 'call'; readonly calledNumber?: string; readonly callingNumber?: string }
  /** Ends one call. Default result: 3, administrative reasons. */
  | {
      readonly kind: 'hangUp';
      readonly localSessionId: number;
      readonly resultCode?: number;
      readonly errorCode?: number;
      readonly message?: string;
    }
  /** Ends the tunnel and every call in it. Default result: 1, general request to clear. */
  | { readonly kind: 'close'; readonly resultCode?: number; readonly errorCode?: number; readonly message?: string }
  /** Data came from the peer since the last step: it is alive, whatever it leaves unanswered. */
  | { readonly kind: 'activity' }
  /** LNS: tells the LAC the negotiated character maps (SLI). */
  | {
      readonly kind: 'setLinkInfo';
      readonly localSessionId: number;
      readonly sendAccm: number;
      readonly receiveAccm: number;
    }
  /** LAC: reports line errors (WEN). */
  | { readonly kind: 'reportWanErrors'; readonly localSessionId: number; readonly errors: WanErrors };

export type TunnelEffect =
  /** One UDP payload for the peer. */
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | ({ readonly kind: 'tunnelUp' } & PeerFacts)
  /** A call exists, by `call` or by the peer's request; it ends in `callDown` in any case. */
  | {
      readonly kind: 'callStarted';
      readonly localSessionId: number;
      readonly by: 'us' | 'peer';
      readonly callSerial: number;
      /** 0 where it is by us: the peer has not named it yet. */
      readonly remoteSessionId: number;
    }
  /** PPP may flow. */
  | ({ readonly kind: 'callUp' } & CallFacts)
  | { readonly kind: 'callDown'; readonly localSessionId: number; readonly cause: L2tpCause }
  /** Once: the tunnel is of no more use; every call was reported down before. It may still send and answer. */
  | { readonly kind: 'closed'; readonly cause: L2tpCause }
  /** Once, after `closed`: the peer knows or is given up. The state may be discarded. */
  | { readonly kind: 'finished' }
  | {
      readonly kind: 'linkInfo';
      readonly localSessionId: number;
      readonly sendAccm: number;
      readonly receiveAccm: number;
    }
  | { readonly kind: 'wanErrors'; readonly localSessionId: number; readonly errors: WanErrors }
  /** A measured round trip of a control message (never of a repeated one). */
  | { readonly kind: 'roundTrip'; readonly roundTripMs: number }
  | { readonly kind: 'log'; readonly what: string };

/** Opaque outside this folder. */
export interface TunnelState {
  readonly config: TunnelConfig;
  readonly connection: Connection;
  readonly delivery: Delivery;
  readonly calls: ReadonlyMap<number, Call>;
  readonly nextCallSerial: number;
}
