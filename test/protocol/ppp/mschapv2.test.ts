import { expect, test } from 'vitest';
import { createCrypto } from '../../../main/engine/crypto/index.ts';
import {
  readMsChapFailure,
  readMsChapSuccess,
  writeMsChapFailure,
  writeMsChapSuccess,
} from '../../../main/protocol/ppp/auth/chap.ts';
import {
  challengeHash,
  decryptPassword,
  desKey,
  encryptPassword,
  generateAuthenticatorResponse,
  generateNtResponse,
  ntPasswordHash,
} from '../../../main/protocol/ppp/auth/mschapv2.ts';
import { rc4 } from '../../../main/protocol/ppp/auth/rc4.ts';
import { chapMd5Response } from '../../../main/protocol/ppp/auth/verify.ts';
import { verifyPassword } from '../../../main/protocol/ppp/index.ts';
import { fromHex, latin1, toHex, utf8 } from '../../../main/protocol/wire/bytes.ts';
import vectors from '../../vectors/mschapv2.json' with { type: 'json' };

const crypto = await createCrypto();
const challenges = {
  authenticatorChallenge: fromHex(vectors.authenticatorChallenge),
  peerChallenge: fromHex(vectors.peerChallenge),
  userName: vectors.userName,
};

test('RFC 2759 §9.2: hashes, response and proof', () => {
  expect(toHex(challengeHash(crypto, challenges))).toBe(vectors.challengeHash);
  expect(toHex(ntPasswordHash(crypto, vectors.password))).toBe(vectors.ntPasswordHash);
  const ntResponse = generateNtResponse(crypto, challenges, vectors.password);
  expect(toHex(ntResponse)).toBe(vectors.ntResponse);
  expect(generateAuthenticatorResponse(crypto, challenges, ntResponse, vectors.password)).toBe(
    vectors.authenticatorResponse,
  );
});

test('a domain before the user name is not hashed (RFC 2759 §8.2)', () => {
  const qualified = { ...challenges, userName: `CORP\\${vectors.userName}` };
  expect(toHex(challengeHash(crypto, qualified))).toBe(vectors.challengeHash);
});

test('RFC 2759 §9.3: DES keys get odd parity', () => {
  expect(toHex(desKey(fromHex(vectors.desKey.sevenBytes)))).toBe(vectors.desKey.withParity);
});

test.each(vectors.rc4)('RFC 6229: RC4 under $key', ({ key, stream }) => {
  expect(toHex(rc4(fromHex(key), new Uint8Array(16)))).toBe(stream);
});

test('a new password crosses under the old one, and only under it', () => {
  for (const newPassword of ['', 'x', 'schlüssel-🔑', 'p'.repeat(256)]) {
    const block = encryptPassword(crypto, newPassword, 'old');
    expect(block).toHaveLength(516);
    expect(decryptPassword(crypto, block, 'old')).toBe(newPassword);
    expect(decryptPassword(crypto, block, 'other')).not.toBe(newPassword);
  }
});

test('CHAP-MD5 is the hash of identifier, secret and challenge (RFC 1994 §4.1)', () => {
  const challenge = fromHex('00112233445566778899aabbccddeeff');
  const expected = crypto.hash('md5', Uint8Array.of(7, ...utf8('secret'), ...challenge));
  expect(chapMd5Response(crypto, 7, 'secret', challenge)).toEqual(expected);
  const request = { method: 'chap-md5', userName: 'u', identifier: 7, challenge, response: expected } as const;
  expect(verifyPassword(crypto, request, 'secret')).toEqual({ ok: true });
  expect(verifyPassword(crypto, { ...request, identifier: 8 }, 'secret')).toMatchObject({ ok: false, code: 691 });
});

const challengeHex = '0123456789ABCDEF0123456789ABCDEF';

test.each([
  [
    `E=691 R=1 C=${challengeHex} V=3 M=Access denied`,
    { code: 691, retryAllowed: true, version: 3, message: 'Access denied', challenge: fromHex(challengeHex) },
  ],
  [`E=648 R=0 C=${challengeHex} V=3`, { code: 648, retryAllowed: false, version: 3, message: '' }],
  ['E=942 R=0', { code: 'other', retryAllowed: false, version: 0, challenge: undefined }],
  ['M=E=648 R=1', { code: 'other', retryAllowed: false, message: 'E=648 R=1' }],
  ['E=691 R=1 C=zz V=3 M=a M=b', { code: 691, challenge: undefined, message: 'a M=b' }],
  ['', { code: 'other', retryAllowed: false, message: '' }],
])('a failure %j is understood', (text, expected) => {
  expect(readMsChapFailure(latin1(text))).toMatchObject(expected);
});

test('what is written is read back', () => {
  const failure = {
    code: 649,
    retryAllowed: true,
    challenge: fromHex(challengeHex),
    version: 3,
    message: 'nein, ü',
  } as const;
  expect(readMsChapFailure(writeMsChapFailure(failure))).toEqual(failure);
  const proof = vectors.authenticatorResponse;
  expect(readMsChapSuccess(writeMsChapSuccess(proof, 'hello'))).toEqual({ proof, message: 'hello' });
  expect(readMsChapSuccess(latin1(`S=${proof}`))).toEqual({ proof, message: '' }); // SoftEther
  expect(readMsChapSuccess(latin1('M=hello'))).toBeUndefined();
});
