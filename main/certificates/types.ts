import type { KeyObject } from 'node:crypto';
import type {
  CertificateFault,
  CertificateIdentity,
  CertificateSummary,
  OwnCertificateFault,
  RevocationPolicy,
} from '../contracts/certificates.ts';
import type { Secret } from '../contracts/secret.ts';

/** Whom a peer's certificate has to be of. */
export interface ExpectedPeer {
  /** What the peer is to us: a gateway's certificate is not good for a client, unless it says that it is. */
  readonly role: 'gateway' | 'client';
  /** What the peer calls itself in IKE (the ID payload): its certificate has to say so too (RFC 4945 §3.1). */
  readonly claimed?: CertificateIdentity;
  /** The one that the profile pins. */
  readonly identity?: CertificateIdentity;
  /**
   * Where nothing is pinned: names and addresses by which the gateway is known to the user, one of which the certificate has to
   * hold. Empty for clients: any certificate of the authority.
   */
  readonly names: readonly string[];
}

/** Whose certificates are believed, and how. Certificates and lists are DER. */
export interface TrustSettings {
  /** Authorities; a peer's own certificate among them is believed as it is. */
  readonly authorities: readonly Uint8Array[];
  /** Intermediate authorities that peers forget to send. Believed only through `authorities`. */
  readonly intermediates: readonly Uint8Array[];
  /** Signatures with SHA-1 below the authority, for old gateways. */
  readonly allowSha1: boolean;
  readonly revocation: {
    readonly policy: RevocationPolicy;
    /** Revocation lists from files. */
    readonly lists: readonly Uint8Array[];
    /** Asks the responders and distribution points that verified certificates name; absent: nobody is asked. */
    readonly online?: RevocationSources;
  };
}

/** What is had over the network, and kept until it is old. Neither rejects: `undefined` where there is no answer. */
export interface RevocationSources {
  /** A certificate revocation list (RFC 5280), DER. */
  fetchList(url: string, nowMs: number): Promise<Uint8Array | undefined>;
  /** An OCSP response (RFC 6960), DER, to a request, DER. */
  askResponder(url: string, request: Uint8Array, nowMs: number): Promise<Uint8Array | undefined>;
  /** How long an answer that was had here may be used, once it is known to be a good one. */
  keep(answer: Uint8Array, untilMs: number): void;
}

export type PeerVerdict =
  | {
      readonly ok: true;
      /** RSA or EC: what the peer's signature has to verify with. */
      readonly publicKey: KeyObject;
      readonly certificate: CertificateSummary;
    }
  | {
      readonly ok: false;
      readonly reason: CertificateFault;
      /** The certificate that it is about, as it can be read; empty where it cannot. */
      readonly subject: string;
      /** The rest of a sentence that begins with the certificate, such as `ended on 2026-01-31`. Printable. */
      readonly detail: string;
    };

/** Where a certificate of one's own is. PEM's certificate file holds the chain, its own certificate first. */
export type OwnCertificateSource =
  | { readonly kind: 'pkcs12'; readonly file: string; readonly passphrase?: Secret<string> }
  | {
      readonly kind: 'pem';
      readonly certificateFile: string;
      readonly keyFile: string;
      readonly passphrase?: Secret<string>;
    };

export interface OwnCertificate {
  /** DER, its own certificate first, without the self-signed authority at the end. */
  readonly chain: readonly Uint8Array[];
  readonly key: KeyObject;
  /** DER of the subject, for IKE's ID payload. */
  readonly subject: Uint8Array;
  /** DER of the issuers' names, from the certificate's own up: what a gateway's request for certificates asks for. */
  readonly issuers: readonly Uint8Array[];
  readonly summary: CertificateSummary;
}

export type OwnCertificateResult =
  | { readonly ok: true; readonly own: OwnCertificate }
  | {
      readonly ok: false;
      readonly reason: OwnCertificateFault;
      readonly file: string;
      /** What the operating system or the format says, for people. */
      readonly detail: string;
    };
