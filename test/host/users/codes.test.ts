import fc from 'fast-check';
import { TOTP } from 'otpauth';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Secret } from '../../../main/contracts/secret.ts';
import { createCrypto } from '../../../main/engine/crypto/index.ts';
import { codesAt, confirmed, newEnrolment, recoveryHash } from '../../../main/host/users/codes.ts';
import { judgeSignIn, openUserStore, type KnownUser, type LocalRequest } from '../../../main/host/users/index.ts';
import { generateNtResponse } from '../../../main/protocol/ppp/auth/mschapv2.ts';
import { chapMd5Response } from '../../../main/protocol/ppp/auth/verify.ts';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';

vi.setConfig({ testTimeout: 60_000 });

const crypto = await createCrypto();
const nowMs = Date.parse('2026-11-24T12:00:10Z');
const stepMs = 30_000;
const nowStep = Math.floor(nowMs / stepMs);
const enrolment = newEnrolment('ada', 'The office', nowMs);
const password = 'pässword';

const known = (codes = enrolment.codes): KnownUser => ({
  user: {
    name: 'ada',
    disabled: false,
    mustChangePassword: false,
    groups: [],
    networks: [],
    oneTimeCode: { enrolledAt: codes.enrolledAt, recoveryCodes: codes.recovery.length },
  },
  password: new Secret(password),
  codes,
});

const codeAt = (atMs: number): string => codesAt(enrolment.codes, atMs, 0)[0]?.code ?? '';
const challenges = {
  userName: 'ada',
  authenticatorChallenge: new Uint8Array(16).fill(1),
  peerChallenge: new Uint8Array(16).fill(2),
};

function request(method: 'pap' | 'chap-md5' | 'mschapv2', text: string): LocalRequest {
  const challenge = new Uint8Array(16).fill(3);
  switch (method) {
    case 'pap':
      return { method, userName: 'ada', password: utf8(text) };
    case 'chap-md5':
      return {
        method,
        userName: 'ada',
        identifier: 7,
        challenge,
        response: chapMd5Response(crypto, 7, text, challenge),
      };
    case 'mschapv2':
      return { method, identifier: 7, ...challenges, ntResponse: generateNtResponse(crypto, challenges, text) };
  }
}

function outcome(asked: LocalRequest, user = known(), drift = 1): string {
  const judged = judgeSignIn(crypto, asked, user, nowMs, drift);
  if (judged.ok === 'code') return 'code wanted';
  return judged.ok
    ? `step ${judged.code?.kind === 'step' ? judged.code.step - nowStep : judged.code?.kind}`
    : judged.reason;
}

/** RFC 6238, appendix B: SHA-1, of which the last six of eight digits are the code of six. */
test.each([
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
])('the code at %i s is that of RFC 6238', (seconds, digits) => {
  const secret = new Secret('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  expect(codesAt({ secret }, seconds * 1000, 0)).toMatchObject([{ code: digits.slice(-6) }]);
});

test('what is shown for the telephone makes the codes that are taken', () => {
  const uri = new URL(enrolment.uri.expose());
  expect(uri.protocol).toBe('otpauth:');
  expect(uri.searchParams.get('issuer')).toBe('The office');
  const application = new TOTP({ secret: uri.searchParams.get('secret') ?? '' });
  expect(application.generate({ timestamp: nowMs })).toBe(codeAt(nowMs));
});

describe.each(['pap', 'chap-md5', 'mschapv2'] as const)('by %s, the code behind the password', (method) => {
  test('is right now, a step before and a step after, and no further', () => {
    const steps = [-2, -1, 0, 1, 2].map((step) => outcome(request(method, password + codeAt(nowMs + step * stepMs))));
    expect(steps).toEqual(['wrongPassword', 'step -1', 'step 0', 'step 1', 'wrongPassword']);
    expect(outcome(request(method, password + codeAt(nowMs + 2 * stepMs)), known(), 2)).toBe('step 2');
    expect(outcome(request(method, password + codeAt(nowMs - stepMs)), known(), 0)).toBe('wrongPassword');
  });

  test('is never taken again, nor an older one', () => {
    const used = known({ ...enrolment.codes, lastStep: nowStep });
    expect(outcome(request(method, password + codeAt(nowMs)), used)).toBe('codeReused');
    expect(outcome(request(method, password + codeAt(nowMs - stepMs)), used)).toBe('codeReused');
    expect(outcome(request(method, password + codeAt(nowMs + stepMs)), used)).toBe('step 1');
  });

  test('may not be left out, and is nothing without the password', () => {
    expect(outcome(request(method, password))).toBe('codeMissing');
    expect(outcome(request(method, codeAt(nowMs)))).toBe('wrongPassword');
    expect(outcome(request(method, `${password}000000x`))).toBe('wrongPassword');
  });
});

describe('where the user can be asked', () => {
  const asked = (text: string, token?: { readonly by: 'local'; readonly tries: number }): LocalRequest => ({
    method: 'pap',
    userName: 'ada',
    password: utf8(text),
    mayPrompt: true,
    ...(token !== undefined && { token }),
  });
  const later = { by: 'local', tries: 0 } as const;

  test('the password comes first, then the code, as people write it', () => {
    expect(outcome(asked(password))).toBe('code wanted');
    const code = codeAt(nowMs);
    expect(outcome(asked(code, later))).toBe('step 0');
    expect(outcome(asked(` ${code.slice(0, 3)} ${code.slice(3)} `, later))).toBe('step 0');
    expect(outcome(asked('000000', later))).toBe(codeAt(nowMs) === '000000' ? 'step 0' : 'wrongCode');
  });

  test('a recovery code stands for a code, however it is written', () => {
    const [code] = enrolment.recovery;
    const plain = code?.expose() ?? '';
    expect(outcome(asked(plain, later))).toBe('step recovery');
    expect(outcome(asked(plain.toUpperCase().replaceAll('-', ' '), later))).toBe('step recovery');
    expect(outcome(asked(`${plain.slice(0, -1)}!`, later))).toBe('wrongCode');
    expect(outcome(request('pap', password + plain))).toBe('step recovery');
    expect(outcome(request('pap', `x${password}${plain}`))).toBe('wrongPassword');
  });
});

test('nothing that is not the password with a code behind it is taken', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 24 }), fc.boolean(), (text, isBehind) => {
      const sent = isBehind ? password + text : text;
      const good = [-1, 0, 1].map((step) => password + codeAt(nowMs + step * stepMs));
      fc.pre(!good.includes(sent));
      expect(outcome(request('pap', sent))).toMatch(/^(wrongPassword|codeMissing)$/);
    }),
    { numRuns: 200 },
  );
});

