import type { Step } from '../../machine.ts';
import { fromHex } from '../../wire/bytes.ts';
import { tryDecode, type Packet } from '../packet.ts';
import { printable, readable } from '../../wire/text.ts';
import type { AuthMethod, Credentials, PppCause } from '../types.ts';
import {
  answeredSoFar,
  chapResponse,
  isAnswered,
  isOneOf,
  newPassword,
  papRequest,
  type Challenge,
  type Context,
  type Exchange,
} from './answer.ts';
import {
  ChapValue,
  PapMessage,
  chapCodes,
  papCodes,
  readMsChapFailure,
  readMsChapSuccess,
  type MsChapFailure,
} from './chap.ts';
import type { AuthEffect, AuthInput } from './effect.ts';

interface Resend {
  readonly sentMs: number;
  /** Absent: it was said often enough. */
  readonly dueMs: number | undefined;
  readonly intervalMs: number;
  readonly left: number;
  /** When it is said that the peer takes its time; absent: it was. */
  readonly waitingDueMs: number | undefined;
}

export type ClientAuth =
  | { readonly at: 'awaitingChallenge'; readonly deadlineMs: number }
  | { readonly at: 'awaitingAnswer'; readonly deadlineMs: number; readonly exchange: Exchange; readonly resend: Resend }
  | {
      readonly at: 'awaitingUser';
      readonly deadlineMs: number;
      readonly failure: MsChapFailure;
      readonly challenge: Challenge;
      readonly credentials: Credentials;
      readonly earlier: readonly Challenge[];
    }
  | { readonly at: 'authenticated'; readonly credentials: Credentials; readonly exchange: Exchange }
  | { readonly at: 'failed' };

type ClientStep = Step<ClientAuth, AuthEffect>;

/** Slower than the restart timer: some servers take a repeated answer for a second attempt. */
const leastResendMs = 1000;
/** The peer may be asking somebody's telephone: what it has heard by then it need not hear again and again. */
const mostResends = 3;
/** Silence after which an approval elsewhere is the likeliest cause. */
const quietMs = 5000;

export function startClientAuth(context: Context): ClientStep {
  const { method, config, env } = context;
  const deadlineMs = env.nowMs + config.authenticationTimeoutMs;
  if (method !== 'pap') return { state: { at: 'awaitingChallenge', deadlineMs }, effects: [] };
  return awaitAnswer(context, papRequest(config.credentials));
}

export function stepClientAuth(state: ClientAuth, input: AuthInput, context: Context): ClientStep {
  switch (input.kind) {
    case 'packet':
      return context.method === 'pap'
        ? receivePap(state, input.packet, context)
        : receiveChap(state, input.packet, context);
    case 'tick':
      return tick(state, context);
    case 'peerMovedOn': {
      const mayResend =
        state.at === 'awaitingAnswer' && context.env.nowMs - state.resend.sentMs >= context.config.restart.firstMs;
      return mayResend ? resend(state, context) : stay(state);
    }
    case 'changePassword': {
      if (state.at !== 'awaitingUser') return stay(state);
      const { challenge, credentials, earlier } = state;
      const exchange = newPassword(challenge, credentials, input.newPassword, context.env);
      return awaitAnswer(context, { ...exchange, earlier });
    }
    case 'credentials':
      return state.at === 'awaitingUser'
        ? respond(state.challenge, input.credentials, state.earlier, context)
        : stay(state);
    case 'verdict':
    case 'response':
    case 'tls':
      return stay(state);
  }
}

export function clientAuthDeadlineMs(state: ClientAuth): number | undefined {
  switch (state.at) {
    case 'awaitingChallenge':
    case 'awaitingUser':
      return state.deadlineMs;
    case 'awaitingAnswer':
      return Math.min(state.deadlineMs, state.resend.dueMs ?? Infinity, state.resend.waitingDueMs ?? Infinity);
    case 'authenticated':
    case 'failed':
      return undefined;
  }
}

