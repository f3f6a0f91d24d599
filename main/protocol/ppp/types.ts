/** What a PPP link is told, what it answers with, and how it ends. Frames run from the PPP protocol field on. */

import type { EapMethod } from '../eap/wire/message.ts';

/** What LCP agrees on. */
export type LinkMethod = 'mschapv2' | 'chap-md5' | 'pap' | 'eap';

/** How somebody proves who they are. `eap`: by whatever a RADIUS server and the client agree on, through the host. */
export type AuthMethod = LinkMethod | EapMethod;

export interface RestartConfig {
  /** The restart timer begins here, doubles on each repetition, and stays at `maxMs` (RFC 1661 §4.6). */
  readonly firstMs: number;
  readonly maxMs: number;
  readonly maxConfigure: number;
  readonly maxTerminate: number;
  /** Configure-Naks without an Ack before options are rejected instead (RFC 1661 §4.6). */
  readonly maxFailure: number;
}

export interface EchoConfig {
  readonly intervalMs: number;
  /** Echo-Requests without any answer before the peer is taken for dead. */
  readonly failures: number;
}

interface LinkConfigCommon {
  /** Inside IPsec PAP is permissible and CCP is answered by a Protocol-Reject. */
  readonly insideIpsec: boolean;
  /** The largest packet we want to receive (MRU option). */
  readonly mruBytes: number;
  readonly ipv6: boolean;
  /** Absent: the peer's Echo-Requests are answered, none of ours are sent. */
  readonly echo?: EchoConfig;
  readonly restart: RestartConfig;
  /** How long the other side may take over one authentication: approvals on a telephone need 60 s and more. */
  readonly authenticationTimeoutMs: number;
}

/** Text goes to the wire as UTF-8, verbatim: `domain\user` and `user@realm` stay what they are. */
export interface Credentials {
  readonly userName: string;
  readonly password: string;
}

/** The LAC's side: it is authenticated and given an address. */
export interface ClientConfig extends LinkConfigCommon {
  readonly role: 'client';
  readonly credentials: Credentials;
  /** Accepted, the most wanted first. PAP and EAP-GTC, which show the password, are passed over unless `insideIpsec`. */
  readonly methods: readonly AuthMethod[];
  /** The address to ask for, dotted; absent: whatever the host gives. */
  readonly requestAddress?: string;
  readonly requestDns: boolean;
  readonly requestWins: boolean;
  /** How long a user may take over a challenge, a new password or other credentials; 0: there is no one to ask. */
  readonly userWaitMs: number;
}

/** The LNS's side: it authenticates the peer and gives addresses. */
export interface HostConfig extends LinkConfigCommon {
  readonly role: 'host';
  /** The name in CHAP challenges. */
  readonly hostName: string;
  /**
   * Offered in this order; PAP and EAP-GTC are passed over unless `insideIpsec`. Empty: the peer need not authenticate itself.
   * With `eap`, who verifies is asked first whether it answers EAP itself (`relayed`), or leaves that to the link (`own`).
   */
  readonly methods: readonly AuthMethod[];
  readonly localAddress: string;
  readonly dns: readonly string[];
  readonly wins: readonly string[];
}

export type LinkConfig = ClientConfig | HostConfig;

/** What a verifier (local store, RADIUS) needs to judge the peer. Challenges and responses are as on the wire. */
export type VerifyRequest =
  | {
      readonly method: 'pap';
      readonly userName: string;
      readonly password: Uint8Array;
      /** The user can be asked more (EAP-GTC): a verdict may be a `prompt`. */
      readonly mayPrompt?: true;
      /** The password answers an earlier `prompt`. */
      readonly token?: Token;
    }
  /** What the peer said in EAP (RFC 3748 §4), for somebody else to answer: first its identity. */
  | {
      readonly method: 'eap';
      readonly userName: string;
      readonly message: Uint8Array;
      /** The largest packet of EAP that the link carries. */
      readonly mtuBytes: number;
      /** Of the answer that it answers. */
      readonly token?: Token;
    }
  /** TLS has verified the peer's certificate, which is known by these names. */
  | { readonly method: 'eap-tls'; readonly userName: string; readonly names: readonly string[] }
  | {
      readonly method: 'chap-md5';
      readonly userName: string;
      readonly identifier: number;
      readonly challenge: Uint8Array;
      readonly response: Uint8Array;
    }
  | {
      readonly method: 'mschapv2';
      readonly userName: string;
      readonly identifier: number;
      readonly authenticatorChallenge: Uint8Array;
      readonly peerChallenge: Uint8Array;
      readonly ntResponse: Uint8Array;
    }
  | {
      /** Change-Password (RFC 2759 §7), after a verdict of 648. */
      readonly method: 'mschapv2-change';
      readonly userName: string;
      readonly identifier: number;
      readonly authenticatorChallenge: Uint8Array;
      readonly peerChallenge: Uint8Array;
      readonly ntResponse: Uint8Array;
      readonly encryptedPassword: Uint8Array;
      readonly encryptedHash: Uint8Array;
    };

