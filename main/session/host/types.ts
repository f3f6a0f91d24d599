import type { DatapathCommand, DatapathEvent, DatapathRequest } from '../../contracts/helper.ts';
import type { SessionPolicy } from '../../contracts/session-policy.ts';
import type {
  CandidateKey,
  CertificateConfig,
  CertificateFacts,
  DpdConfig,
  Endpoint,
  GateConfig,
  IkeCause,
  IkeConfig,
  IkeEffect,
  Identity,
  PeerVerdict,
} from '../../protocol/ike/index.ts';
import type {
  AuthFailureCode,
  AuthMethod,
  HostConfig as LinkConfig,
  PppCause,
  Further,
  TlsOutput,
  Verdict,
  VerifyRequest,
} from '../../protocol/ppp/index.ts';
import type { ProposalStage } from '../proposals.ts';
import type { ClientKind } from './client-kind.ts';

/** What the host (LNS) for any number of peers is told, asks for and says. Peers, paths and sessions go by numbers of its own. */

export interface HostKey extends CandidateKey {
  /** Only for peers from these networks (CIDR); absent: from anywhere. Keys for a peer's network are tried first. */
  readonly from?: readonly string[];
}

/** For clients that prove themselves by certificates. */
export interface HostCertificates extends Omit<CertificateConfig, 'verdictMs'> {
  /** Stands for all that the judgement of a certificate depends on: where it changes, who came by one is judged again. */
  readonly judgedBy: string;
}

export interface HostLimits {
  /** Those with a user stay; of the others, the oldest gives way. */
  readonly peers: number;
  /** Peers whose phase 1 is under way: in all, and from one address. The oldest gives way. */
  readonly halfOpen: number;
  readonly halfOpenPerSource: number;
  readonly tunnelsPerPeer: number;
  readonly sessionsPerTunnel: number;
  readonly allowances: GateConfig['allowances'];
}

export const defaultLimits: HostLimits = {
  peers: 4096,
  halfOpen: 1024,
  halfOpenPerSource: 256,
  tunnelsPerPeer: 4,
  sessionsPerTunnel: 4,
  // An office behind one NAT dials again all at once.
  allowances: { answers: { burst: 1024, perSecond: 256 }, admissions: { burst: 512, perSecond: 64 } },
};

export interface HostConfig {
  /** As L2TP and CHAP say it. */
  readonly name: string;
  /** As this machine's own sockets have it; a router in front may forward the ports. */
  readonly local: { readonly address: string; readonly ikePort: number; readonly nattPort: number };
  /** `address`: the local one. Behind a port forward, name the public address: some clients insist on it. */
  readonly identity: Identity | 'address';
  readonly preSharedKeys: readonly HostKey[];
  readonly certificates?: HostCertificates;
  /** In the host's order of preference (`hostProposals`). */
  readonly proposals: ProposalStage;
  readonly lifetimes: IkeConfig['lifetimes'];
  readonly deadPeerDetection: DpdConfig;
  readonly fragmentBytes: number;
  readonly limits: HostLimits;
  readonly l2tp: { readonly helloMs: number; readonly secret?: Uint8Array };
  readonly ppp: Pick<
    LinkConfig,
    'methods' | 'localAddress' | 'dns' | 'wins' | 'mruBytes' | 'ipv6' | 'echo' | 'authenticationTimeoutMs'
  >;
}

export interface SessionCounters {
  readonly receivedPackets: bigint;
  readonly receivedBytes: bigint;
  readonly sentPackets: bigint;
  readonly sentBytes: bigint;
}

export const nothingCounted: SessionCounters = {
  receivedPackets: 0n,
  receivedBytes: 0n,
  sentPackets: 0n,
  sentBytes: 0n,
};

