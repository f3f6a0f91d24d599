import type { Environment, Step } from '../../machine.ts';
import type { Challenge } from '../../ppp/auth/answer.ts';
import type { AuthEffect } from '../../ppp/auth/effect.ts';
import type { Packet } from '../../ppp/packet.ts';
import type { ClientConfig, Credentials, PppCause } from '../../ppp/types.ts';
import { eapMethodTypes, type EapMethod } from '../wire/message.ts';
import type { TlsTransfer } from '../wire/tls-fragments.ts';

/** What a method has come to. */
export type PeerMethod =
  | { readonly name: 'eap-md5' }
  | { readonly name: 'eap-gtc' }
  | {
      readonly name: 'eap-mschapv2';
      readonly at: 'answered';
      readonly challenge: Challenge;
      readonly credentials: Credentials;
      /** What the authenticator has to show for knowing the password (RFC 2759 §8.7). */
      readonly proof: string;
    }
  | {
      readonly name: 'eap-mschapv2';
      readonly at: 'proven';
      readonly credentials: Credentials;
      readonly message: string;
    }
  /** Told, and said back: EAP's own Failure follows. */
  | { readonly name: 'eap-mschapv2'; readonly at: 'refused'; readonly cause: PppCause }
  | {
      readonly name: 'eap-mschapv2';
      readonly at: 'expired';
      readonly cause: PppCause;
      readonly challenge: Challenge;
      readonly credentials: Credentials;
    }
  | { readonly name: 'eap-tls'; readonly at: 'handshaking' | 'done'; readonly transfer: TlsTransfer }
  | { readonly name: 'eap-tls'; readonly at: 'failed'; readonly transfer: TlsTransfer; readonly cause: PppCause };

/** The side that proves itself. It answers and never asks: what is lost is repeated by the other side (RFC 3748 §4.1). */
export interface EapPeer {
  readonly at: 'open' | 'authenticated' | 'failed';
  readonly deadlineMs: number;
  /** When it is said that the authenticator takes its time. */
  readonly waitingDueMs: number | undefined;
  readonly method: PeerMethod | undefined;
  /** The request whose answer is being made, by the user or by TLS. */
  readonly pending: { readonly by: 'user' | 'tls'; readonly request: Packet; readonly text: string } | undefined;
  /** A request that comes again gets the same response. */
  readonly answered: { readonly request: Packet; readonly response: Packet } | undefined;
  /** Requests that were answered before that one. EAP counts on their order (RFC 3748 §3.1), which L2TP does not keep. */
  readonly earlier: readonly Packet[];
  /** What was asked for and is not spoken here. */
  readonly unwanted: readonly string[];
}

export type PeerStep = Step<EapPeer, AuthEffect>;

export interface PeerContext {
  readonly config: ClientConfig;
  readonly env: Environment;
}

/** Those that the configuration allows, the most wanted first. */
export function allowedMethods({ methods, insideIpsec }: ClientConfig): readonly EapMethod[] {
  return methods.filter(
    (method): method is EapMethod => method in eapMethodTypes && (insideIpsec || method !== 'eap-gtc'),
  );
}

export function stay(state: EapPeer, ...effects: AuthEffect[]): PeerStep {
  return { state, effects };
}

export function drop(state: EapPeer, text: string): PeerStep {
  return stay(state, { kind: 'log', text });
}

export function fail(state: EapPeer, cause: PppCause): PeerStep {
  return { state: { ...state, at: 'failed', pending: undefined }, effects: [{ kind: 'failed', cause }] };
}

/** Silence after which an approval elsewhere is the likeliest cause. */
const quietMs = 5000;

/** More than can be on the way at one time, and less than it takes for identifiers to come round. */
const mostEarlier = 16;

/** Answers `request`; from now on the authenticator has to say something. */
export function answer(
  state: EapPeer,
  request: Packet,
  response: Packet,
  { config, env }: PeerContext,
  { mayTake }: { readonly mayTake: 'long' | 'moment' } = { mayTake: 'moment' },
): PeerStep {
  return stay(
    {
      ...state,
      pending: undefined,
      answered: { request, response },
      earlier: [...(state.answered === undefined ? [] : [state.answered.request]), ...state.earlier].slice(
        0,
        mostEarlier,
      ),
      deadlineMs: env.nowMs + config.authenticationTimeoutMs,
      waitingDueMs: mayTake === 'long' ? env.nowMs + quietMs : undefined,
    },
    { kind: 'send', packet: response },
  );
}

/** Asks the user; refused at once where there is nobody to ask. */
export function askUser(
  state: EapPeer,
  request: Packet,
  effect: Extract<AuthEffect, { kind: 'challenge' }>,
  { config, env }: PeerContext,
): PeerStep {
  const { text } = effect;
  if (config.userWaitMs === 0) return fail(state, { code: 'challengeUnanswered', text });
  const deadlineMs = env.nowMs + config.userWaitMs;
  return stay({ ...state, pending: { by: 'user', request, text }, deadlineMs, waitingDueMs: undefined }, effect);
}
