import { fromUtf8, sameBytes, utf8 } from '../../wire/bytes.ts';
import { encode } from '../../wire/codec.ts';
import { ChapValue } from '../../ppp/auth/chap.ts';
import type { AuthInput } from '../../ppp/auth/effect.ts';
import { Packet, tryDecode } from '../../ppp/packet.ts';
import type { Further, PppCause, Verdict, VerifyRequest } from '../../ppp/types.ts';
import { eapCodes, eapMethodOfType, eapMethodTypes, eapTypes, typed, type EapMethod } from '../wire/message.ts';
import { beginMsChap, receiveMsChapResponse, tellMsChapVerdict } from './mschapv2.ts';
import {
  admit,
  ask,
  askPacket,
  drop,
  ownMethods,
  refuse,
  repeat,
  stay,
  verify,
  viaOf,
  type AuthenticatorContext,
  type AuthenticatorStep,
  type EapAuthenticator,
} from './state.ts';
import { beginTls, receiveTlsResponse, takeServerOutput } from './tls.ts';

/** The host's side of EAP (RFC 3748, RFC 4137 §5): it answers itself, or carries what somebody else answers (§2.3). */
export function startAuthenticator(context: AuthenticatorContext): AuthenticatorStep {
  const { config, env } = context;
  const state: EapAuthenticator = {
    at: 'open',
    deadlineMs: env.nowMs + config.authenticationTimeoutMs,
    identity: '',
    stage: { at: 'identity' },
    asked: undefined,
    response: undefined,
    verifying: undefined,
    reply: undefined,
    identifier: env.crypto.random(1)[0] ?? 0,
    untried: ownMethods(config),
    rounds: 0,
  };
  return ask(state, state.stage, eapTypes.identity, new Uint8Array(), context);
}

export function stepAuthenticator(
  state: EapAuthenticator,
  input: AuthInput,
  context: AuthenticatorContext,
): AuthenticatorStep {
  switch (input.kind) {
    case 'packet':
      return receive(state, input.packet, context);
    case 'tick':
      return tick(state, context);
    case 'verdict':
      return state.verifying === undefined ? stay(state) : conclude(state, state.verifying, input.verdict, context);
    case 'tls': {
      const { stage, asked, at } = state;
      const isAwaited = at === 'open' && stage.at === 'tls' && asked === undefined && stage.names === undefined;
      return isAwaited ? takeServerOutput(state, stage, input.output, context) : stay(state);
    }
    case 'peerMovedOn':
    case 'response':
    case 'changePassword':
    case 'credentials':
      return stay(state);
  }
}

export function authenticatorDeadlineMs({ at, deadlineMs, asked }: EapAuthenticator): number | undefined {
  return at === 'open' ? Math.min(deadlineMs, asked?.dueMs ?? Infinity) : undefined;
}

/** What was refused, while the peer is being told. */
export function authenticatorRefusal({ at, stage }: EapAuthenticator): PppCause | undefined {
  return at === 'open' && 'cause' in stage ? stage.cause : undefined;
}

function tick(state: EapAuthenticator, context: AuthenticatorContext): AuthenticatorStep {
  const { env } = context;
  if (state.at !== 'open') return stay(state);
  if (env.nowMs >= state.deadlineMs) {
    return refuse(state, authenticatorRefusal(state) ?? { code: 'authenticationTimeout', method: viaOf(state.stage) });
  }
  return state.asked !== undefined && env.nowMs >= state.asked.dueMs ? repeat(state, context) : stay(state);
}

function receive(state: EapAuthenticator, packet: Packet, context: AuthenticatorContext): AuthenticatorStep {
  const { response, reply, asked, at } = state;
  if (response !== undefined && samePacket(response, packet)) {
    return reply === undefined ? stay(state) : stay(state, { kind: 'send', packet: reply });
  }
  if (at !== 'open') return drop(state, 'EAP after its end');
  const said = packet.code === eapCodes.response ? typed(packet) : undefined;
  if (said === undefined || asked?.request.identifier !== packet.identifier) {
    return drop(state, 'an EAP packet that answers nothing');
  }
  return receiveResponse(state, packet, said.type, said.data, context);
}

function samePacket(a: Packet, b: Packet): boolean {
  return a.code === b.code && a.identifier === b.identifier && sameBytes(a.data, b.data);
}

function receiveResponse(
  state: EapAuthenticator,
  response: Packet,
  type: number,
  data: Uint8Array,
  context: AuthenticatorContext,
): AuthenticatorStep {
  const { stage } = state;
  if (stage.at === 'identity') {
    return type === eapTypes.identity ? identified(state, response, data, context) : drop(state, 'no identity');
  }
  if (stage.at === 'relayed') return relay(state, response, type, context);
  if (
    type === eapTypes.nak &&
    (stage.at === 'md5' || stage.at === 'gtc' || stage.at === 'mschapv2' || stage.at === 'tls')
  ) {
    return askedForAnother({ ...state, response }, data, context);
  }
  const own = viaOf(stage);
  if (eapMethodOfType(type) !== own) return drop(state, `an answer of EAP type ${type} to ${own}`);
  switch (stage.at) {
    case 'md5': {
      const value = tryDecode(ChapValue, data)?.value;
      if (value === undefined) return drop(state, 'a malformed answer of EAP-MD5');
      const { identifier } = response;
      const proof = { identifier, challenge: stage.challenge, response: value };
      return verify(state, response, { method: 'chap-md5', userName: state.identity, ...proof }, context);
    }
    case 'gtc': {
      const token = stage.token === undefined ? {} : { token: stage.token };
      const request = { method: 'pap', userName: state.identity, password: data.slice(), mayPrompt: true } as const;
      return verify(state, response, { ...request, ...token }, context);
    }
    case 'mschapv2':
    case 'mschapv2Success':
    case 'mschapv2Failure':
      return receiveMsChapResponse(state, stage, response, data, context);
    case 'tls':
    case 'tlsFailed':
      return receiveTlsResponse(state, stage, response, data, context);
  }
}

