import type { Environment, Step } from '../../machine.ts';
import type { AuthEffect } from '../../ppp/auth/effect.ts';
import type { Packet } from '../../ppp/packet.ts';
import type { AuthMethod, HostConfig, PppCause, Token, VerifyRequest } from '../../ppp/types.ts';
import { eapCodes, eapMethodTypes, message, type EapMethod } from '../wire/message.ts';
import type { TlsTransfer } from '../wire/tls-fragments.ts';

/** What the conversation is about. */
export type Stage =
  | { readonly at: 'identity' }
  /** Somebody else answers; `via`: by the method that was last heard of. */
  | { readonly at: 'relayed'; readonly via: AuthMethod; readonly token?: Token }
  | { readonly at: 'md5'; readonly challenge: Uint8Array }
  | { readonly at: 'gtc'; readonly token?: Token }
  | { readonly at: 'mschapv2'; readonly identifier: number; readonly challenge: Uint8Array }
  /** Told that it is right; the peer's word that it heard follows. */
  | { readonly at: 'mschapv2Success'; readonly userName: string; readonly text: string }
  | {
      readonly at: 'mschapv2Failure';
      readonly identifier: number;
      readonly challenge: Uint8Array;
      readonly userName: string;
      readonly cause: PppCause;
    }
  | { readonly at: 'tls'; readonly transfer: TlsTransfer; readonly names: readonly string[] | undefined }
  | { readonly at: 'tlsFailed'; readonly transfer: TlsTransfer; readonly cause: PppCause };

/** The side that asks, and repeats what gets no answer (RFC 3748 §4.1). */
export interface EapAuthenticator {
  readonly at: 'open' | 'authenticated' | 'failed';
  /** Until something has to come: from the peer, from who verifies, or from TLS. */
  readonly deadlineMs: number;
  readonly identity: string;
  readonly stage: Stage;
  /** What the peer has to answer; absent while its answer is judged. */
  readonly asked: { readonly request: Packet; readonly dueMs: number; readonly intervalMs: number } | undefined;
  /** The answer that is judged, or that ended it, and what was said then: a repetition gets the same. */
  readonly response: Packet | undefined;
  readonly verifying: VerifyRequest | undefined;
  readonly reply: Packet | undefined;
  /** Of the next request. */
  readonly identifier: number;
  /** Own methods that the peer was not asked for yet. */
  readonly untried: readonly EapMethod[];
  /** Requests so far: a peer that never comes to an end is ended. */
  readonly rounds: number;
}

export type AuthenticatorStep = Step<EapAuthenticator, AuthEffect>;

export interface AuthenticatorContext {
  readonly config: HostConfig;
  readonly env: Environment;
}

/** Fragments of two long chains of certificates, twice over. */
const mostRounds = 120;
/** A user may be typing: what is repeated is only in the way. */
const leastRepeatMs = 1000;
const longestRepeatMs = 20_000;

export function ownMethods({ methods, insideIpsec }: HostConfig): readonly EapMethod[] {
  return methods.filter(
    (method): method is EapMethod => method in eapMethodTypes && (insideIpsec || method !== 'eap-gtc'),
  );
}

export function stay(state: EapAuthenticator, ...effects: AuthEffect[]): AuthenticatorStep {
  return { state, effects };
}

export function drop(state: EapAuthenticator, text: string): AuthenticatorStep {
  return stay(state, { kind: 'log', text });
}

/** Asks the peer, and waits for it. */
export function ask(
  state: EapAuthenticator,
  stage: Stage,
  type: number,
  data: Uint8Array,
  context: AuthenticatorContext,
): AuthenticatorStep {
  const request = message(eapCodes.request, state.identifier, type, data);
  return askPacket({ ...state, identifier: (state.identifier + 1) & 0xff }, stage, request, context);
}

export function askPacket(
  state: EapAuthenticator,
  stage: Stage,
  request: Packet,
  context: AuthenticatorContext,
): AuthenticatorStep {
  const { config, env } = context;
  if (state.rounds >= mostRounds) return refuse(state, { code: 'authenticationTimeout', method: viaOf(stage) });
  const intervalMs = Math.max(config.restart.firstMs, leastRepeatMs);
  return stay(
    {
      ...state,
      stage,
      asked: { request, dueMs: env.nowMs + intervalMs, intervalMs },
      response: undefined,
      verifying: undefined,
      deadlineMs: env.nowMs + config.authenticationTimeoutMs,
      rounds: state.rounds + 1,
    },
    { kind: 'send', packet: request },
  );
}

export function repeat(state: EapAuthenticator, { env }: AuthenticatorContext): AuthenticatorStep {
  const { asked } = state;
  if (asked === undefined) return stay(state);
  const intervalMs = Math.min(asked.intervalMs * 2, longestRepeatMs);
  return stay(
    { ...state, asked: { ...asked, intervalMs, dueMs: env.nowMs + intervalMs } },
    { kind: 'send', packet: asked.request },
  );
}

/** Has the answer judged. */
export function verify(
  state: EapAuthenticator,
  response: Packet,
  request: VerifyRequest,
  { config, env }: AuthenticatorContext,
  via = viaOf(state.stage),
): AuthenticatorStep {
  const deadlineMs = env.nowMs + config.authenticationTimeoutMs;
  return stay(
    { ...state, response, asked: undefined, verifying: request, deadlineMs },
    { kind: 'verify', request, via },
  );
}

/** RFC 3748 §4.2: it bears the identifier of what it answers. */
function finalPacket(state: EapAuthenticator, code: number): Packet {
  const identifier = state.response?.identifier ?? state.asked?.request.identifier ?? state.identifier;
  return { code, identifier, data: new Uint8Array() };
}

export function refuse(state: EapAuthenticator, cause: PppCause): AuthenticatorStep {
  const reply = finalPacket(state, eapCodes.failure);
  return stay(
    { ...state, at: 'failed', asked: undefined, verifying: undefined, reply },
    { kind: 'send', packet: reply },
    { kind: 'failed', cause },
  );
}

export function admit(state: EapAuthenticator, userName: string, said: string): AuthenticatorStep {
  const reply = finalPacket(state, eapCodes.success);
  return stay(
    { ...state, at: 'authenticated', asked: undefined, verifying: undefined, reply },
    { kind: 'send', packet: reply },
    { kind: 'authenticated', method: viaOf(state.stage), userName, message: said },
  );
}

export function viaOf(stage: Stage): AuthMethod {
  switch (stage.at) {
    case 'identity':
      return 'eap';
    case 'relayed':
      return stage.via;
    case 'md5':
      return 'eap-md5';
    case 'gtc':
      return 'eap-gtc';
    case 'mschapv2':
    case 'mschapv2Success':
    case 'mschapv2Failure':
      return 'eap-mschapv2';
    case 'tls':
    case 'tlsFailed':
      return 'eap-tls';
  }
}
