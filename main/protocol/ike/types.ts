import type { CbcName, DhGroupName, HashName, SignatureMethod, SigningKey, VerifyingKey } from '../crypto.ts';
import type { EspSuite } from '../ipsec/index.ts';
import type { EspKeys } from './keys.ts';

/**
 * What the IKEv1 machine (RFC 2407, 2408, 2409, 3947, 3706) says to and hears from its caller. One machine serves one
 * peer: all its ISAKMP SAs (main modes, their rekeys) and its children (IPsec SAs made by quick modes).
 */

export type IkeRole = 'initiator' | 'responder';

/** `address` is an IPv4 or IPv6 literal. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** `ike` carries bare IKE (port 500 at a gateway), `natt` IKE behind the non-ESP marker (4500; RFC 3948). */
export type IkePort = 'ike' | 'natt';

/** RFC 2407 §4.6.2.1. `distinguishedName`: DER. `other`: a type that this side never states itself. */
export type Identity =
  | { readonly type: 'ipv4'; readonly address: string }
  | { readonly type: 'ipv6'; readonly address: string }
  | { readonly type: 'fqdn'; readonly name: string }
  | { readonly type: 'userFqdn'; readonly name: string }
  | { readonly type: 'keyId'; readonly bytes: Uint8Array }
  | { readonly type: 'distinguishedName'; readonly der: Uint8Array }
  | { readonly type: 'other'; readonly idType: number; readonly bytes: Uint8Array };

/** Phase 1: what RFC 2409 §4 negotiates; the prf is the HMAC of the hash. */
export interface IkeProposal {
  readonly cipher: CbcName;
  readonly hash: HashName;
  readonly group: DhGroupName;
}

/** How the ends prove who they are (RFC 2409 §5.1, §5.4; RFC 4754): both in the same way. */
export type IkeAuthentication = 'psk' | SignatureMethod;

/** Phase 2: one ESP suite. */
export type EspProposal = EspSuite;
export type EspIntegrity = Exclude<EspSuite['integrity'], 'none'>;

/** A key that a peer may have. Which one it has, main mode's message 5 tells (RFC 2409 §5.4: the ID comes encrypted). */
export interface CandidateKey {
  /** For reports alone. */
  readonly name: string;
  readonly key: Uint8Array;
  /** The key counts for this identity only. */
  readonly identity?: Identity;
}

/** A certificate of this side's, and the private key that belongs to it. */
export interface OwnCertificate {
  /** Its kind is the authentication method that this certificate is for. */
  readonly key: SigningKey;
  /** DER, its own certificate first. */
  readonly chain: readonly Uint8Array[];
  /** What this side calls itself where it proves itself by this certificate. */
  readonly identity: Identity;
}

export interface CertificateConfig {
  /** In order of preference; of several for one authentication method, the first. */
  readonly own: readonly OwnCertificate[];
  /** DER of the names of the authorities that the peer is asked for a certificate of; none: of whichever it has. */
  readonly authorities: readonly Uint8Array[];
  /** How long the caller may take over `verifyPeer`. */
  readonly verdictMs: number;
}