/** The refusal that a user is being asked about, if any. */
export function pendingRefusal(state: ClientAuth, method: AuthMethod): PppCause | undefined {
  return state.at === 'awaitingUser' ? rejection(state.failure, method) : undefined;
}

function stay(state: ClientAuth, ...effects: AuthEffect[]): ClientStep {
  return { state, effects };
}

function drop(state: ClientAuth, text: string): ClientStep {
  return stay(state, { kind: 'log', text });
}

function fail(cause: PppCause): ClientStep {
  return { state: { at: 'failed' }, effects: [{ kind: 'failed', cause }] };
}

function rejection({ code, message, retryAllowed }: MsChapFailure, method: AuthMethod): PppCause {
  return { code: 'authenticationRejected', method, reason: code, message: printable(message), retryAllowed };
}

function awaitAnswer({ config, env }: Context, exchange: Exchange): ClientStep {
  const intervalMs = Math.max(config.restart.firstMs, leastResendMs);
  return {
    state: {
      at: 'awaitingAnswer',
      deadlineMs: env.nowMs + config.authenticationTimeoutMs,
      exchange,
      resend: {
        sentMs: env.nowMs,
        dueMs: env.nowMs + intervalMs,
        intervalMs,
        left: mostResends,
        waitingDueMs: env.nowMs + quietMs,
      },
    },
    effects: [{ kind: 'send', packet: exchange.packet }],
  };
}

type Awaiting = Extract<ClientAuth, { at: 'awaitingAnswer' }>;

/** Because the peer asked for it, or by itself: then `left` counts down. */
function resend(state: Awaiting, { env }: Context, left = state.resend.left): ClientStep {
  const intervalMs = state.resend.intervalMs * 2;
  const dueMs = left === 0 ? undefined : env.nowMs + intervalMs;
  return stay(
    { ...state, resend: { ...state.resend, sentMs: env.nowMs, dueMs, intervalMs, left } },
    { kind: 'send', packet: state.exchange.packet },
  );
}

function tick(state: ClientAuth, context: Context): ClientStep {
  const { env, method } = context;
  const dueMs = clientAuthDeadlineMs(state);
  if (dueMs === undefined || env.nowMs < dueMs) return stay(state);
  if (state.at === 'awaitingAnswer' && env.nowMs < state.deadlineMs) return wait(state, context);
  return fail(pendingRefusal(state, method) ?? { code: 'authenticationTimeout', method });
}

function wait(state: Awaiting, context: Context): ClientStep {
  const { resend: known } = state;
  if (known.waitingDueMs !== undefined && context.env.nowMs >= known.waitingDueMs) {
    return stay({ ...state, resend: { ...known, waitingDueMs: undefined } }, { kind: 'waiting', text: '' });
  }
  return resend(state, context, known.left - 1);
}

function receivePap(state: ClientAuth, packet: Packet, context: Context): ClientStep {
  if (state.at !== 'awaitingAnswer' || packet.identifier !== state.exchange.packet.identifier) {
    return drop(state, 'a PAP answer to nothing');
  }
  const message = readable(tryDecode(PapMessage, packet.data) ?? new Uint8Array());
  if (packet.code === papCodes.ack) return succeed(state.exchange, message);
  if (packet.code !== papCodes.nak) return drop(state, `PAP code ${packet.code}`);
  return fail({
    code: 'authenticationRejected',
    method: context.method,
    reason: 'other',
    message,
    retryAllowed: false,
  });
}

function receiveChap(state: ClientAuth, packet: Packet, context: Context): ClientStep {
  switch (packet.code) {
    case chapCodes.challenge:
      return receiveChallenge(state, packet, context);
    case chapCodes.success:
    case chapCodes.failure: {
      const isOpen = state.at === 'awaitingAnswer' || state.at === 'authenticated';
      if (!isOpen || packet.identifier !== state.exchange.packet.identifier) {
        return drop(state, 'a CHAP answer to nothing');
      }
      return packet.code === chapCodes.success
        ? receiveSuccess(state, packet, context)
        : receiveFailure(state, packet, context);
    }
    default:
      return drop(state, `CHAP code ${packet.code}`);
  }
}

