import { describe, expect, test } from 'vitest';
import { hostUser } from '../../../main/contracts/host-user.ts';
import { isSameUser, type JudgedBy } from '../../../main/host/authority/ledger.ts';
import { foldedName } from '../../../main/host/users/index.ts';

const local = (user: string) => {
  const judgedBy: JudgedBy = { source: 'local', localUser: hostUser.parse({ name: user }) };
  return { user, judgedBy, accounting: { class: [] } };
};
const ofLdap = (user: string, dn: string) => ({
  ...{ user, judgedBy: { source: 'ldap', dn } as const, accounting: { class: [] } },
});
const ofRadius = (user: string, userName?: string) => ({
  ...{ user, judgedBy: { source: 'radius' } as const },
  accounting: { class: [], ...(userName !== undefined && { userName }) },
});

describe('one user', () => {
  const dn = 'uid=ada,ou=People,dc=example';
  test.each([
    [local('ada'), local('ada')],
    [ofLdap('ada', dn), ofLdap('ada@example.test', dn)],
    [ofLdap('ada', dn), ofLdap('\u00adADA ', 'UID=Ada, ou=people, dc=example')],
    [ofRadius('ada'), ofRadius('Ada')],
    [ofRadius('ada', 'ada@example.test'), ofRadius('ADA@example.test')],
    [ofLdap('ada', dn), ofRadius('ADA')],
  ])('is %j and %j', (one, other) => {
    expect([isSameUser(one, other), isSameUser(other, one)]).toEqual([true, true]);
  });

  test.each([
    [local('ada'), local('Ada')],
    [local('rene'), local('ren\u00e9')],
    [ofLdap('ada', dn), ofLdap('ada', 'uid=ada,ou=Guests,dc=example')],
    [ofRadius('ada'), ofRadius('bob')],
  ])('is not %j and %j', (one, other) => {
    expect(isSameUser(one, other)).toBe(false);
  });
});

test('spellings that a directory takes for one name count as one', () => {
  const spellings = [
    'Ada Byron',
    'ada byron',
    ' ADA  BYRON ',
    '\uff41da byron',
    'a\u00adda byron',
    '\u00e2da byron',
    'ada\u00a0byron',
  ];
  expect(new Set(spellings.map(foldedName))).toEqual(new Set(['ada byron']));
  expect(foldedName('CORP\\ada')).not.toBe(foldedName('ada'));
});