/** RFC 2759 §6: restricted hours, account disabled, password expired, no permission to dial in, wrong, change failed. */
export type AuthFailureCode = 646 | 647 | 648 | 649 | 691 | 709 | 'other';

/** Belongs to whoever verifies; it goes back to it with what answers it, and never to the peer. */
export type Token =
  | { readonly by: 'radius'; readonly server: string; readonly state: Uint8Array }
  /** The password was right, the second factor is awaited; `tries`: how often it was wrong. */
  | { readonly by: 'local'; readonly tries: number };

/** What TLS has to say to the peer. */
export type TlsOutput =
  | { readonly state: 'handshaking'; readonly bytes: Uint8Array }
  /** `names`: what the peer's certificate calls it. */
  | { readonly state: 'done'; readonly bytes: Uint8Array; readonly names: readonly string[] }
  /** `by`: who would not have the other. */
  | { readonly state: 'failed'; readonly bytes: Uint8Array; readonly by: 'us' | 'peer'; readonly reason: string };

/** Neither yes nor no: there is more to be said. */
export type Further =
  | {
      readonly ok: 'further';
      readonly kind: 'prompt';
      readonly text: string;
      readonly token: Token;
    }
  /** What to say in EAP. */
  | { readonly ok: 'further'; readonly kind: 'relayed'; readonly message: Uint8Array; readonly token: Token }
  /** The link is to use its own methods of EAP. */
  | { readonly ok: 'further'; readonly kind: 'own' };

export type Verdict =
  | {
      readonly ok: true;
      readonly message?: string;
      /** MS-CHAPv2 only: the 40 hexadecimal digits that prove the verifier knows the password (RFC 2759 §8.7). */
      readonly authenticatorResponse?: string;
    }
  | {
      readonly ok: false;
      readonly code: AuthFailureCode;
      readonly message?: string;
      readonly retryAllowed: boolean;
    };

export type LinkInput =
  | { readonly kind: 'lowerUp' }
  | { readonly kind: 'lowerDown' }
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | { readonly kind: 'tick' }
  /** Traffic came through: the peer lives, whatever became of our Echo-Requests. */
  | { readonly kind: 'activity' }
  /** Says goodbye (Terminate-Request) and ends. `reason` is sent as text. */
  | { readonly kind: 'close'; readonly reason?: string }
  /** Client, after `passwordExpired`. */
  | { readonly kind: 'changePassword'; readonly newPassword: string }
  /** Client, after `credentialsRefused`: the only way by which a refused credential is followed by another try. */
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  /** Client, after `challenge`: what the user typed. */
  | { readonly kind: 'response'; readonly text: string }
  /** After `tls`. */
  | { readonly kind: 'tls'; readonly output: TlsOutput }
  /** Host, after `verify` with the same `attempt`; others are ignored. */
  | { readonly kind: 'verdict'; readonly attempt: number; readonly verdict: Verdict | Further }
  /** Host, after `addressWanted`. */
  | {
      readonly kind: 'assignAddress';
      readonly address: string;
      /** For this peer, in place of the configuration's. */
      readonly dns?: readonly string[];
      readonly wins?: readonly string[];
    }
  | { readonly kind: 'refuseAddress' };

export type LinkPhase = 'establishing' | 'authenticating' | 'network';

