import type { Environment, Step } from '../../machine.ts';
import { fromUtf8, sameBytes, utf8 } from '../../wire/bytes.ts';
import { encode } from '../../wire/codec.ts';
import { tryDecode, type Packet } from '../packet.ts';
import type { AuthFailureCode, Further, HostConfig, LinkMethod, PppCause, Verdict, VerifyRequest } from '../types.ts';
import {
  ChangePassword,
  ChapValue,
  MsChapResponse,
  PapMessage,
  PapRequest,
  chapCodes,
  papCodes,
  writeMsChapFailure,
  writeMsChapSuccess,
} from './chap.ts';
import type { AuthEffect, AuthInput } from './effect.ts';

/** The peer's latest attempt and our answer: a repetition gets the same again (RFC 1994 §4.2). */
interface Answered {
  readonly attempt: Packet;
  readonly reply: Packet;
}

interface Waiting {
  readonly deadlineMs: number;
  /** The challenge that an attempt must answer, and the identifier it must bear; PAP has none. */
  readonly challenge: { readonly identifier: number; readonly value: Uint8Array } | undefined;
  /** The Challenge packet, repeated until the peer answers it. */
  readonly resend: { readonly packet: Packet; readonly dueMs: number; readonly intervalMs: number } | undefined;
  /** After a refusal that permits another try or a new password. */
  readonly refused: { readonly answered: Answered; readonly userName: string; readonly cause: PppCause } | undefined;
  readonly attempts: number;
}

export type HostAuth =
  | ({ readonly at: 'awaitingAttempt' } & Waiting)
  | ({ readonly at: 'verifying'; readonly attempt: Packet; readonly request: VerifyRequest } & Waiting)
  | { readonly at: 'authenticated'; readonly answered: Answered }
  | { readonly at: 'failed'; readonly answered: Answered | undefined };

type HostStep = Step<HostAuth, AuthEffect>;

type PasswordMethod = Exclude<LinkMethod, 'eap'>;

interface Context {
  readonly method: PasswordMethod;
  readonly config: HostConfig;
  readonly env: Environment;
}

const challengeBytes = 16;

export function startHostAuth({ method, config, env }: Context): HostStep {
  const waiting = { deadlineMs: env.nowMs + config.authenticationTimeoutMs, refused: undefined, attempts: 0 };
  if (method === 'pap') {
    return { state: { at: 'awaitingAttempt', ...waiting, challenge: undefined, resend: undefined }, effects: [] };
  }
  const value = env.crypto.random(challengeBytes);
  const identifier = env.crypto.random(1)[0] ?? 0;
  const packet = {
    code: chapCodes.challenge,
    identifier,
    data: encode(ChapValue, { value, name: utf8(config.hostName) }),
  };
  const intervalMs = config.restart.firstMs;
  const resend = { packet, dueMs: env.nowMs + intervalMs, intervalMs };
  return {
    state: { at: 'awaitingAttempt', ...waiting, challenge: { identifier, value }, resend },
    effects: [{ kind: 'send', packet }],
  };
}

export function stepHostAuth(state: HostAuth, input: AuthInput, context: Context): HostStep {
  switch (input.kind) {
    case 'packet':
      return receive(state, input.packet, context);
    case 'tick':
      return tick(state, context);
    case 'verdict':
      return state.at === 'verifying' ? conclude(state, input.verdict, context) : stay(state);
    case 'peerMovedOn':
    case 'changePassword':
    case 'credentials':
    case 'response':
    case 'tls':
      return stay(state);
  }
}

export function hostAuthDeadlineMs(state: HostAuth): number | undefined {
  if (state.at === 'authenticated' || state.at === 'failed') return undefined;
  const resendMs = state.at === 'awaitingAttempt' ? state.resend?.dueMs : undefined;
  return Math.min(state.deadlineMs, resendMs ?? state.deadlineMs);
}

function stay(state: HostAuth, ...effects: AuthEffect[]): HostStep {
  return { state, effects };
}

function drop(state: HostAuth, text: string): HostStep {
  return stay(state, { kind: 'log', text });
}

function tick(state: HostAuth, { method, config, env }: Context): HostStep {
  const dueMs = hostAuthDeadlineMs(state);
  if (state.at === 'authenticated' || state.at === 'failed' || dueMs === undefined || env.nowMs < dueMs) {
    return stay(state);
  }
  if (env.nowMs >= state.deadlineMs || state.resend === undefined) {
    const cause = state.refused?.cause ?? { code: 'authenticationTimeout', method };
    return { state: { at: 'failed', answered: state.refused?.answered }, effects: [{ kind: 'failed', cause }] };
  }
  const { packet } = state.resend;
  const intervalMs = Math.min(state.resend.intervalMs * 2, config.restart.maxMs);
  return stay({ ...state, resend: { packet, dueMs: env.nowMs + intervalMs, intervalMs } }, { kind: 'send', packet });
}

function receive(state: HostAuth, packet: Packet, context: Context): HostStep {
  const answered = state.at === 'authenticated' || state.at === 'failed' ? state.answered : state.refused?.answered;
  if (answered !== undefined && isRepetition(answered.attempt, packet)) {
    return stay(state, { kind: 'send', packet: answered.reply });
  }
  if (state.at !== 'awaitingAttempt') return drop(state, 'an authentication packet that no one awaits');
  const request = readAttempt(state, packet, context.method);
  if (request === undefined) return drop(state, 'an authentication packet that answers nothing');
  return {
    state: { ...state, at: 'verifying', attempt: packet, request, attempts: state.attempts + 1 },
    effects: [{ kind: 'verify', request }],
  };
}

