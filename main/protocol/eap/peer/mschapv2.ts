import { encode } from '../../wire/codec.ts';
import { fromHex, utf8 } from '../../wire/bytes.ts';
import { printable } from '../../wire/text.ts';
import { answerChallenge, changeOf } from '../../ppp/auth/answer.ts';
import { readMsChapFailure, readMsChapSuccess } from '../../ppp/auth/chap.ts';
import { tryDecode, type Packet } from '../../ppp/packet.ts';
import type { PppCause } from '../../ppp/types.ts';
import { eapCodes, eapTypes, message } from '../wire/message.ts';
import { mschapCodes, MsChapMessage } from '../wire/mschapv2.ts';
import { answer, drop, fail, stay, type EapPeer, type PeerContext, type PeerMethod, type PeerStep } from './state.ts';

type MsChap = Extract<PeerMethod, { name: 'eap-mschapv2' }>;

/** draft-kamath-pppext-eap-mschapv2, the peer's side. */
export function receiveMsChap(
  state: EapPeer,
  method: MsChap | undefined,
  request: Packet,
  data: Uint8Array,
  context: PeerContext,
): PeerStep {
  const heard = tryDecode(MsChapMessage, data);
  switch (heard?.code) {
    case 'challenge':
      // What was refused is not said again.
      if (method?.at === 'refused') return fail(state, method.cause);
      return method === undefined || method.at === 'answered'
        ? answerTo(state, request, heard, context)
        : drop(state, 'another challenge of EAP-MSCHAPv2');
    case 'success':
      return receiveSuccess(state, method, request, heard.text, context);
    case 'failure':
      return receiveFailure(state, method, request, heard, context);
    case 'response':
    case 'changePassword':
    case undefined:
      return drop(state, 'a malformed message of EAP-MSCHAPv2');
  }
}

function response(request: Packet, data: Uint8Array): Packet {
  return message(eapCodes.response, request.identifier, eapTypes.mschapv2, data);
}

function answerTo(
  state: EapPeer,
  request: Packet,
  { identifier, challenge: value }: Extract<MsChapMessage, { code: 'challenge' }>,
  context: PeerContext,
): PeerStep {
  const { credentials } = context.config;
  const challenge = { identifier, value };
  const { peerChallenge, ntResponse, proof } = answerChallenge(challenge, credentials, context.env);
  const data = encode(MsChapMessage, {
    code: 'response',
    identifier,
    response: { peerChallenge, reserved: new Uint8Array(8), ntResponse, flags: new Uint8Array(1) },
    name: utf8(credentials.userName),
  });
  const method: MsChap = { name: 'eap-mschapv2', at: 'answered', challenge, credentials, proof };
  return answer({ ...state, method }, request, response(request, data), context, { mayTake: 'long' });
}

function receiveSuccess(
  state: EapPeer,
  method: MsChap | undefined,
  request: Packet,
  text: Uint8Array,
  context: PeerContext,
): PeerStep {
  const saysSo = response(request, Uint8Array.of(mschapCodes.success));
  if (method?.at === 'proven') return answer(state, request, saysSo, context);
  if (method?.at !== 'answered') return drop(state, 'a success of nothing that was said');
  const success = readMsChapSuccess(text);
  if (success === undefined || !context.env.crypto.equal(fromHex(success.proof), fromHex(method.proof))) {
    return fail(state, { code: 'serverNotAuthentic' });
  }
  const { credentials } = method;
  const proven: MsChap = { name: 'eap-mschapv2', at: 'proven', credentials, message: printable(success.message) };
  return answer({ ...state, method: proven }, request, saysSo, context);
}

function receiveFailure(
  state: EapPeer,
  method: MsChap | undefined,
  request: Packet,
  { identifier, text }: Extract<MsChapMessage, { code: 'failure' }>,
  context: PeerContext,
): PeerStep {
  const { config, env } = context;
  const saysSo = response(request, Uint8Array.of(mschapCodes.failure));
  if (method?.at === 'refused') return answer(state, request, saysSo, context);
  if (method?.at !== 'answered') return drop(state, 'a failure of nothing that was said');
  const failure = readMsChapFailure(text);
  const said = printable(failure.message);
  const cause: PppCause = {
    code: 'authenticationRejected',
    method: 'eap-mschapv2',
    reason: failure.code,
    message: said,
    retryAllowed: failure.retryAllowed,
  };
  if (failure.code === 648 && failure.version === 3 && config.userWaitMs > 0) {
    const { credentials, challenge: before } = method;
    const challenge = { identifier: (identifier + 1) & 0xff, value: failure.challenge ?? before.value };
    return stay(
      {
        ...state,
        method: { name: 'eap-mschapv2', at: 'expired', cause, challenge, credentials },
        pending: { by: 'user', request, text: said },
        deadlineMs: env.nowMs + config.userWaitMs,
        waitingDueMs: undefined,
      },
      { kind: 'passwordExpired', message: said },
    );
  }
  const refused: MsChap = { name: 'eap-mschapv2', at: 'refused', cause };
  return answer({ ...state, method: refused }, request, saysSo, context);
}

/** §2.6 */
export function sendNewPassword(state: EapPeer, password: string, context: PeerContext): PeerStep {
  const { method, pending } = state;
  if (method?.name !== 'eap-mschapv2' || method.at !== 'expired' || pending === undefined) return stay(state);
  const { challenge } = method;
  const { change, renewed, proof } = changeOf(challenge, method.credentials, password, context.env);
  const data = encode(MsChapMessage, { code: 'changePassword', identifier: challenge.identifier, change });
  const answered: MsChap = { name: 'eap-mschapv2', at: 'answered', challenge, credentials: renewed, proof };
  const { request } = pending;
  return answer({ ...state, method: answered }, request, response(request, data), context, { mayTake: 'long' });
}