export type HostInput =
  | { readonly kind: 'datapathEvent'; readonly event: DatapathEvent; readonly attachment: Uint8Array }
  /** The datapath would not do what was asked for a path or a session: it ends. */
  | { readonly kind: 'datapathRefused'; readonly path?: number; readonly session?: number; readonly reason: string }
  /** Answers `authenticate`; of an attempt that nobody awaits any more, it is ignored. */
  | ({ readonly kind: 'verdict'; readonly session: number; readonly attempt: number } & (
      | { readonly verdict: Extract<Verdict, { ok: true }>; readonly policy: SessionPolicy }
      | { readonly verdict: Extract<Verdict, { ok: false }> | Further }
    ))
  /** Answers `tls`. */
  | { readonly kind: 'tls'; readonly session: number; readonly output: TlsOutput }
  /** Answers `verifyPeer`; of a peer that is gone, it is ignored. */
  | { readonly kind: 'peerVerdict'; readonly peer: number; readonly exchange: number; readonly verdict: PeerVerdict }
  /** Holds from now on: time-outs (both count from where they did), and `applyPolicy` again. The address and the MTU stay. */
  | { readonly kind: 'changePolicy'; readonly session: number; readonly policy: SessionPolicy }
  /** Answers `wantAddress`; without an address, there is none. The prefix is a /64, which is then advertised to the client. */
  | { readonly kind: 'address'; readonly session: number; readonly address?: string; readonly ipv6Prefix?: string }
  /** All counters of the datapath, now and then: who was heard lives, who is idle ends. */
  | { readonly kind: 'counters'; readonly sessions: ReadonlyMap<number, SessionCounters> }
  | {
      readonly kind: 'disconnect';
      readonly who: { readonly session: number } | { readonly user: string } | 'everybody';
      readonly cause: EndCause;
    }
  /** Asks about the certificates of all peers again: whose is revoked or over meanwhile, goes. */
  | { readonly kind: 'judgeAgain' }
  /**
   * For who comes from now on. Those stay who are not concerned: whose pre-shared key is the same as before, or whose
   * certificate is still believed.
   */
  | { readonly kind: 'configure'; readonly config: HostConfig }
  | { readonly kind: 'tick' };

/** Why somebody here wants a session to end. */
export type EndCause = Extract<
  EndCode,
  | 'administrator'
  | 'shutdown'
  | 'sessionTimeout'
  | 'reconfigured'
  | 'serverRequest'
  | 'displaced'
  | 'hoursEnded'
  | 'accountClosed'
  | 'noAddress'
>;

/** Why a session is over, in the words of RADIUS's Acct-Terminate-Cause where it has one (RFC 2866 §5.10). */
export type EndCode =
  | 'userRequest' // the peer said goodbye
  | 'peerLost' // it fell silent
  | 'idleTimeout'
  | 'sessionTimeout'
  | 'administrator'
  | 'shutdown'
  | 'replaced' // the same user began anew from the same machine
  | 'displaced' // the same user began another, and may have no more
  | 'serverRequest' // a RADIUS server asked for it
  | 'hoursEnded' // the hours in which the user may be connected, or the account's time
  | 'accountClosed' // the user was disabled or removed
  | 'certificateEnded' // the client's was revoked, or is over
  | 'reconfigured'
  | 'protocolError'
  | 'datapathRefused'
  | 'authenticationFailed'
  | 'noAddress';

export interface SessionEnd {
  readonly code: EndCode;
  /** The protocol's literal cause, or words. */
  readonly detail: string;
  /** Where it was PPP that ended. */
  readonly ppp?: PppCause['code'];
}

/** What is known of a session, for whom it is asked about: the authenticator, accounting, the table of sessions. */
export interface SessionFacts {
  readonly session: number;
  readonly peer: number;
  /** Where its packets come from, behind a NAT or not; whoever has an SA may write any sender on them (RFC 3947 §7). */
  readonly remote: Endpoint;
  /** Where it was when it came: phase 1's cookie went there and back. */
  readonly provenAddress: string;
  /** The peer's address on its own side of the NAT. */
  readonly innerAddress?: string;
  readonly identity: string;
  readonly preSharedKey?: string;
  /** That it proved itself by. */
  readonly certificate?: CertificateFacts;
  readonly ikeSuite: string;
  readonly espSuite: string;
  /** What the peer calls itself in L2TP. */
  readonly hostName: string;
  readonly client: ClientKind;
  readonly startedMs: number;
}

