import type { Packet } from '../packet.ts';
import type { AuthFailureCode, Credentials, PppCause, VerifyRequest, Verdict } from '../types.ts';

export type AuthInput =
  | { readonly kind: 'packet'; readonly packet: Packet }
  | { readonly kind: 'tick' }
  /** The peer speaks a network protocol already: its verdict was lost. */
  | { readonly kind: 'peerMovedOn' }
  | { readonly kind: 'changePassword'; readonly newPassword: string }
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  | { readonly kind: 'verdict'; readonly verdict: Verdict };

export type AuthEffect =
  | { readonly kind: 'send'; readonly packet: Packet }
  | {
      readonly kind: 'authenticated';
      readonly userName: string;
      readonly message: string;
      /** Client: those that were right. */
      readonly credentials?: Credentials;
    }
  | { readonly kind: 'failed'; readonly cause: PppCause }
  | { readonly kind: 'passwordExpired'; readonly message: string }
  | { readonly kind: 'credentialsRefused'; readonly reason: AuthFailureCode; readonly message: string }
  | { readonly kind: 'verify'; readonly request: VerifyRequest }
  | { readonly kind: 'log'; readonly text: string };