/** Why a link ended: a literal code and the facts. */
export type PppCause =
  | { readonly code: 'lcpTimeout'; readonly heardPeer: boolean }
  /** Our own magic number came back: the line is looped (RFC 1661 §6.4). */
  | { readonly code: 'lcpLoopback' }
  /** The peer refused the control protocol itself, or an option neither side can do without. */
  | { readonly code: 'lcpRefused' }
  /** Client: the peer asked only for methods we do not accept. Host: the peer accepts none of ours. */
  | { readonly code: 'noCommonAuthentication'; readonly offered: readonly string[] }
  | { readonly code: 'authenticationTimeout'; readonly method: AuthMethod }
  | {
      readonly code: 'authenticationRejected';
      readonly method: AuthMethod;
      readonly reason: AuthFailureCode;
      readonly message: string;
      readonly retryAllowed: boolean;
    }
  /** The peer asks the user something, and got no answer. */
  | { readonly code: 'challengeUnanswered'; readonly text: string }
  /** EAP-TLS: one side would not have the other's certificate, or they have no version or cipher in common. */
  | { readonly code: 'tlsFailed'; readonly by: 'us' | 'peer'; readonly reason: string }
  /** MS-CHAPv2: the peer does not know our password (RFC 2759 §5). */
  | { readonly code: 'serverNotAuthentic' }
  | { readonly code: 'ipcpTimeout'; readonly heardPeer: boolean }
  /** The peer has no address for us, or we (host) have none for it: an empty pool. */
  | { readonly code: 'noAddress' }
  | { readonly code: 'ipcpRefused' }
  | { readonly code: 'peerTerminated'; readonly phase: LinkPhase; readonly message: string }
  | { readonly code: 'echoTimeout'; readonly unanswered: number }
  | { readonly code: 'lowerDown' }
  | { readonly code: 'closedByUs' };

export type LinkEffect =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'lcpUp';
      /** The largest packets that the peer, and that we, want to receive. */
      readonly peerMruBytes: number;
      readonly ourMruBytes: number;
      /** What the peer accepts to receive: a compressed address and control field, a compressed protocol field. */
      readonly compressAddressControl: boolean;
      readonly compressProtocol: boolean;
      /** Ours; 0 where the peer refused magic numbers. */
      readonly magic: number;
    }
  /** Not sent where neither side asked for authentication. */
  | { readonly kind: 'authenticated'; readonly method: AuthMethod; readonly userName: string; readonly message: string }
  /** Client: E=648. Waits `userWaitMs` for `changePassword`. */
  | { readonly kind: 'passwordExpired'; readonly message: string }
  /** Client: refused, but the peer permits another try (R=1). Waits `userWaitMs` for `credentials`. */
  | { readonly kind: 'credentialsRefused'; readonly reason: AuthFailureCode; readonly message: string }
  /** Client: asks the user something. Waits `userWaitMs` for `response`. */
  | { readonly kind: 'challenge'; readonly text: string; readonly masked: boolean }
  /** Client: the peer took what proves us and has said nothing for a while: the user may have to approve elsewhere. */
  | { readonly kind: 'waiting'; readonly text: string }
  /** Client: the peer has something to say to the user. */
  | { readonly kind: 'notice'; readonly text: string }
  /** What TLS has to hear, and answer by `tls`; nothing: it begins, as the link's role. */
  | { readonly kind: 'tls'; readonly flight: Uint8Array }
  | { readonly kind: 'verify'; readonly attempt: number; readonly via: AuthMethod; readonly request: VerifyRequest }
  /** Host: give the peer an address, by `assignAddress` or `refuseAddress`. `userName` is '' without authentication. */
  | { readonly kind: 'addressWanted'; readonly userName: string }
  | {
      readonly kind: 'ipv4Up';
      readonly local: string;
      /** Absent where the peer did not say. */
      readonly remote?: string;
      readonly dns: readonly string[];
      readonly wins: readonly string[];
    }
  | { readonly kind: 'ipv4Down' }
  /** Interface identifiers, 8 bytes (RFC 5072 §4.1). */
  | { readonly kind: 'ipv6Up'; readonly localInterfaceId: Uint8Array; readonly remoteInterfaceId: Uint8Array }
  | { readonly kind: 'ipv6Down' }
  | { readonly kind: 'roundTrip'; readonly roundTripMs: number }
  /** LCP Identification or Time-Remaining text of the peer (RFC 1570). */
  | { readonly kind: 'peerIdent'; readonly text: string }
  /** It is decided, and the peer is being told; `closed` follows. */
  | { readonly kind: 'ending'; readonly cause: PppCause }
  | { readonly kind: 'closed'; readonly cause: PppCause }
  /** Something odd that was dropped or tolerated; for diagnosis only. */
  | { readonly kind: 'log'; readonly text: string };

/** 300, 600, 1200, 2400, then 3000 ms: ten requests span 22.5 s. */
export const defaultRestart: RestartConfig = {
  firstMs: 300,
  maxMs: 3000,
  maxConfigure: 10,
  maxTerminate: 2,
  maxFailure: 5,
};
