import { encode } from '../../wire/codec.ts';
import { tryDecode, type Packet } from '../../ppp/packet.ts';
import type { PppCause, TlsOutput } from '../../ppp/types.ts';
import { tlsOverheadBytes } from '../peer/tls.ts';
import { eapTypes } from '../wire/message.ts';
import { nextFragment, nothingTransferred, receiveFragment, TlsFragment } from '../wire/tls-fragments.ts';
import {
  ask,
  drop,
  refuse,
  stay,
  verify,
  type AuthenticatorContext,
  type AuthenticatorStep,
  type EapAuthenticator,
  type Stage,
} from './state.ts';

/** RFC 5216 §2.1, §3; RFC 9190 §2.1: the authenticator's side. TLS itself is outside. */

type TlsStage = Extract<Stage, { at: 'tls' | 'tlsFailed' }>;

export function beginTls(state: EapAuthenticator, context: AuthenticatorContext): AuthenticatorStep {
  const start = encode(TlsFragment, { start: true, more: false, wholeBytes: undefined, data: new Uint8Array() });
  const stage = { at: 'tls', transfer: nothingTransferred, names: undefined } as const;
  return ask(state, stage, eapTypes.tls, start, context);
}

export function receiveTlsResponse(
  state: EapAuthenticator,
  stage: TlsStage,
  response: Packet,
  data: Uint8Array,
  context: AuthenticatorContext,
): AuthenticatorStep {
  const fragment = tryDecode(TlsFragment, data.length === 0 ? Uint8Array.of(0) : data);
  if (fragment === undefined) return drop(state, 'a malformed fragment of EAP-TLS');
  if (stage.transfer.unsent.length > 0) return sendFragment(state, stage, false, context);
  // Whatever it says to the alert that it was sent.
  if (stage.at === 'tlsFailed') return refuse({ ...state, response }, stage.cause);
  const received = receiveFragment(stage.transfer, fragment);
  if (received.kind === 'tooLong') return refuse({ ...state, response }, malformed('a flight without an end'));
  const next: TlsStage = { ...stage, transfer: received.transfer };
  if (received.kind === 'part') return sendFragment(state, next, false, context);
  const { flight } = received;
  const { names } = stage;
  if (names !== undefined) {
    // Nothing, or tickets and alerts of one that is content.
    return verify(state, response, { method: 'eap-tls', userName: state.identity, names }, context);
  }
  if (flight.length === 0) return refuse({ ...state, response }, malformed('nothing where a flight belongs'));
  const deadlineMs = context.env.nowMs + context.config.authenticationTimeoutMs;
  return stay({ ...state, stage: next, response, asked: undefined, deadlineMs }, { kind: 'tls', flight });
}

function malformed(reason: string): PppCause {
  return { code: 'tlsFailed', by: 'us', reason };
}

export function takeServerOutput(
  state: EapAuthenticator,
  stage: TlsStage,
  output: TlsOutput,
  context: AuthenticatorContext,
): AuthenticatorStep {
  const transfer = { ...stage.transfer, unsent: output.bytes };
  if (output.state !== 'failed') {
    const names = output.state === 'done' ? output.names : undefined;
    return sendFragment(state, { at: 'tls', transfer, names }, true, context);
  }
  const { by, reason } = output;
  const cause: PppCause = { code: 'tlsFailed', by, reason };
  if (output.bytes.length === 0) return refuse(state, cause);
  return sendFragment(state, { at: 'tlsFailed', transfer, cause }, true, context);
}

function sendFragment(
  state: EapAuthenticator,
  stage: TlsStage,
  isFirst: boolean,
  context: AuthenticatorContext,
): AuthenticatorStep {
  const { fragment, transfer } = nextFragment(stage.transfer, context.config.mruBytes - tlsOverheadBytes, isFirst);
  return ask(state, { ...stage, transfer }, eapTypes.tls, encode(TlsFragment, fragment), context);
}
