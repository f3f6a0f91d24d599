import { sameBytes, utf8 } from '../../wire/bytes.ts';
import { chapMd5Response } from '../../ppp/auth/verify.ts';
import { ChapValue } from '../../ppp/auth/chap.ts';
import type { AuthInput } from '../../ppp/auth/effect.ts';
import { encode } from '../../wire/codec.ts';
import { tryDecode, type Packet } from '../../ppp/packet.ts';
import type { Credentials, PppCause } from '../../ppp/types.ts';
import {
  eapCodes,
  eapMethodOfType,
  eapMethodTypes,
  eapTypeName,
  eapTypes,
  message,
  shownText,
  typed,
} from '../wire/message.ts';
import { receiveMsChap, sendNewPassword } from './mschapv2.ts';
import {
  allowedMethods,
  answer,
  askUser,
  drop,
  fail,
  stay,
  type EapPeer,
  type PeerContext,
  type PeerStep,
} from './state.ts';
import { receiveTls, takeTlsOutput } from './tls.ts';

/** The client's side of EAP (RFC 3748, RFC 4137 §4). */
export function startPeer({ config, env }: PeerContext): PeerStep {
  return stay({
    at: 'open',
    deadlineMs: env.nowMs + config.authenticationTimeoutMs,
    waitingDueMs: undefined,
    method: undefined,
    pending: undefined,
    answered: undefined,
    earlier: [],
    unwanted: [],
  });
}

export function stepPeer(state: EapPeer, input: AuthInput, context: PeerContext): PeerStep {
  if (state.at === 'failed') return stay(state);
  switch (input.kind) {
    case 'packet':
      return receive(state, input.packet, context);
    case 'tick':
      return tick(state, context);
    case 'peerMovedOn':
      // RFC 3748 §4.2: a Success is not repeated; that the link goes on says the same.
      return state.at === 'open' && mayEnd(state) ? succeed(state, context) : stay(state);
    case 'response':
      return respond(state, input.text, context);
    case 'changePassword':
      return sendNewPassword(state, input.newPassword, context);
    case 'tls':
      return takeTlsOutput(state, input.output, context);
    case 'credentials':
    case 'verdict':
      return stay(state);
  }
}

export function peerDeadlineMs({ at, deadlineMs, waitingDueMs }: EapPeer): number | undefined {
  return at === 'open' ? Math.min(deadlineMs, waitingDueMs ?? Infinity) : undefined;
}

/** Why it would end if the link ended now; nothing where no answer was given yet. */
export function peerRefusal({ at, method, unwanted, pending }: EapPeer): PppCause | undefined {
  if (at !== 'open') return undefined;
  if (method !== undefined && 'cause' in method) return method.cause;
  if (pending?.by === 'user') return { code: 'challengeUnanswered', text: pending.text };
  return method === undefined && unwanted.length > 0
    ? { code: 'noCommonAuthentication', offered: unwanted }
    : undefined;
}

function tick(state: EapPeer, { env }: PeerContext): PeerStep {
  const { deadlineMs, waitingDueMs, method, at } = state;
  if (at !== 'open') return stay(state);
  if (env.nowMs >= deadlineMs) {
    const late: PppCause = { code: 'authenticationTimeout', method: method?.name ?? 'eap' };
    return fail(state, peerRefusal(state) ?? late);
  }
  if (waitingDueMs === undefined || env.nowMs < waitingDueMs) return stay(state);
  return stay({ ...state, waitingDueMs: undefined }, { kind: 'waiting', text: '' });
}

function receive(state: EapPeer, packet: Packet, context: PeerContext): PeerStep {
  switch (packet.code) {
    case eapCodes.request:
      return receiveRequest(state, packet, context);
    case eapCodes.success:
      if (state.at === 'authenticated') return stay(state);
      // §4.2: a success that nobody has earned is nobody's.
      return mayEnd(state) ? succeed(state, context) : drop(state, 'EAP-Success before its time');
    case eapCodes.failure:
      return state.at === 'authenticated'
        ? drop(state, 'EAP-Failure after success')
        : fail(state, failedBecause(state));
    default:
      return drop(state, `EAP code ${packet.code}`);
  }
}

function failedBecause(state: EapPeer): PppCause {
  return (
    peerRefusal(state) ?? {
      code: 'authenticationRejected',
      method: state.method?.name ?? 'eap',
      reason: 'other',
      message: '',
      retryAllowed: false,
    }
  );
}

/** Whether the method is content, so that a Success is believed. */
function mayEnd({ method, pending }: EapPeer): boolean {
  if (method === undefined || pending !== undefined) return false;
  switch (method.name) {
    case 'eap-md5':
    case 'eap-gtc':
      return true;
    case 'eap-mschapv2':
      return method.at === 'proven';
    case 'eap-tls':
      return method.at === 'done';
  }
}

function succeed(state: EapPeer, { config }: PeerContext): PeerStep {
  const { method } = state;
  const isMsChap = method?.name === 'eap-mschapv2' && method.at === 'proven';
  const credentials: Credentials = isMsChap ? method.credentials : config.credentials;
  const said = isMsChap ? method.message : '';
  return stay(
    { ...state, at: 'authenticated', waitingDueMs: undefined },
    {
      kind: 'authenticated',
      method: method?.name ?? 'eap',
      userName: credentials.userName,
      message: said,
      credentials,
    },
  );
}