export interface IkeConfig {
  readonly role: IkeRole;
  /**
   * Empty: none. A responder may have several: those after the 16th are not tried, so that a wrong one costs a stranger nothing
   * more.
   */
  readonly preSharedKey: Uint8Array | readonly CandidateKey[];
  /** Beside the pre-shared key or in its place. An initiator offers all that there is, certificates first. */
  readonly certificates?: CertificateConfig;
  /** With a pre-shared key. `address`: the local endpoint's address as ID_IPV4_ADDR or ID_IPV6_ADDR. */
  readonly localIdentity: Identity | 'address';
  /** `undefined`: whoever knows the pre-shared key. Of a peer with a certificate, the verdict on that says who it may be. */
  readonly expectedRemoteIdentity?: Identity;
  /** As this machine's sockets have them: NAT detection hashes them. Ports are those of the `ike` socket. */
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Local and remote ports of the `natt` socket. */
  readonly nattPorts: { readonly local: number; readonly remote: number };
  /**
   * Have ESP travel in UDP although there is no NAT. An initiator pretends to be behind one (and needs no privileged port). A
   * responder makes the peer find that the peer is, and never says that the responder itself is: Windows refuses such hosts.
   */
  readonly forceEncapsulation: boolean;
  /** In order of preference. A responder takes the first of these that the peer offers. */
  readonly ikeProposals: readonly IkeProposal[];
  readonly espProposals: readonly EspProposal[];
  /** Perfect forward secrecy of the children that this side initiates; what a peer asks for is granted from `pfsGroups`. */
  readonly pfsGroup?: DhGroupName;
  /** Groups accepted when the peer initiates a quick mode with PFS; absent: those of `ikeProposals`. */
  readonly pfsGroups?: readonly DhGroupName[];
  readonly lifetimes: {
    readonly ikeSeconds: number;
    readonly espSeconds: number;
    /** Absent: no limit by volume. */
    readonly espKilobytes?: number;
  };
  readonly dpd: DpdConfig;
  readonly retransmission: RetransmissionConfig;
  /** NAT-keepalives while nothing else was sent (RFC 3948 §4), when this side is behind a NAT or pretends to be. */
  readonly keepaliveMs: number;
  /** The UDP ports of L2TP inside the SA. As responder, `remotePort` is the peer's own choice and is ignored here. */
  readonly l2tp: { readonly localPort: number; readonly remotePort: number };
  /** Where the inbound SPIs come from: machines whose ranges do not overlap never draw the same. Absent: all numbers. */
  readonly spis?: { readonly first: number; readonly count: number };
  /** Messages above this many bytes are sent in the vendor's fragments to a peer that announced it understands them. */
  readonly fragmentation: { readonly maxBytes: number };
}

export interface DpdConfig {
  /** Ask after this long without a valid packet of the peer's. */
  readonly idleMs: number;
  readonly retryMs: number;
  /** Questions in all before the peer is dead. */
  readonly tries: number;
}

export interface RetransmissionConfig {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
  /** An exchange's message that stays unanswered this long ends it. */
  readonly giveUpMs: number;
}

export type IkeInput =
  | { readonly kind: 'start' }
  /** One datagram, without the non-ESP marker. */
  | { readonly kind: 'datagram'; readonly port: IkePort; readonly remote: Endpoint; readonly bytes: Uint8Array }
  /** At or after `ikeDeadlineMs(state)`. */
  | { readonly kind: 'tick' }
  /** Starts a quick mode; allowed once `ikeEstablished` was reported (before, it waits for it). */
  | {
      readonly kind: 'establishChild';
      readonly espProposals?: readonly EspProposal[];
      readonly pfsGroup?: DhGroupName;
    }
  /** Its volume is nearly used up, or wholly: it is renewed, unless that is under way. */
  | { readonly kind: 'childWorn'; readonly inboundSpi: number }
  /** The first valid packet arrived on this inbound SA. */
  | { readonly kind: 'childUsed'; readonly inboundSpi: number }
  | { readonly kind: 'rekeyIke' }
  /** Answers `verifyPeer`; of an exchange that waits no more, it is ignored. */
  | { readonly kind: 'peerVerdict'; readonly exchange: number; readonly verdict: PeerVerdict }
  /** Valid ESP came from the peer: it is alive. */
  | { readonly kind: 'activity' }
  /** ESP went to the peer: no keepalive is due. */
  | { readonly kind: 'sent' }
  /** The network moved under the machine (roaming) or the peer's NAT did (`pathMoved`). */
  | { readonly kind: 'remoteMoved'; readonly remote: Endpoint }
  /** Deletes everything at the peer (one try, RFC 2408 §3.15) and ends. */
  | { readonly kind: 'close' };

/** The consumer wipes them. */
export type ChildKeys = EspKeys;

