import { describe, expect, test } from 'vitest';
import type { Refusal } from '../../../main/host/ldap/connection/connection.ts';
import { printable } from '../../../main/host/ldap/problem.ts';
import { judgeBind, problemOf } from '../../../main/host/ldap/verdict.ts';

const bind = (code: number, text = '') => judgeBind({ ok: false, refusal: { code, text } });
const windows = (data: string, function_ = 'AcceptSecurityContext') =>
  bind(49, `80090308: LdapErr: DSID-0C090439, comment: ${function_} error, data ${data}, v4563 Code: 0x31`);

describe('the answer to a bind as the user', () => {
  test.each([
    ['525', 'unknownUser'],
    ['52e', 'wrongPassword'],
    ['530', 'outsideHours'],
    ['531', 'notAllowed'],
    ['532', 'passwordExpired'],
    ['533', 'accountDisabled'],
    ['701', 'accountExpired'],
    ['773', 'mustChange'],
    ['775', 'locked'],
    ['52f', 'notAllowed'],
    // Of no Windows error that is about users.
    ['5ff', 'wrongPassword'],
  ])("of Active Directory's, data %s, is %s", (data, reason) => {
    expect(windows(data)).toBe(reason);
    expect(windows(data.toUpperCase(), 'AcceptSecurityError')).toBe(reason);
  });

  test('is believed in its words only where its code is the one of wrong credentials', () => {
    expect(() => bind(1, 'AcceptSecurityContext error, data 533, v1')).toThrow('code 1');
    expect(bind(49, 'data 533')).toBe('wrongPassword');
    expect(bind(49)).toBe('wrongPassword');
  });

  test.each([
    [19, 'locked'],
    [32, 'unknownUser'],
    [48, 'wrongPassword'],
    [50, 'notAllowed'],
    [53, 'notAllowed'],
  ])('of code %i is %s', (code, reason) => {
    expect(bind(code)).toBe(reason);
  });

  test('that the password policy explains is what it says, even where it lets in', () => {
    expect(judgeBind({ ok: true, policyError: 'mustChange' })).toBe('mustChange');
    expect(judgeBind({ ok: false, refusal: { code: 49, text: '' }, policyError: 'locked' })).toBe('locked');
    expect(judgeBind({ ok: true })).toBeUndefined();
  });

  test('that decides nothing of the user is the trouble of the server', () => {
    for (const [code, trouble] of [
      [13, 'accessRefused'],
      [51, 'busy'],
      [52, 'busy'],
      [80, 'failed'],
    ] as const) {
      expect(() => bind(code)).toThrow(expect.objectContaining({ trouble }));
    }
  });
});

test('what a server says fits a line of a log', () => {
  const refusal: Refusal = { code: 1, text: `a\nb\u001b[31m\u202e${'x'.repeat(1000)}` };
  const { message } = problemOf(refusal, 'the search');
  expect(message).toMatch(/^the search was refused with code 1: a b \[31m x+…$/);
  expect(message.length).toBeLessThanOrEqual(301);
  expect(printable('  ')).toBe('');
});
