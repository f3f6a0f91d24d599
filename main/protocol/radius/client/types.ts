import type { VerifyRequest } from '../../ppp/index.ts';
import type { MsChapFailure } from '../../ppp/auth/chap.ts';
import type { AccountingRecord } from '../accounting.ts';
import type { ReplyPolicy } from '../policy/policy.ts';
import type { NasIdentity, SessionFacts } from '../session.ts';

export type Purpose = 'authentication' | 'accounting';

export interface Retransmission {
  /** The first wait; each further one is twice as long, up to `maxMs`, and up to a tenth off (RFC 5080 §2.2.1). */
  readonly firstMs: number;
  readonly maxMs: number;
  /** How often a request is sent to one server. */
  readonly sends: number;
}

export interface RadiusServer {
  /** Unique within its list. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly secret: Uint8Array;
  /** Where this server may take longer, as one that asks a telephone. */
  readonly retransmission?: Retransmission;
}

export interface RadiusConfig {
  /** Each list in the order in which its servers are preferred. */
  readonly servers: Readonly<Record<Purpose, readonly RadiusServer[]>>;
  readonly nas: NasIdentity;
  readonly retransmission: Retransmission;
  /** How long a server that did not answer is passed over while another is alive. */
  readonly deadTimeMs: number;
  readonly limits: RadiusLimits;
  /** How long accounting rests after no server took a record. */
  readonly accountingRetryMs: number;
}

export interface RadiusLimits {
  /** Each carries 256 requests at a time (RFC 2865 §3). */
  readonly socketsPerServer: number;
  /** Requests that wait for an identifier; further ones pass the server over. */
  readonly waiting: number;
  /** Accounting records under way at once. */
  readonly accountingInFlight: number;
  /** Accounting records that wait; beyond it the oldest interim ones are lost, then the oldest. */
  readonly accountingQueue: number;
}

export const radiusDefaults = {
  retransmission: { firstMs: 2000, maxMs: 8000, sends: 3 },
  deadTimeMs: 60_000,
  accountingRetryMs: 10_000,
  limits: { socketsPerServer: 4, waiting: 1024, accountingInFlight: 64, accountingQueue: 10_000 },
} as const satisfies Partial<RadiusConfig>;

/** One of the sockets towards one server: opened when first sent through, and connected to the server's address. */
export interface Channel {
  readonly purpose: Purpose;
  /** Place in the list of the configuration. */
  readonly server: number;
  readonly socket: number;
}

export interface AuthenticationRequest {
  readonly credentials: VerifyRequest;
  readonly session: SessionFacts;
  /** Answers a `challenged` outcome: goes to the server that asked. */
  readonly challenge?: { readonly server: string; readonly state: Uint8Array };
}

export type RadiusInput =
  /** `request` is the caller's and comes back with the outcome; one that is under way is ignored. */
  | ({ readonly kind: 'authenticate'; readonly request: number } & AuthenticationRequest)
  /** The user hung up: the outcome is `cancelled`. */
  | { readonly kind: 'cancel'; readonly request: number }
  | { readonly kind: 'account'; readonly record: AccountingRecord }
  | { readonly kind: 'datagram'; readonly channel: Channel; readonly bytes: Uint8Array }
  /** An ICMP error came back, or the system had no route. */
  | { readonly kind: 'sendFailed'; readonly channel: Channel; readonly cause: 'refused' | 'unreachable' }
  | { readonly kind: 'tick' };

/** What stood between us and a server's answer. */
export type ServerTrouble =
  /** Nothing came: dead, hanging, or it drops what it cannot verify, as one that does not know our address or secret. */
  | { readonly code: 'noAnswer'; readonly sends: number }
  | { readonly code: 'refused' }
  | { readonly code: 'unreachable' }
  /** Answers came that our secret did not make: the secrets differ, or somebody forges. */
  | { readonly code: 'wrongSecret' }
  /** Answers came without a Message-Authenticator, which anyone on the way could have altered (CVE-2024-3596). */
  | { readonly code: 'unsigned' }
  | { readonly code: 'malformed'; readonly what: string }
  /** It has as many requests before it as our sockets can tell apart. */
  | { readonly code: 'busy' };

export interface ServerFailure {
  readonly server: string;
  readonly trouble: ServerTrouble;
}

export type AuthenticationOutcome =
  | {
      readonly kind: 'accepted';
      readonly server: string;
      readonly policy: ReplyPolicy;
      /** MS-CHAPv2: the 40 hexadecimal digits that prove that the server knows the password. */
      readonly authenticatorResponse: string | undefined;
    }
  | {
      readonly kind: 'rejected';
      readonly server: string;
      readonly message: string;
      /** MS-CHAPv2, where the server says more than no. */
      readonly msChap: MsChapFailure | undefined;
      /** The server accepted, for a service that is not framed PPP (RFC 2865 §5.6). */
      readonly otherService?: number;
    }
  | {
      readonly kind: 'challenged';
      readonly server: string;
      readonly state: Uint8Array;
      readonly message: string;
      /** Whether the answer may be shown while it is typed. */
      readonly echo: boolean;
      /** How long the server waits for the answer. */
      readonly timeoutSeconds: number | undefined;
      /** What it says in EAP, where it was spoken to in EAP. */
      readonly eap: Uint8Array | undefined;
    }
  | { readonly kind: 'noServer'; readonly failures: readonly ServerFailure[] }
  /** What the user sent does not fit RADIUS: a password above 128 bytes, a name above 253. */
  | { readonly kind: 'unsendable'; readonly what: string }
  | { readonly kind: 'cancelled' };

export type RadiusEffect =
  | { readonly kind: 'send'; readonly channel: Channel; readonly bytes: Uint8Array }
  | { readonly kind: 'outcome'; readonly request: number; readonly outcome: AuthenticationOutcome }
  | { readonly kind: 'accounted'; readonly record: AccountingRecord; readonly server: string }
  /** Refused by every server for now; it stays in the queue. */
  | {
      readonly kind: 'accountingDelayed';
      readonly record: AccountingRecord;
      readonly failures: readonly ServerFailure[];
    }
  | { readonly kind: 'accountingLost'; readonly record: AccountingRecord; readonly cause: AccountingLoss }
  | { readonly kind: 'serverDown'; readonly purpose: Purpose; readonly server: string; readonly trouble: ServerTrouble }
  | { readonly kind: 'serverUp'; readonly purpose: Purpose; readonly server: string }
  /** Something odd that was dropped; for diagnosis only. */
  | { readonly kind: 'log'; readonly text: string };

export type AccountingLoss = 'queueFull' | 'unsendable';
