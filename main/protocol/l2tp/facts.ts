/** Counted since the call began (RFC 2661 §4.4.6). */
export interface WanErrors {
  readonly crcErrors: number;
  readonly framingErrors: number;
  readonly hardwareOverruns: number;
  readonly bufferOverruns: number;
  readonly timeouts: number;
  readonly alignmentErrors: number;
}

export interface ResultFacts {
  /** As in RFC 2661 §4.4.2; byte order put right where an Apple client swapped it. */
  readonly resultCode: number;
  readonly errorCode?: number;
  readonly message?: string;
}

/** Why a tunnel or a call ended: a literal code and its facts. */
export type L2tpCause =
  /** Nothing that answers our opening message came at all. */
  | { readonly code: 'noResponse'; readonly waitedMs: number }
  /** The peer answered earlier, then left this message unacknowledged. */
  | { readonly code: 'retransmissionsExhausted'; readonly message: string; readonly tries: number }
  /** A Hello stayed unanswered, and no data came either. */
  | { readonly code: 'deadPeer'; readonly tries: number }
  /** The peer sent StopCCN. */
  | ({ readonly code: 'stopped' } & ResultFacts)
  /** The peer sent CDN before the call was up. */
  | ({ readonly code: 'callRefused' } & ResultFacts)
  /** The peer sent CDN to a call that was up. */
  | ({ readonly code: 'callEnded' } & ResultFacts)
  | {
      readonly code: 'tunnelAuthenticationFailed';
      /** `noSecret`: the peer asks for a secret and none is configured; else what the peer's proof was. */
      readonly reason: 'noSecret' | 'noProof' | 'wrongProof' | 'unreadableHiddenAvp';
    }
  /** The peer speaks L2F (1), L2TPv3 (3) or another protocol version. */
  | { readonly code: 'versionMismatch'; readonly version: number }
  | { readonly code: 'protocolError'; readonly what: string }
  /** A call that is not the tunnel's fault ended with it. */
  | { readonly code: 'tunnelClosed'; readonly cause: L2tpCause }
  /** The peer stays in contact and does not bring the tunnel or call up. */
  | { readonly code: 'setupTimedOut'; readonly waitedFor: string }
  | { readonly code: 'closedByUs' }
  /** More calls than `maxSessions`, or a peer that makes us queue without end. */
  | { readonly code: 'limit'; readonly what: 'sessions' | 'queue' };

export interface PeerFacts {
  readonly remoteTunnelId: number;
  readonly remoteHostName: string;
  readonly remoteVendor?: string;
  readonly remoteFirmware?: number;
  /** How many control messages the peer takes at once. */
  readonly remoteWindow: number;
}

export interface CallFacts {
  readonly localSessionId: number;
  readonly remoteSessionId: number;
  readonly direction: 'incoming' | 'outgoing';
  readonly callSerial: number;
  /** Put Ns/Nr on data packets: either end asked for it. */
  readonly sequencing: boolean;
  readonly framingType?: number;
  readonly transmitBitsPerSecond?: number;
  readonly receiveBitsPerSecond?: number;
}