export interface NatDetected {
  /** This side is behind a NAT, or pretends to be. */
  readonly local: boolean;
  readonly remote: boolean;
}

export interface NatOriginalAddresses {
  readonly initiator?: string;
  readonly responder?: string;
}

/** As the peer sent it (RFC 2408 §3.9): one certificate in DER, or several in a SignedData of PKCS #7 (RFC 2315). */
export interface PresentedCertificate {
  readonly encoding: 'x509' | 'pkcs7';
  readonly data: Uint8Array;
}

/** Of an accepted certificate, for reports. */
export interface CertificateFacts {
  /** SHA-256 of it, in hexadecimal. */
  readonly fingerprint: string;
  readonly subject: string;
  /** Those of the subject, without whatever else it says. */
  readonly commonNames: readonly string[];
  readonly issuer: string;
  /** Its alternative names. */
  readonly names: readonly string[];
  /** An instant of ISO 8601. */
  readonly notAfter: string;
}

export type PeerVerdict =
  | { readonly ok: true; readonly publicKey: VerifyingKey; readonly certificate: CertificateFacts }
  | {
      readonly ok: false;
      readonly reason: CertificateFault;
      /** The certificate that it is about, and the rest of a sentence that begins with it. */
      readonly subject: string;
      readonly detail: string;
    };

/** Why a peer's certificate is not believed. */
export type CertificateFault =
  | 'malformed'
  | 'unknownAuthority'
  | 'weak'
  | 'notYetValid'
  | 'expired'
  | 'wrongUsage'
  | 'wrongName'
  | 'revoked'
  | 'revocationUnknown'
  /** Its key is of another kind than was agreed on. */
  | 'wrongKey';

export type IkeEffect =
  | { readonly kind: 'send'; readonly port: IkePort; readonly remote: Endpoint; readonly bytes: Uint8Array }
  /**
   * Whether the peer's certificate may be believed: answered by `peerVerdict`, before the exchange's time is up. Its signature
   * is not checked yet, so that nothing here is known to be the peer's.
   */
  | {
      readonly kind: 'verifyPeer';
      readonly exchange: number;
      /** Its own one first; at least one, bounded in number and bytes. */
      readonly certificates: readonly PresentedCertificate[];
      /** What the peer calls itself: its certificate has to say so too (RFC 4945 §3.1). */
      readonly identity: Identity;
    }
  /** One byte 0xff on the `natt` socket. */
  | { readonly kind: 'keepalive'; readonly remote: Endpoint }
  | {
      readonly kind: 'ikeEstablished';
      readonly suite: IkeProposal;
      readonly authentication: IkeAuthentication;
      readonly remoteIdentity: Identity;
      /** That the peer proved itself by. */
      readonly certificate?: CertificateFacts;
      /** Of the pre-shared key that the peer knew, where there were several. */
      readonly preSharedKeyName?: string;
      readonly natDetected: NatDetected;
      readonly encapsulation: 'udp' | 'none';
      /** Names of the vendor ids that were recognised, in hexadecimal where they were not. */
      readonly remoteVendors: readonly string[];
      readonly lifetimeSeconds: number;
      /** A rekey: the children hang on the new SA. */
      readonly rekey: boolean;
      /** The peer says that it remembers nothing of earlier SAs (RFC 2407 §4.6.3.3). */
      readonly initialContact: boolean;
    }
  /** The same, said after the SA was established. */
  | { readonly kind: 'initialContact' }
  /** The exchange moved to the `natt` socket (RFC 3947 §4). */
  | { readonly kind: 'switchToNatt'; readonly remote: Endpoint }
  /** Receive on it from now on; send on it after `useChild`. */
  | {
      readonly kind: 'childEstablished';
      readonly inboundSpi: number;
      readonly outboundSpi: number;
      readonly suite: EspProposal;
      readonly inboundKeys: ChildKeys;
      readonly outboundKeys: ChildKeys;
      readonly lifetimeSeconds: number;
      readonly lifetimeKilobytes?: number;
      readonly selectors: { readonly localPort: number; readonly remotePort: number };
      readonly encapsulation: 'udp' | 'none';
      readonly initiatedBy: 'us' | 'peer';
      /** The inbound SPI of the child that this one succeeds. */
      readonly replaces?: number;
      readonly natOriginalAddresses: NatOriginalAddresses;
    }
  /** Send by this SA from now on (make before break). */
  | { readonly kind: 'useChild'; readonly inboundSpi: number; readonly outboundSpi: number }
  | { readonly kind: 'childClosed'; readonly inboundSpi: number; readonly cause: ChildCause }
  /** A quick mode of ours ended without a child; the caller may try the next proposals. Rekeys are tried again by themselves. */
  | { readonly kind: 'childFailed'; readonly replaces?: number; readonly cause: IkeCause }
  /** From a request that was sent once to its answer (Karn): a first estimate for the timers above. */
  | { readonly kind: 'roundTrip'; readonly roundTripMs: number }
  | { readonly kind: 'closed'; readonly cause: IkeCause }
  | { readonly kind: 'log'; readonly event: IkeLogEvent; readonly facts: Readonly<Record<string, string | number>> };

