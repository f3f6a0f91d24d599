import type { DhExchange, DhGroupName } from '../crypto.ts';
import type { IkeKeys, Pair } from './keys.ts';
import type { Dialect } from './nat-traversal.ts';
import type { Reassembly } from './fragmentation.ts';
import type { Answered, Retransmission } from './retransmission.ts';
import type { PayloadOf } from './wire/index.ts';
import type {
  CertificateFacts,
  Endpoint,
  EspProposal,
  Identity,
  IkeAuthentication,
  IkeCause,
  IkeConfig,
  IkePort,
  IkeProposal,
  IkeRole,
  NatDetected,
} from './types.ts';

/** What the machine remembers. All of it is immutable; a step replaces what changes. */
export type IkeState = OpenState | { readonly at: 'closed'; readonly cause: IkeCause };

export interface OpenState {
  readonly at: 'open';
  readonly config: IkeConfig;
  /** Local names of main modes and SAs: a main mode hands its name to the SA that it becomes. */
  readonly nextId: number;
  readonly mainModes: readonly MainMode[];
  /** Established ISAKMP SAs, the newest last. */
  readonly sas: readonly IsakmpSa[];
  readonly quickModes: readonly QuickMode[];
  readonly children: readonly Child[];
  /** Children asked for while no ISAKMP SA was there. */
  readonly wanted: readonly ChildRequest[];
  readonly fragments: Reassembly;
  readonly dpd: DpdState;
  /** Why the last ISAKMP SA went, once one was there: with the last child, the machine ends for that cause. */
  readonly lastLoss: IkeCause | undefined;
  /** When something last went out on `natt`, keepalives among it. */
  readonly sentMs: number;
  /** When the peer last proved to be alive. */
  readonly heardMs: number;
}

/** Where an SA's messages go. */
export interface Path {
  readonly port: IkePort;
  readonly remote: Endpoint;
}

export interface PeerFeatures {
  readonly vendors: readonly string[];
  readonly dialect: Dialect | undefined;
  readonly deadPeerDetection: boolean;
  readonly fragmentation: boolean;
}

// ── Main mode: RFC 2409 §5.1 and §5.4, each state named by the message it waits for ──────────────────────────────────────────

interface MainModeCommon {
  readonly id: number;
  readonly cookies: Pair;
  readonly path: Path;
  readonly giveUpAtMs: number;
  /** The SA that this main mode is to succeed. */
  readonly supersedes: number | undefined;
  /** What an unauthenticated message let us guess: it only words the cause when time is up. */
  readonly hint: IkeCause | undefined;
}

interface InitiatorWaits {
  readonly role: 'initiator';
  readonly pending: Retransmission;
}

interface ResponderWaits {
  readonly role: 'responder';
  readonly answered: Answered;
}

/** From message 2 on. */
interface Agreed {
  readonly suite: IkeProposal;
  readonly authentication: IkeAuthentication;
  /** The body of the initiator's SA payload. */
  readonly offer: Uint8Array;
  readonly lifetimeSeconds: number;
  readonly features: PeerFeatures;
}

/** From message 4 on. */
interface Keyed extends Agreed {
  readonly publicValues: Pair;
  /** For the next encrypted message. */
  readonly iv: Uint8Array;
  readonly nat: NatDetected | undefined;
}

export interface CandidateKeys {
  readonly name: string | undefined;
  readonly identity: Identity | undefined;
  readonly keys: IkeKeys;
}

export type AwaitsSecond = MainModeCommon & InitiatorWaits & { readonly awaits: 2; readonly offer: Uint8Array };
export type AwaitsThird = MainModeCommon &
  ResponderWaits &
  Agreed & {
    readonly awaits: 3;
    /** Messages 3 whose public value was none: each cost an attempt at Diffie-Hellman. */
    readonly failures: number;
  };
export type AwaitsFourth = MainModeCommon &
  InitiatorWaits &
  Agreed & { readonly awaits: 4; readonly dh: DhExchange; readonly nonce: Uint8Array };
export type AwaitsFifth = MainModeCommon &
  ResponderWaits &
  Keyed & {
    readonly awaits: 5;
    /** What the SA's keys are if the peer has this pre-shared key or that; with signatures there is one possibility. */
    readonly candidates: readonly CandidateKeys[];
    /** Messages 5 that verified under none of them. */
    readonly failures: number;
  };
export type AwaitsSixth = MainModeCommon & InitiatorWaits & Keyed & { readonly awaits: 6; readonly keys: IkeKeys };
/** Message 5 or 6 was read: whether its certificate may be believed is being found out elsewhere. */
export type AwaitsVerdict = MainModeCommon & {
  readonly role: IkeRole;
  readonly awaits: 'verdict';
  /** As it was when the message came, to go on from. */
  readonly mode: AwaitsFifth | AwaitsSixth;
  readonly presented: Presented;
};
export type MainMode = AwaitsSecond | AwaitsThird | AwaitsFourth | AwaitsFifth | AwaitsSixth | AwaitsVerdict;