test('an enrolment is confirmed by a code of this moment alone, which is used up by that', () => {
  const taken = confirmed(enrolment, ` ${codeAt(nowMs).slice(0, 3)} ${codeAt(nowMs).slice(3)}`, nowMs, 1);
  expect(taken?.codes).toEqual({ ...enrolment.codes, lastStep: nowStep });
  expect(confirmed(enrolment, codeAt(nowMs - stepMs), nowMs, 1)?.codes.lastStep).toBe(nowStep - 1);
  for (const wrong of ['', codeAt(nowMs - 2 * stepMs), `${codeAt(nowMs)}0`, codeAt(nowMs).slice(1)]) {
    expect(confirmed(enrolment, wrong, nowMs, 1)).toBeUndefined();
  }
});

describe('in the store', () => {
  let folder = '';
  beforeEach(() => {
    folder = scratchFolder('codes');
  });
  afterEach(() => {
    removeScratch(folder);
  });
  const open = () => openUserStore(join(folder, 'users'), { kind: 'file', file: join(folder, 'key') });

  test('a code and a recovery code are used up once, for good, by one of two', async () => {
    const store = open();
    await store.add({ name: 'ada' }, new Secret(password));
    const enrolled = await store.enrol('ada', newEnrolment('ada', 'office', nowMs));
    if (!enrolled.ok) throw new Error(enrolled.failure.reason);
    expect(enrolled.value.user.oneTimeCode).toMatchObject({ recoveryCodes: 10 });
    const used = { kind: 'step', step: nowStep } as const;
    const both = await Promise.all([store.useCode('ada', used), open().useCode('ada', used)]);
    expect(both.map((each) => each.ok && each.value).sort()).toEqual([false, true]);
    expect(await open().useCode('ada', { kind: 'step', step: nowStep - 1 })).toEqual({ ok: true, value: false });
    const hash = recoveryHash('ada', enrolled.value.recovery[3]?.expose() ?? '');
    expect(await store.useCode('ada', { kind: 'recovery', hash })).toEqual({ ok: true, value: true });
    expect(await open().useCode('ada', { kind: 'recovery', hash })).toEqual({ ok: true, value: false });
    expect(await open().list()).toMatchObject({ value: [{ oneTimeCode: { recoveryCodes: 9 } }] });
  });

  test('the second factor outlives other changes, and goes when it is removed', async () => {
    const store = open();
    await store.add({ name: 'ada' }, new Secret(password));
    await store.enrol('ada', newEnrolment('ada', 'office', nowMs));
    await store.change('ada', { groups: ['staff'] });
    await store.setPassword('ada', new Secret('another'));
    expect(await open().find('ada')).toMatchObject({ value: { codes: { lastStep: 0 } } });
    expect(await store.renewRecovery('ada')).toMatchObject({ ok: true });
    expect(await store.removeCodes('ada')).toMatchObject({ ok: true });
    expect(await store.removeCodes('ada')).toMatchObject({ failure: { reason: 'notEnrolled' } });
    expect(await store.renewRecovery('ada')).toMatchObject({ failure: { reason: 'notEnrolled' } });
    expect(await store.enrol('eve', newEnrolment('eve', 'office', nowMs))).toMatchObject({
      failure: { reason: 'nameUnknown' },
    });
    const found = await open().find('ada');
    expect(found.ok && found.value?.codes).toBeUndefined();
  });
});
