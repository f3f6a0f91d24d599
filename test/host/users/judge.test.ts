import { describe, expect, test, vi } from 'vitest';
import { hostUser, type HostUser } from '../../../main/contracts/host-user.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import { createCrypto } from '../../../main/engine/crypto/index.ts';
import { judgeSignIn, type Judgement, type KnownUser, type LocalRequest } from '../../../main/host/users/index.ts';
import { encryptOldHash, encryptPassword, generateNtResponse } from '../../../main/protocol/ppp/auth/mschapv2.ts';
import { chapMd5Response } from '../../../main/protocol/ppp/auth/verify.ts';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';

vi.setConfig({ testTimeout: 60_000 });

const crypto = await createCrypto();
const nowMs = Date.parse('2026-11-24T12:00:00Z'); // a Tuesday

const known = (members: Partial<HostUser> = {}): KnownUser => ({
  user: hostUser.parse({ name: 'ada', ...members }),
  password: new Secret('pässword'),
});

const userName = 'ada';
const challenges = {
  userName,
  authenticatorChallenge: new Uint8Array(16).fill(1),
  peerChallenge: new Uint8Array(16).fill(2),
};

function requests(password: string): Record<'pap' | 'chap-md5' | 'mschapv2', LocalRequest> {
  const challenge = new Uint8Array(16).fill(3);
  return {
    pap: { method: 'pap', userName, password: utf8(password) },
    'chap-md5': {
      method: 'chap-md5',
      userName,
      identifier: 7,
      challenge,
      response: chapMd5Response(crypto, 7, password, challenge),
    },
    mschapv2: {
      method: 'mschapv2',
      identifier: 7,
      ...challenges,
      ntResponse: generateNtResponse(crypto, challenges, password),
    },
  };
}

function change(newPassword: string, oldPassword: string): LocalRequest {
  return {
    method: 'mschapv2-change',
    identifier: 8,
    ...challenges,
    ntResponse: generateNtResponse(crypto, challenges, newPassword),
    encryptedPassword: encryptPassword(crypto, newPassword, oldPassword),
    encryptedHash: encryptOldHash(crypto, oldPassword, newPassword),
  };
}

function outcome(judgement: Judgement): [string, unknown] {
  if (judgement.ok === 'code') return ['code', undefined];
  return [judgement.ok ? 'accepted' : judgement.reason, judgement.verdict.ok ? undefined : judgement.verdict.code];
}

describe.each(['pap', 'chap-md5', 'mschapv2'] as const)('a sign-in by %s', (method) => {
  const judge = (user: KnownUser | undefined, password = 'pässword') =>
    judgeSignIn(crypto, requests(password)[method], user, nowMs);
  const office = { timeZone: 'Europe/Berlin', windows: [{ days: ['tuesday' as const], from: '08:00', to: '13:00' }] };

  test('with the right password is accepted', () => {
    expect(outcome(judge(known()))).toEqual(['accepted', undefined]);
  });

  test.each<[string, Partial<HostUser>, string, number]>([
    ['a disabled account', { disabled: true }, 'accountDisabled', 647],
    ['an account that ended', { expiresAt: '2026-11-24T13:00:00+01:00' }, 'accountExpired', 647],
    ['the wrong hour', { hours: office }, 'outsideHours', 646],
    ['a password to be changed', { mustChangePassword: true }, 'passwordExpired', 648],
    ['a password that expired', { passwordExpiresAt: '2026-11-24T11:59:59Z' }, 'passwordExpired', 648],
  ])('is refused for %s, which is told only to who knows the password', (_, members, reason, code) => {
    expect(outcome(judge(known(members)))).toEqual([reason, code]);
    expect(outcome(judge(known(members), 'wrong'))).toEqual(['wrongPassword', 691]);
  });

  test('of nobody is refused like a wrong password, whatever the password', () => {
    expect(outcome(judge(undefined))).toEqual(['unknownUser', 691]);
    expect(outcome(judge(undefined, ''))).toEqual(['unknownUser', 691]);
    expect(judge(undefined)).toMatchObject({ verdict: { ok: false, code: 691, retryAllowed: false } });
  });

  test('says when the account or its hours end', () => {
    const hours = { ...office, timeZone: 'Europe/London' };
    const endsAt = (members: Partial<HostUser>): string => {
      const judgement = judge(known(members));
      return judgement.ok === true && judgement.endsAtMs !== undefined
        ? new Date(judgement.endsAtMs).toISOString()
        : 'never';
    };
    expect(endsAt({})).toBe('never');
    expect(endsAt({ hours })).toBe('2026-11-24T13:00:00.000Z');
    expect(endsAt({ hours, expiresAt: '2026-11-24T12:30:00Z' })).toBe('2026-11-24T12:30:00.000Z');
  });
});

describe('a change of the password', () => {
  const judge = (request: LocalRequest, members: Partial<HostUser> = { mustChangePassword: true }) =>
    judgeSignIn(crypto, request, known(members), nowMs);

  test('is accepted, with the new one to be stored', () => {
    const judgement = judge(change('brand new', 'pässword'));
    expect(judgement.ok === true && judgement.newPassword?.expose()).toBe('brand new');
  });

  test.each<[string, LocalRequest, Partial<HostUser>, string, number]>([
    ['by who does not know the old one', change('brand new', 'wrong'), {}, 'wrongPassword', 691],
    ['to the same again', change('pässword', 'pässword'), {}, 'passwordChangeRefused', 709],
    ['to one of seven characters', change('1234567', 'pässword'), {}, 'passwordChangeRefused', 709],
    [
      'to the name of the user',
      change('ALICE.SMITH', 'pässword'),
      { name: 'alice.smith' },
      'passwordChangeRefused',
      709,
    ],
    ['of a disabled account', change('brand new', 'pässword'), { disabled: true }, 'accountDisabled', 647],
  ])('%s is refused', (_, request, members, reason, code) => {
    expect(outcome(judge(request, members))).toEqual([reason, code]);
  });
});