function isRepetition(known: Packet, packet: Packet): boolean {
  return known.code === packet.code && known.identifier === packet.identifier && sameBytes(known.data, packet.data);
}

/** 648: the password has expired; 709: its change failed, and may be tried again (RFC 2759 §6). */
const changeable: readonly AuthFailureCode[] = [648, 709];

/** A new password is taken from whom only that keeps out: elsewhere it would be a guess at the old one. */
function hasToChange(refused: Waiting['refused']): refused is NonNullable<Waiting['refused']> {
  return refused?.cause.code === 'authenticationRejected' && changeable.includes(refused.cause.reason);
}

function readAttempt(
  { challenge, refused }: Waiting,
  packet: Packet,
  method: PasswordMethod,
): VerifyRequest | undefined {
  if (method === 'pap') {
    const pap = packet.code === papCodes.request ? tryDecode(PapRequest, packet.data) : undefined;
    return pap && { method, userName: fromUtf8(pap.peerId), password: pap.password };
  }
  const { identifier } = packet;
  if (challenge?.identifier !== identifier) return undefined;
  const authenticatorChallenge = challenge.value;
  if (packet.code === chapCodes.changePassword && method === 'mschapv2' && hasToChange(refused)) {
    const change = tryDecode(ChangePassword, packet.data);
    if (change === undefined) return undefined;
    const { peerChallenge, ntResponse, encryptedPassword, encryptedHash } = change;
    const proof = { authenticatorChallenge, peerChallenge, ntResponse, encryptedPassword, encryptedHash };
    return { method: 'mschapv2-change', userName: refused.userName, identifier, ...proof };
  }
  const response = packet.code === chapCodes.response ? tryDecode(ChapValue, packet.data) : undefined;
  if (response === undefined) return undefined;
  const userName = fromUtf8(response.name);
  if (method === 'chap-md5') {
    return { method, userName, identifier, challenge: challenge.value, response: response.value };
  }
  const value = tryDecode(MsChapResponse, response.value);
  if (value === undefined) return undefined;
  const { peerChallenge, ntResponse } = value;
  return { method, userName, identifier, authenticatorChallenge, peerChallenge, ntResponse };
}

type Verifying = Extract<HostAuth, { at: 'verifying' }>;

function conclude(state: Verifying, verdict: Verdict | Further, context: Context): HostStep {
  if (verdict.ok === 'further') {
    // These methods have no way to ask for more.
    const message = verdict.kind === 'prompt' ? verdict.text : '';
    return refuse(state, { ok: false, code: 691, message, retryAllowed: false }, context);
  }
  if (!verdict.ok) return refuse(state, verdict, context);
  const { attempt, request } = state;
  const { method } = context;
  const message = verdict.message ?? '';
  if (method === 'mschapv2' && verdict.authenticatorResponse === undefined) {
    // Without the proof of RFC 2759 §8.7 the peer must not believe us: say so instead of pretending.
    return refuse(state, { ok: false, code: 691, retryAllowed: false }, context);
  }
  const success = { code: chapCodes.success, identifier: attempt.identifier };
  const replies: Readonly<Record<PasswordMethod, () => Packet>> = {
    pap: () => ({ ...success, code: papCodes.ack, data: encode(PapMessage, utf8(message)) }),
    'chap-md5': () => ({ ...success, data: utf8(message) }),
    mschapv2: () => ({ ...success, data: writeMsChapSuccess(verdict.authenticatorResponse ?? '', message) }),
  };
  const reply = replies[method]();
  return {
    state: { at: 'authenticated', answered: { attempt, reply } },
    effects: [
      { kind: 'send', packet: reply },
      { kind: 'authenticated', userName: request.userName, message },
    ],
  };
}

function refuse(state: Verifying, verdict: Extract<Verdict, { ok: false }>, context: Context): HostStep {
  const { attempt, request } = state;
  const { method, config, env } = context;
  const message = verdict.message ?? '';
  const mayTryAgain = method === 'mschapv2' && state.attempts < config.restart.maxFailure;
  const retryAllowed = verdict.retryAllowed && mayTryAgain;
  const cause: PppCause = { code: 'authenticationRejected', method, reason: verdict.code, message, retryAllowed };
  const value = env.crypto.random(challengeBytes);
  const failure = { code: chapCodes.failure, identifier: attempt.identifier };
  const replies: Readonly<Record<PasswordMethod, () => Packet>> = {
    pap: () => ({ ...failure, code: papCodes.nak, data: encode(PapMessage, utf8(message)) }),
    'chap-md5': () => ({ ...failure, data: utf8(message) }),
    mschapv2: () => ({
      ...failure,
      data: writeMsChapFailure({ code: verdict.code, retryAllowed, challenge: value, version: 3, message }),
    }),
  };
  const answered = { attempt, reply: replies[method]() };
  const send: AuthEffect = { kind: 'send', packet: answered.reply };
  if (retryAllowed || (mayTryAgain && verdict.code === 648)) {
    return stay(
      {
        at: 'awaitingAttempt',
        deadlineMs: env.nowMs + config.authenticationTimeoutMs,
        challenge: { identifier: (attempt.identifier + 1) & 0xff, value },
        resend: undefined,
        refused: { answered, userName: request.userName, cause },
        attempts: state.attempts,
      },
      send,
    );
  }
  return { state: { at: 'failed', answered }, effects: [send, { kind: 'failed', cause }] };
}