const longestIdentityBytes = 253;

function identified(
  state: EapAuthenticator,
  response: Packet,
  data: Uint8Array,
  context: AuthenticatorContext,
): AuthenticatorStep {
  const identity = fromUtf8(data.subarray(0, longestIdentityBytes));
  const known = { ...state, identity, response };
  if (!context.config.methods.includes('eap')) return nextMethod(known, known.untried, context);
  return relay({ ...known, stage: { at: 'relayed', via: 'eap' } }, response, eapTypes.identity, context);
}

/** What the host says of EAP (type, code, identifier, length) within the MRU, as whoever answers has to know. */
function relay(
  state: EapAuthenticator,
  response: Packet,
  type: number,
  context: AuthenticatorContext,
): AuthenticatorStep {
  const { stage, identity: userName } = state;
  if (stage.at !== 'relayed') return stay(state);
  const isMethod = type !== eapTypes.identity && type !== eapTypes.nak && type !== eapTypes.notification;
  const via = isMethod ? (eapMethodOfType(type) ?? 'eap') : stage.via;
  const request: VerifyRequest = {
    method: 'eap',
    userName,
    message: encode(Packet, response),
    mtuBytes: context.config.mruBytes,
    ...(stage.token !== undefined && { token: stage.token }),
  };
  return verify({ ...state, stage: { ...stage, via } }, response, request, context, via);
}

/** The methods that are left, in the order in which this side wants them. */
function nextMethod(
  state: EapAuthenticator,
  candidates: readonly EapMethod[],
  context: AuthenticatorContext,
): AuthenticatorStep {
  const [method] = candidates;
  if (method === undefined)
    return refuse(state, { code: 'noCommonAuthentication', offered: ownMethods(context.config) });
  const next = { ...state, untried: state.untried.filter((each) => each !== method) };
  switch (method) {
    case 'eap-md5': {
      const challenge = context.env.crypto.random(16);
      const data = encode(ChapValue, { value: challenge, name: utf8(context.config.hostName) });
      return ask(next, { at: 'md5', challenge }, eapTypes.md5, data, context);
    }
    case 'eap-gtc':
      return ask(next, { at: 'gtc' }, eapTypes.gtc, utf8('Password'), context);
    case 'eap-mschapv2':
      return beginMsChap(next, context);
    case 'eap-tls':
      return beginTls(next, context);
  }
}

/** RFC 3748 §5.3.1: the peer says what it would rather have. */
function askedForAnother(
  state: EapAuthenticator,
  wanted: Uint8Array,
  context: AuthenticatorContext,
): AuthenticatorStep {
  const candidates = state.untried.filter((method) => wanted.includes(eapMethodTypes[method]));
  return nextMethod(state, candidates, context);
}

function conclude(
  state: EapAuthenticator,
  verified: VerifyRequest,
  verdict: Verdict | Further,
  context: AuthenticatorContext,
): AuthenticatorStep {
  const { userName } = verified;
  if (verdict.ok === 'further') return goOn(state, verdict, context);
  if (state.stage.at === 'mschapv2' || state.stage.at === 'mschapv2Failure') {
    return tellMsChapVerdict(state, userName, verdict, context);
  }
  if (verdict.ok) return admit(state, userName, verdict.message ?? '');
  const { code, message: said = '' } = verdict;
  const method = viaOf(state.stage);
  const cause: PppCause = {
    code: 'authenticationRejected',
    method,
    reason: code,
    message: said,
    retryAllowed: false,
  };
  return refuse(state, cause);
}

function goOn(state: EapAuthenticator, further: Further, context: AuthenticatorContext): AuthenticatorStep {
  const { stage } = state;
  switch (further.kind) {
    case 'own':
      return stage.at === 'relayed' && stage.token === undefined
        ? nextMethod(state, state.untried, context)
        : stay(state);
    case 'prompt':
      if (stage.at !== 'gtc') return refuse(state, rejected(viaOf(stage), further.text));
      return ask(state, { at: 'gtc', token: further.token }, eapTypes.gtc, utf8(further.text), context);
    case 'relayed': {
      const request = tryDecode(Packet, further.message);
      if (stage.at !== 'relayed' || request?.code !== eapCodes.request || typed(request) === undefined) {
        return refuse(state, rejected(viaOf(stage), ''));
      }
      return askPacket(state, { ...stage, token: further.token }, request, context);
    }
  }
}

function rejected(method: ReturnType<typeof viaOf>, said: string): PppCause {
  return { code: 'authenticationRejected', method, reason: 691, message: said, retryAllowed: false };
}
