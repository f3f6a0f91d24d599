import { encode } from '../../wire/codec.ts';
import { fromUtf8, utf8 } from '../../wire/bytes.ts';
import { writeMsChapFailure, writeMsChapSuccess } from '../../ppp/auth/chap.ts';
import { tryDecode, type Packet } from '../../ppp/packet.ts';
import type { PppCause, Verdict } from '../../ppp/types.ts';
import { eapTypes } from '../wire/message.ts';
import { MsChapMessage } from '../wire/mschapv2.ts';
import {
  admit,
  ask,
  drop,
  refuse,
  verify,
  type AuthenticatorContext,
  type AuthenticatorStep,
  type EapAuthenticator,
  type Stage,
} from './state.ts';

/** draft-kamath-pppext-eap-mschapv2, the authenticator's side. */

const challengeBytes = 16;

export function beginMsChap(state: EapAuthenticator, context: AuthenticatorContext): AuthenticatorStep {
  const challenge = context.env.crypto.random(challengeBytes);
  const { identifier } = state;
  const name = utf8(context.config.hostName);
  const data = encode(MsChapMessage, { code: 'challenge', identifier, challenge, name });
  return ask(state, { at: 'mschapv2', identifier, challenge }, eapTypes.mschapv2, data, context);
}

type MsChapStage = Extract<Stage, { at: 'mschapv2' | 'mschapv2Success' | 'mschapv2Failure' }>;

export function receiveMsChapResponse(
  state: EapAuthenticator,
  stage: MsChapStage,
  response: Packet,
  data: Uint8Array,
  context: AuthenticatorContext,
): AuthenticatorStep {
  const said = tryDecode(MsChapMessage, data);
  switch (stage.at) {
    case 'mschapv2': {
      if (said?.code !== 'response') return drop(state, 'no response of EAP-MSCHAPv2');
      const { peerChallenge, ntResponse } = said.response;
      const { identifier, challenge: authenticatorChallenge } = stage;
      const userName = said.name.length === 0 ? state.identity : fromUtf8(said.name);
      const proof = { identifier, authenticatorChallenge, peerChallenge, ntResponse };
      return verify(state, response, { method: 'mschapv2', userName, ...proof }, context);
    }
    case 'mschapv2Success':
      return said?.code === 'success'
        ? admit({ ...state, response }, stage.userName, stage.text)
        : drop(state, 'no word that the success was heard');
    case 'mschapv2Failure':
      if (said?.code !== 'changePassword') return refuse({ ...state, response }, stage.cause);
      return changePassword(state, stage, response, said, context);
  }
}

function changePassword(
  state: EapAuthenticator,
  { identifier, challenge: authenticatorChallenge, userName, cause }: Extract<MsChapStage, { at: 'mschapv2Failure' }>,
  response: Packet,
  { change }: Extract<MsChapMessage, { code: 'changePassword' }>,
  context: AuthenticatorContext,
): AuthenticatorStep {
  const isExpired = cause.code === 'authenticationRejected' && cause.reason === 648;
  if (!isExpired) return refuse({ ...state, response }, cause);
  const { peerChallenge, ntResponse, encryptedPassword, encryptedHash } = change;
  const proof = { authenticatorChallenge, peerChallenge, ntResponse, encryptedPassword, encryptedHash };
  return verify(state, response, { method: 'mschapv2-change', userName, identifier, ...proof }, context);
}

/** What was judged is told, and heard, before EAP itself says it. */
export function tellMsChapVerdict(
  state: EapAuthenticator,
  userName: string,
  verdict: Verdict,
  context: AuthenticatorContext,
): AuthenticatorStep {
  const identifier = 'identifier' in state.stage ? state.stage.identifier : state.identifier;
  if (verdict.ok && verdict.authenticatorResponse !== undefined) {
    const said = verdict.message ?? '';
    const data = encode(MsChapMessage, {
      code: 'success',
      identifier,
      text: writeMsChapSuccess(verdict.authenticatorResponse, said),
    });
    return ask(state, { at: 'mschapv2Success', userName, text: said }, eapTypes.mschapv2, data, context);
  }
  const { code, message = '' } = verdict.ok ? { code: 691 as const } : verdict;
  const challenge = context.env.crypto.random(challengeBytes);
  const cause: PppCause = {
    code: 'authenticationRejected',
    method: 'eap-mschapv2',
    reason: code,
    message,
    retryAllowed: false,
  };
  const text = writeMsChapFailure({ code, retryAllowed: false, challenge, version: 3, message });
  const data = encode(MsChapMessage, { code: 'failure', identifier, text });
  const next = (identifier + 1) & 0xff;
  const stage = { at: 'mschapv2Failure', identifier: next, challenge, userName, cause } as const;
  return ask(state, stage, eapTypes.mschapv2, data, context);
}