/** What message 5 or 6 says, with a signature that is still to be checked. */
export interface Presented {
  readonly identity: Identity;
  /** HASH_I or HASH_R: what the signature has to be of. */
  readonly hash: Uint8Array;
  readonly signature: Uint8Array;
  readonly nextIv: Uint8Array;
  readonly received: Uint8Array;
  readonly initialContact: boolean;
}

export interface IsakmpSa {
  readonly id: number;
  /** Of this end, in the main mode that made it. */
  readonly role: IkeRole;
  readonly cookies: Pair;
  readonly path: Path;
  readonly suite: IkeProposal;
  readonly authentication: IkeAuthentication;
  readonly keys: IkeKeys;
  /** The last ciphertext block of message 6: where the IVs of later exchanges come from. */
  readonly lastBlock: Uint8Array;
  readonly features: PeerFeatures;
  readonly nat: NatDetected | undefined;
  readonly remoteIdentity: Identity;
  /** That the peer proved itself by. */
  readonly certificate: CertificateFacts | undefined;
  /** Of the pre-shared key, where there were several. */
  readonly keyName: string | undefined;
  readonly lifetimeSeconds: number;
  readonly supersedes: number | undefined;
  /** Message 5 and its answer, where this end answered. */
  readonly answered: Answered | undefined;
  /** Message ids that were used, the newest last; bounded. */
  readonly messageIds: readonly number[];
  /** Of the peer's last R-U-THERE (RFC 3706 §5.4: a sequence number that does not grow is a replay). */
  readonly peerSequence: number | undefined;
  readonly rekeyAtMs: number;
  readonly expiresAtMs: number;
  /** A newer SA took over; this one only ends what it began. */
  readonly superseded: boolean;
  /** Delete it at the peer then. */
  readonly retireAtMs: number | undefined;
}

// ── Quick mode: RFC 2409 §5.5 ────────────────────────────────────────────────────────────────────────────────────────

export interface ChildRequest {
  readonly espProposals: readonly EspProposal[];
  readonly pfsGroup: DhGroupName | undefined;
  /** The inbound SPI of the child that is rekeyed. */
  readonly replaces: number | undefined;
}

interface QuickModeCommon {
  readonly messageId: number;
  /** The ISAKMP SA that protects it. */
  readonly sa: number;
  readonly iv: Uint8Array;
  readonly inboundSpi: number;
}

export type QuickMode =
  | (QuickModeCommon & {
      /** The initiator sent message 1. */
      readonly awaits: 'answer';
      readonly request: ChildRequest;
      readonly nonce: Uint8Array;
      readonly dh: DhExchange | undefined;
      readonly pending: Retransmission;
    })
  | (QuickModeCommon & {
      /** The responder sent message 2. */
      readonly awaits: 'confirmation';
      readonly nonces: Pair;
      readonly answered: Answered;
      readonly pending: Retransmission;
    })
  | (QuickModeCommon & {
      /** The initiator sent message 3; duplicates of message 2 and a late CONNECTED may come. */
      readonly awaits: 'nothing';
      readonly answered: Answered;
      readonly forgetAtMs: number;
    });

export interface Selectors {
  readonly localPort: number;
  /** 0: any. */
  readonly remotePort: number;
}

export interface ChildIdentities {
  readonly ours: PayloadOf<'identification'>;
  readonly theirs: PayloadOf<'identification'>;
}

/** A pair of IPsec SAs. */
export interface Child {
  readonly inboundSpi: number;
  readonly outboundSpi: number;
  readonly suite: EspProposal;
  readonly pfsGroup: DhGroupName | undefined;
  readonly initiatedBy: 'us' | 'peer';
  readonly replaces: number | undefined;
  /** The ports of L2TP, and the ID payloads that agreed on them: this end names them again when it renews as responder. */
  readonly selectors: Selectors;
  readonly identities: ChildIdentities | undefined;
  /** The smaller of its two nonces, by which a collision is settled. */
  readonly smallerNonce: Uint8Array;
  /** The peer has it too: it may carry our packets. */
  readonly confirmed: boolean;
  /** The peer set the commit bit: send on it when the peer says so, or then at the latest (RFC 2408 §3.1). */
  readonly useAtMs: number | undefined;
  readonly superseded: boolean;
  readonly rekeyAtMs: number;
  /** Not before, however much it carries. */
  readonly renewableAtMs: number;
  readonly expiresAtMs: number;
  /** Delete it at the peer then. */
  readonly retireAtMs: number | undefined;
}

/** RFC 3706: `sequence` is that of the last question. */
type DpdState =
  | { readonly at: 'quiet'; readonly sequence: number }
  | { readonly at: 'asking'; readonly sequence: number; readonly tries: number; readonly dueMs: number };

export const noCookie = new Uint8Array(8);

/** The SA that protects new exchanges: the newest that no other took over from. */
export function currentSa({ sas }: OpenState): IsakmpSa | undefined {
  return sas.findLast(({ superseded }) => !superseded) ?? sas.at(-1);
}
