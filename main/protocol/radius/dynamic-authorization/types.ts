import type { ReplyPolicy } from '../policy/policy.ts';
import type { ErrorCause } from '../numbers.ts';
import type { NasIdentity } from '../session.ts';
import type { Ipv6Prefix } from '../wire/values.ts';

/** Who may ask; a request from any other address is dropped unread. */
export interface DynamicAuthorizationClient {
  readonly name: string;
  readonly address: string;
  readonly secret: Uint8Array;
}

export interface DynamicAuthorizationConfig {
  readonly clients: readonly DynamicAuthorizationClient[];
  readonly nas: NasIdentity;
  /** How far the Event-Timestamp of a request may be off (RFC 5176 §6.3). */
  readonly windowSeconds: number;
  /**
   * Drops requests without an Event-Timestamp. Without this an old request that was overheard can be repeated once the
   * window is over.
   */
  readonly requireEventTimestamp: boolean;
  /** Drops requests without a Message-Authenticator; one that is there is checked anyway. */
  readonly requireMessageAuthenticator: boolean;
  /** Requests remembered within the window; further ones are refused. */
  readonly mostRemembered: number;
}

export const dynamicAuthorizationDefaults = {
  windowSeconds: 300,
  requireEventTimestamp: true,
  requireMessageAuthenticator: false,
  mostRemembered: 4096,
} as const satisfies Partial<DynamicAuthorizationConfig>;

/** RFC 5176 §3: what says which sessions are meant. A session is meant where all that is given fits it; never empty. */
export interface SessionSelector {
  readonly userName?: string;
  readonly sessionId?: string;
  readonly multiSessionId?: string;
  readonly nasPort?: number;
  readonly nasPortId?: string;
  readonly framedAddress?: string;
  readonly framedIpv6Prefix?: readonly Ipv6Prefix[];
  readonly framedInterfaceId?: Uint8Array;
  readonly callingStationId?: string;
  readonly calledStationId?: string;
  readonly chargeableUserIdentity?: Uint8Array;
}

export type DynamicAuthorizationRequest = {
  /** To be given back with the answer. */
  readonly request: number;
  readonly client: string;
  readonly selector: SessionSelector;
} & (
  | { readonly action: 'disconnect' }
  /** Replaces what the policy says; what it does not say stays. */
  | { readonly action: 'change'; readonly policy: ReplyPolicy }
);

export type DynamicAuthorizationAnswer =
  { readonly ok: true } | { readonly ok: false; readonly errorCause: ErrorCause };

export interface Sender {
  readonly address: string;
  readonly port: number;
}

export type DynamicAuthorizationInput =
  | { readonly kind: 'datagram'; readonly from: Sender; readonly bytes: Uint8Array }
  /** Of a request that is not remembered any more: ignored. */
  | { readonly kind: 'answer'; readonly request: number; readonly answer: DynamicAuthorizationAnswer }
  | { readonly kind: 'tick' };

export type DynamicAuthorizationEffect =
  | ({ readonly kind: 'request' } & DynamicAuthorizationRequest)
  | { readonly kind: 'send'; readonly to: Sender; readonly bytes: Uint8Array }
  /** Something that was dropped or refused; for diagnosis only. */
  | { readonly kind: 'log'; readonly text: string };
