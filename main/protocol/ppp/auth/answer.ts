import type { Environment } from '../../machine.ts';
import { utf8 } from '../../wire/bytes.ts';
import { encode } from '../../wire/codec.ts';
import type { Packet } from '../packet.ts';
import type { ClientConfig, Credentials, LinkMethod } from '../types.ts';
import { ChangePassword, ChapValue, MsChapResponse, PapRequest, chapCodes, papCodes } from './chap.ts';
import { encryptOldHash, encryptPassword, generateAuthenticatorResponse, generateNtResponse } from './mschapv2.ts';
import { chapMd5Response } from './verify.ts';

/** What the client says of itself, method by method. */

/** A challenge, and the identifier that our answer to it must bear. */
export interface Challenge {
  readonly identifier: number;
  readonly value: Uint8Array;
}

/** What we sent, and what the peer must prove in return. */
export interface Exchange {
  readonly packet: Packet;
  readonly challenge: Challenge | undefined;
  readonly credentials: Credentials;
  readonly proof: string | undefined;
  /** Challenges that were answered before: L2TP may bring them late, and again. */
  readonly earlier: readonly Challenge[];
}

/** What one step may refer to. */
export interface Context {
  readonly method: Exclude<LinkMethod, 'eap'>;
  readonly config: ClientConfig;
  readonly env: Environment;
}

const longestPapField = 255;

/** RFC 1334 §2.2.1. */
export function papRequest(credentials: Credentials): Exchange {
  const data = encode(PapRequest, {
    peerId: utf8(credentials.userName).slice(0, longestPapField),
    password: utf8(credentials.password).slice(0, longestPapField),
  });
  return {
    packet: { code: papCodes.request, identifier: 1, data },
    challenge: undefined,
    credentials,
    proof: undefined,
    earlier: [],
  };
}

/** RFC 1994 §4.1, RFC 2759 §4. */
export function chapResponse(challenge: Challenge, credentials: Credentials, { method, env }: Context): Exchange {
  const { crypto } = env;
  const { userName, password } = credentials;
  const name = utf8(userName);
  const packet = (value: Uint8Array): Packet => ({
    code: chapCodes.response,
    identifier: challenge.identifier,
    data: encode(ChapValue, { value, name }),
  });
  if (method !== 'mschapv2') {
    const value = chapMd5Response(crypto, challenge.identifier, password, challenge.value);
    return { packet: packet(value), challenge, credentials, proof: undefined, earlier: [] };
  }
  const { peerChallenge, ntResponse, proof } = answerChallenge(challenge, credentials, env);
  const response = { peerChallenge, reserved: new Uint8Array(8), ntResponse, flags: new Uint8Array(1) };
  return { packet: packet(encode(MsChapResponse, response)), challenge, credentials, proof, earlier: [] };
}

/** RFC 2759 §4 */
export function answerChallenge(challenge: Challenge, { userName, password }: Credentials, { crypto }: Environment) {
  const peerChallenge = crypto.random(16);
  const challenges = { authenticatorChallenge: challenge.value, peerChallenge, userName };
  const ntResponse = generateNtResponse(crypto, challenges, password);
  const proof = generateAuthenticatorResponse(crypto, challenges, ntResponse, password);
  return { peerChallenge, ntResponse, proof };
}

/** RFC 2759 §7: the old password proves who asks for the new one. */
export function changeOf(challenge: Challenge, credentials: Credentials, password: string, env: Environment) {
  const renewed = { ...credentials, password };
  const { peerChallenge, ntResponse, proof } = answerChallenge(challenge, renewed, env);
  const change: ChangePassword = {
    encryptedPassword: encryptPassword(env.crypto, password, credentials.password),
    encryptedHash: encryptOldHash(env.crypto, credentials.password, password),
    peerChallenge,
    reserved: new Uint8Array(8),
    ntResponse,
    flags: 0,
  };
  return { change, renewed, proof };
}

export function newPassword(
  challenge: Challenge,
  credentials: Credentials,
  password: string,
  env: Environment,
): Exchange {
  const { change, renewed, proof } = changeOf(challenge, credentials, password, env);
  const data = encode(ChangePassword, change);
  const packet = { code: chapCodes.changePassword, identifier: challenge.identifier, data };
  return { packet, challenge, credentials: renewed, proof, earlier: [] };
}

/** A repeated challenge gets the same answer: our part in it is random, and the peer's proof belongs to one answer. */
export function isAnswered({ challenge: answered }: Exchange, challenge: Challenge, context: Context): boolean {
  return answered !== undefined && isOneOf([answered], challenge, context);
}

export function isOneOf(known: readonly Challenge[], { identifier, value }: Challenge, { env }: Context): boolean {
  return known.some((each) => each.identifier === identifier && env.crypto.equal(each.value, value));
}

/** More than can be on the way at one time. */
const mostEarlier = 4;

export function answeredSoFar({ challenge, earlier }: Exchange): readonly Challenge[] {
  return [...(challenge === undefined ? [] : [challenge]), ...earlier].slice(0, mostEarlier);
}
