import type { CryptoPort } from '../../crypto.ts';
import { utf8 } from '../../wire/bytes.ts';
import type { Verdict, VerifyRequest } from '../types.ts';
import { decryptPassword, encryptOldHash, generateAuthenticatorResponse, generateNtResponse } from './mschapv2.ts';

const refused: Verdict = { ok: false, code: 691, retryAllowed: false };

/** RFC 1994 §4.1: MD5 over the identifier, the secret and the challenge. */
export function chapMd5Response(
  crypto: CryptoPort,
  identifier: number,
  password: string,
  challenge: Uint8Array,
): Uint8Array {
  return crypto.hash('md5', Uint8Array.of(identifier), utf8(password), challenge);
}

/** What a password alone is enough to judge. */
export type PasswordProof = Extract<VerifyRequest, { method: 'pap' | 'chap-md5' | 'mschapv2' }>;

/** Judges the peer against the password that the host knows. A Change-Password is judged by `verifyChange`. */
export function verifyPassword(crypto: CryptoPort, request: PasswordProof, password: string): Verdict {
  switch (request.method) {
    case 'pap':
      return crypto.equal(request.password, utf8(password)) ? { ok: true } : refused;
    case 'chap-md5': {
      const expected = chapMd5Response(crypto, request.identifier, password, request.challenge);
      return crypto.equal(request.response, expected) ? { ok: true } : refused;
    }
    case 'mschapv2': {
      const { ntResponse } = request;
      if (!crypto.equal(ntResponse, generateNtResponse(crypto, request, password))) return refused;
      return {
        ok: true,
        authenticatorResponse: generateAuthenticatorResponse(crypto, request, ntResponse, password),
      };
    }
  }
}

/** Judges a Change-Password packet (RFC 2759 §7) against the old password; success says what the new one is. */
export function verifyChange(
  crypto: CryptoPort,
  request: Extract<VerifyRequest, { method: 'mschapv2-change' }>,
  oldPassword: string,
): { readonly verdict: Verdict; readonly newPassword?: string } {
  const failed = { verdict: { ok: false, code: 709, retryAllowed: false } } as const;
  const newPassword = decryptPassword(crypto, request.encryptedPassword, oldPassword);
  if (newPassword === undefined) return failed;
  const knowsOld = crypto.equal(request.encryptedHash, encryptOldHash(crypto, oldPassword, newPassword));
  const verdict = verifyPassword(crypto, { ...request, method: 'mschapv2' }, newPassword);
  return knowsOld && verdict.ok ? { verdict, newPassword } : failed;
}
