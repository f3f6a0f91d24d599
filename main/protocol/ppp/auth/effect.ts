import type { Packet } from '../packet.ts';
import type {
  AuthFailureCode,
  AuthMethod,
  Credentials,
  Further,
  PppCause,
  TlsOutput,
  VerifyRequest,
  Verdict,
} from '../types.ts';

export type AuthInput =
  | { readonly kind: 'packet'; readonly packet: Packet }
  | { readonly kind: 'tick' }
  /** The peer speaks a network protocol already: its verdict was lost. */
  | { readonly kind: 'peerMovedOn' }
  | { readonly kind: 'changePassword'; readonly newPassword: string }
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  /** Client: what the user typed, after `challenge`. */
  | { readonly kind: 'response'; readonly text: string }
  | { readonly kind: 'tls'; readonly output: TlsOutput }
  | { readonly kind: 'verdict'; readonly verdict: Verdict | Further };

export type AuthEffect =
  | { readonly kind: 'send'; readonly packet: Packet }
  | {
      readonly kind: 'authenticated';
      /** With EAP: by which of its methods. */
      readonly method?: AuthMethod;
      readonly userName: string;
      readonly message: string;
      /** Client: those that were right. */
      readonly credentials?: Credentials;
    }
  | { readonly kind: 'failed'; readonly cause: PppCause }
  | { readonly kind: 'passwordExpired'; readonly message: string }
  | { readonly kind: 'credentialsRefused'; readonly reason: AuthFailureCode; readonly message: string }
  /** `via`: with EAP, by which of its methods. */
  | { readonly kind: 'verify'; readonly request: VerifyRequest; readonly via?: AuthMethod }
  /** Client: the peer asks the user something. */
  | { readonly kind: 'challenge'; readonly text: string; readonly masked: boolean }
  /** Client: the peer says nothing, perhaps since the user has to approve elsewhere. */
  | { readonly kind: 'waiting'; readonly text: string }
  /** Client: the peer has something to say that wants no answer. */
  | { readonly kind: 'notice'; readonly text: string }
  /** What TLS has to hear; nothing: it begins. */
  | { readonly kind: 'tls'; readonly flight: Uint8Array }
  | { readonly kind: 'log'; readonly text: string };