export type HostFact =
  /** Phase 1 came to nothing. One a second and source at most. */
  | {
      readonly fact: 'peerRefused';
      readonly remote: Endpoint;
      readonly code: IkeCause['code'];
      /** What is wrong with its certificate, where that is why. */
      readonly rejection?: Extract<IkeCause, { code: 'certificateRejected' }>['reason'];
      readonly detail: string;
    }
  | {
      readonly fact: 'peerUp';
      readonly peer: number;
      readonly remote: Endpoint;
      readonly identity: string;
      readonly preSharedKey?: string;
      readonly certificate?: CertificateFacts;
      readonly ikeSuite: string;
      readonly vendors: readonly string[];
    }
  | { readonly fact: 'peerDown'; readonly peer: number; readonly remote: Endpoint; readonly code: string }
  | { readonly fact: 'authenticated'; readonly about: SessionFacts; readonly user: string; readonly method: AuthMethod }
  | {
      readonly fact: 'authenticationFailed';
      readonly about: SessionFacts;
      readonly user: string;
      readonly method: AuthMethod;
      readonly code: AuthFailureCode;
    }
  /** It ended before its user was online. */
  | { readonly fact: 'attemptEnded'; readonly about: SessionFacts; readonly user: string; readonly end: SessionEnd };

type RequestBody<Request> = Request extends unknown ? Omit<Request, 'id'> : never;

export type HostEffect =
  | { readonly kind: 'datapath'; readonly request: RequestBody<DatapathRequest>; readonly attachment?: Uint8Array }
  | { readonly kind: 'command'; readonly command: DatapathCommand; readonly attachment?: Uint8Array }
  /** Answered by `verdict`. The user's name is verbatim (field note 16). */
  | {
      readonly kind: 'authenticate';
      readonly session: number;
      readonly attempt: number;
      readonly method: AuthMethod;
      readonly request: VerifyRequest;
      readonly about: SessionFacts;
      /** Sessions of this user's that end by themselves if the verdict is yes: the same client's, from before it began anew. */
      readonly replaces: readonly number[];
    }
  /** What the server of EAP-TLS has to hear. Answered by `tls`. */
  | { readonly kind: 'tls'; readonly session: number; readonly flight: Uint8Array }
  /** Whether a client's certificate may be believed: answered by `peerVerdict`. */
  | ({ readonly kind: 'verifyPeer'; readonly peer: number } & Omit<Extract<IkeEffect, { kind: 'verifyPeer' }>, 'kind'>)
  /** Answered by `address`. After a renegotiation it comes again: the same user keeps the address. */
  | {
      readonly kind: 'wantAddress';
      readonly session: number;
      readonly user: string;
      readonly policy: SessionPolicy;
      readonly about: SessionFacts;
    }
  /** The session may carry packets: to be enforced from now on, and again where the address changed. */
  | {
      readonly kind: 'applyPolicy';
      readonly session: number;
      readonly address: string;
      readonly mtuBytes: number;
      readonly policy: SessionPolicy;
    }
  | {
      readonly kind: 'sessionStarted';
      readonly user: string;
      readonly method: AuthMethod | undefined;
      readonly address: string;
      readonly mtuBytes: number;
      readonly policy: SessionPolicy;
      readonly about: SessionFacts;
    }
  /** Exactly once for each that started. What was asked for it (addresses, rules) is free again. */
  | {
      readonly kind: 'sessionEnded';
      readonly user: string;
      readonly address: string;
      readonly end: SessionEnd;
      readonly lastedMs: number;
      /** As the datapath last counted; `undefined`: it never did. */
      readonly totals: SessionCounters | undefined;
      readonly about: SessionFacts;
    }
  /** An address that was asked for is of no use: the session ended before it was online. */
  | { readonly kind: 'addressUnused'; readonly session: number }
  | { readonly kind: 'fact'; readonly fact: HostFact }
  /** For the log alone. */
  | {
      readonly kind: 'log';
      readonly source: 'ike' | 'l2tp' | 'ppp' | 'host';
      readonly peer: number;
      readonly text: string;
    };
