import { describe, expect, test } from 'vitest';
import { barredBy, readEntry } from '../../../main/host/ldap/entry.ts';

const nowMs = Date.parse('2026-11-22T12:00:00Z');
/** As Active Directory counts. */
const fileTime = (text: string): string => String((BigInt(Date.parse(text)) + 11_644_473_600_000n) * 10_000n);
const reading = {
  groupAttribute: 'memberOf',
  addressAttribute: 'msRADIUSFramedIPAddress',
  groups: [
    { value: 'CN=Staff,DC=a', group: 'staff' },
    { value: 'cn=Printers,dc=a', group: 'printers' },
    { value: 'cn=people, dc=a', group: 'staff' },
  ],
};
const grantOf = (members: Record<string, string | string[] | Buffer[]>) =>
  readEntry({ dn: 'uid=x', ...members }, reading);

describe('an entry', () => {
  test('means the groups that it names, in the order of the settings and each once', () => {
    const { grant } = grantOf({ MEMBEROF: ['cn=people,dc=a', 'cn=other,dc=a', 'CN=printers,DC=A', 'cn=staff,dc=a'] });
    expect(grant).toEqual({ source: 'ldap', groups: ['staff', 'printers'] });
    expect(grantOf({ memberOf: 'cn=printers,dc=a' }).grant.groups).toEqual(['printers']);
    expect(grantOf({ 'memberOf;range=0-1499': ['cn=printers,dc=a'] }).grant.groups).toEqual(['printers']);
    expect(grantOf({ memberOf: [Buffer.from('cn=printers,dc=a'), Buffer.of(0xff)] }).grant.groups).toEqual([
      'printers',
    ]);
    expect(grantOf({ memberOfOther: 'cn=printers,dc=a', memberOf: [] }).grant.groups).toEqual([]);
  });

  test.each([
    ['10.91.37.40', '10.91.37.40'],
    ['173745448', '10.91.37.40'],
    ['-1062731519', '192.168.1.1'],
    ['3232235777', '192.168.1.1'],
  ])('has the address %s: %s', (written, address) => {
    expect(grantOf({ msRADIUSFramedIPAddress: written }).grant.address).toEqual({ chosenBy: 'server', address });
  });

  test.each(['', '10.91.37', '010.1.1.1', '4294967296', '-2147483649', '1e3', 'fd00::1', ' 10.91.37.40'])(
    'has no address "%s", and says so',
    (written) => {
      const { grant, remarks } = grantOf({ msRADIUSFramedIPAddress: written });
      expect(grant).not.toHaveProperty('address');
      expect(remarks).toHaveLength(1);
    },
  );

  test.each([
    [{ userAccountControl: '514' }, 'accountDisabled'],
    [{ userAccountControl: '512' }, undefined],
    [{ userAccountControl: 'x' }, undefined],
    [{ nsAccountLock: 'TRUE' }, 'accountDisabled'],
    [{ nsaccountlock: 'false' }, undefined],
    [{ pwdAccountLockedTime: '000001010000Z' }, 'accountDisabled'],
    [{ pwdAccountLockedTime: '20261122115900Z' }, undefined],
    [{ accountExpires: fileTime('2026-11-22T12:00:00Z') }, 'accountExpired'],
    [{ accountExpires: fileTime('2026-11-22T12:00:01Z') }, undefined],
    [{ accountExpires: '0' }, undefined],
    [{ accountExpires: '9223372036854775807' }, undefined],
    [{}, undefined],
  ] as const)('of %j is barred by %s', (members, reason) => {
    expect(barredBy({ dn: 'uid=x', ...members }, nowMs)).toBe(reason);
  });
});