function receiveChallenge(state: ClientAuth, packet: Packet, context: Context): ClientStep {
  const decoded = tryDecode(ChapValue, packet.data);
  const isWhole = context.method === 'mschapv2' ? decoded?.value.length === 16 : decoded?.value.length !== 0;
  if (decoded === undefined || !isWhole) return drop(state, 'a malformed challenge');
  const challenge = { identifier: packet.identifier, value: decoded.value };
  if (isOneOf(earlierOf(state), challenge, context)) return drop(state, 'a challenge from before');
  switch (state.at) {
    case 'awaitingChallenge':
      return respond(challenge, context.config.credentials, [], context);
    case 'awaitingAnswer': {
      const { exchange } = state;
      if (isAnswered(exchange, challenge, context)) return resend(state, context);
      return respond(challenge, exchange.credentials, answeredSoFar(exchange), context);
    }
    case 'awaitingUser': // what was refused is not said again, but a fresh challenge is the one to answer next
      return stay({ ...state, challenge });
    case 'authenticated': {
      // RFC 1994 §2: the peer may ask again at any time.
      const exchange = isAnswered(state.exchange, challenge, context)
        ? state.exchange
        : { ...chapResponse(challenge, state.credentials, context), earlier: answeredSoFar(state.exchange) };
      return stay({ ...state, exchange }, { kind: 'send', packet: exchange.packet });
    }
    case 'failed':
      return stay(state);
  }
}

function earlierOf(state: ClientAuth): readonly Challenge[] {
  if (state.at === 'awaitingUser') return state.earlier;
  return 'exchange' in state ? state.exchange.earlier : [];
}

function respond(
  challenge: Challenge,
  credentials: Credentials,
  earlier: readonly Challenge[],
  context: Context,
): ClientStep {
  return awaitAnswer(context, { ...chapResponse(challenge, credentials, context), earlier });
}

function receiveSuccess(
  state: Extract<ClientAuth, { at: 'awaitingAnswer' | 'authenticated' }>,
  packet: Packet,
  { env }: Context,
): ClientStep {
  const { exchange } = state;
  if (exchange.proof === undefined) return succeed(exchange, readable(packet.data));
  const success = readMsChapSuccess(packet.data);
  if (success === undefined || !env.crypto.equal(fromHex(success.proof), fromHex(exchange.proof))) {
    return fail({ code: 'serverNotAuthentic' });
  }
  return succeed(exchange, printable(success.message));
}

function succeed(exchange: Exchange, message: string): ClientStep {
  const { credentials } = exchange;
  return {
    state: { at: 'authenticated', credentials, exchange },
    effects: [{ kind: 'authenticated', userName: credentials.userName, message, credentials }],
  };
}

function receiveFailure(
  state: Extract<ClientAuth, { at: 'awaitingAnswer' | 'authenticated' }>,
  packet: Packet,
  { method, config, env }: Context,
): ClientStep {
  const { challenge, credentials } = state.exchange;
  if (method !== 'mschapv2' || challenge === undefined) {
    const message = readable(packet.data);
    return fail({ code: 'authenticationRejected', method, reason: 'other', message, retryAllowed: false });
  }
  const failure = readMsChapFailure(packet.data);
  const message = printable(failure.message);
  const mayChange = failure.code === 648 && failure.version === 3;
  if (config.userWaitMs === 0 || !(mayChange || failure.retryAllowed)) return fail(rejection(failure, method));
  return {
    state: {
      at: 'awaitingUser',
      deadlineMs: env.nowMs + config.userWaitMs,
      failure,
      // RFC 2759 §6, §7: the next attempt answers the Failure's own challenge, under the next identifier.
      challenge: { identifier: (packet.identifier + 1) & 0xff, value: failure.challenge ?? challenge.value },
      credentials,
      earlier: answeredSoFar(state.exchange),
    },
    effects: [
      mayChange ? { kind: 'passwordExpired', message } : { kind: 'credentialsRefused', reason: failure.code, message },
    ],
  };
}