function receiveRequest(state: EapPeer, request: Packet, context: PeerContext): PeerStep {
  const { answered, pending, earlier } = state;
  if (answered !== undefined && sameRequest(answered.request, request)) {
    return stay(state, { kind: 'send', packet: answered.response });
  }
  // Being answered: the other side repeats itself until it is.
  if (pending !== undefined && sameRequest(pending.request, request)) return stay(state);
  if (earlier.some((each) => sameRequest(each, request))) return drop(state, 'an EAP request from before');
  if (state.at === 'authenticated') return drop(state, 'an EAP request after success');
  const said = typed(request);
  if (said === undefined) return drop(state, 'an EAP request without a type');
  switch (said.type) {
    case eapTypes.identity: {
      const name = utf8(context.config.credentials.userName);
      return answer(state, request, message(eapCodes.response, request.identifier, eapTypes.identity, name), context);
    }
    case eapTypes.notification: {
      const response = message(eapCodes.response, request.identifier, eapTypes.notification, new Uint8Array());
      const step = answer(state, request, response, context);
      const text = shownText(said.data);
      return text === '' ? step : { ...step, effects: [...step.effects, { kind: 'notice', text }] };
    }
    default:
      return receiveMethod(state, request, said.type, said.data, context);
  }
}

function sameRequest(a: Packet, b: Packet): boolean {
  return a.identifier === b.identifier && sameBytes(a.data, b.data);
}

function receiveMethod(
  state: EapPeer,
  request: Packet,
  type: number,
  data: Uint8Array,
  context: PeerContext,
): PeerStep {
  const { method } = state;
  const name = eapMethodOfType(type);
  const allowed = allowedMethods(context.config);
  if (method === undefined && (name === undefined || !allowed.includes(name))) {
    const wanted = Uint8Array.from(allowed, (each) => eapMethodTypes[each]);
    const nak = message(eapCodes.response, request.identifier, eapTypes.nak, wanted);
    const unwanted = [...state.unwanted, eapTypeName(type)].slice(-8);
    return answer({ ...state, unwanted }, request, nak, context);
  }
  // §2.1: one conversation has one method.
  if (method !== undefined && method.name !== name) return drop(state, `${eapTypeName(type)} after ${method.name}`);
  switch (name) {
    case 'eap-md5':
      return receiveMd5(state, request, data, context);
    case 'eap-gtc':
      return receiveGtc(state, request, data, context);
    case 'eap-mschapv2':
      return receiveMsChap(state, method?.name === name ? method : undefined, request, data, context);
    case 'eap-tls':
      return receiveTls(state, method?.name === name ? method : undefined, request, data, context);
    case undefined:
      return drop(state, eapTypeName(type));
  }
}

/** RFC 3748 §5.4 */
function receiveMd5(state: EapPeer, request: Packet, data: Uint8Array, context: PeerContext): PeerStep {
  const challenge = tryDecode(ChapValue, data);
  if (challenge === undefined || challenge.value.length === 0) return drop(state, 'a malformed challenge of EAP-MD5');
  const { userName, password } = context.config.credentials;
  const value = chapMd5Response(context.env.crypto, request.identifier, password, challenge.value);
  const said = encode(ChapValue, { value, name: utf8(userName) });
  const response = message(eapCodes.response, request.identifier, eapTypes.md5, said);
  return answer({ ...state, method: { name: 'eap-md5' } }, request, response, context, { mayTake: 'long' });
}

const secretWords = /passwor[dt]|kennwort|mot de passe|contrase/i;
/** A password of the moment is none that the user has given already. */
const momentary = /one[- ]?time|einmal|\busage unique\b|\bun solo uso\b|\botp\b/i;

/** §5.6: the first question is most often for the password, which the user has given already. All others are the user's. */
function receiveGtc(state: EapPeer, request: Packet, data: Uint8Array, context: PeerContext): PeerStep {
  const text = shownText(data);
  const isFirst = state.method === undefined;
  const next: EapPeer = { ...state, method: { name: 'eap-gtc' } };
  const wantsPassword = secretWords.test(text);
  if (isFirst && (text === '' || (wantsPassword && !momentary.test(text)))) {
    const { password } = context.config.credentials;
    return answer(next, request, gtcResponse(request, password), context, { mayTake: 'long' });
  }
  return askUser(next, request, { kind: 'challenge', text, masked: wantsPassword }, context);
}

function gtcResponse(request: Packet, text: string): Packet {
  return message(eapCodes.response, request.identifier, eapTypes.gtc, utf8(text));
}

/** What the user typed. */
function respond(state: EapPeer, text: string, context: PeerContext): PeerStep {
  const { method, pending } = state;
  if (method?.name !== 'eap-gtc' || pending?.by !== 'user') return stay(state);
  const { request } = pending;
  return answer(state, request, gtcResponse(request, text), context, { mayTake: 'long' });
}