export type IkePhase = 1 | 2;

export type IkeCause =
  /** Nothing at all came back to the first message. */
  | { readonly code: 'noResponse' }
  | { readonly code: 'phase1Timeout'; readonly awaiting: string }
  | { readonly code: 'phase2Timeout' }
  /** `offered` is what the refused side offered, strongest first, in words. */
  | { readonly code: 'noProposalChosen'; readonly phase: IkePhase; readonly offered: readonly string[] }
  /** Messages 5 or 6 could not be read or did not verify, or only silence followed message 5. */
  | {
      readonly code: 'authenticationFailed';
      readonly authentication: IkeAuthentication;
      readonly evidence: 'undecryptable' | 'hashMismatch' | 'notify' | 'silence';
      /** What the peer's notification is called, where one is the evidence. */
      readonly notification?: string;
    }
  | {
      readonly code: 'certificateRejected';
      /** `missing`: it sent none. `badSignature`: its signature is not of the certificate's key. `timeout`: no verdict came. */
      readonly reason: CertificateFault | 'missing' | 'badSignature' | 'timeout';
      readonly subject: string;
      readonly detail: string;
    }
  | { readonly code: 'identityMismatch'; readonly claimed: Identity; readonly expected: Identity }
  | { readonly code: 'invalidIdInformation'; readonly phase: IkePhase }
  | { readonly code: 'natTraversalUnsupported' }
  | { readonly code: 'peerDeleted' }
  | { readonly code: 'deadPeer' }
  | { readonly code: 'peerNotify'; readonly phase: IkePhase; readonly name: string }
  | { readonly code: 'malformed'; readonly phase: IkePhase; readonly detail: string }
  | { readonly code: 'aggressiveModeRefused' }
  | { readonly code: 'lifetimeExpired' }
  | { readonly code: 'closedByUs' };

export type ChildCause =
  | 'replaced' // a rekey put another in its place
  | 'redundant' // both ends rekeyed at once; the other child stays
  | 'peerDeleted'
  | 'lifetimeExpired'
  | 'initialContact' // the peer forgot it
  | 'unconfirmed' // the peer never finished its quick mode
  | 'ikeClosed' // with the whole machine; its `closed` says why
  | 'closedByUs';

export type IkeLogEvent =
  | 'ike.messageDropped' // reason
  | 'ike.unauthenticatedNotify' // name: a hint at most
  | 'ike.notify' // name
  | 'ike.aggressiveModeRefused'
  | 'ike.mainModeFailed' // cause: a renewal, or a stranger's attempt
  | 'ike.quickModeRefused' // reason, offered
  | 'ike.retransmit' // exchange, attempt
  | 'ike.duplicate' // exchange
  | 'ike.natMoved' // address, port
  | 'ike.rekey' // phase
  | 'ike.collision' // phase, kept
  | 'ike.deleted'; // what
