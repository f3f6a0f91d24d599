import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparableName } from '../../../main/host/ldap/names.ts';

const same = (a: string, b: string): boolean => comparableName(a) === comparableName(b);

describe('names of groups', () => {
  test.each([
    ['cn=VPN Users,ou=Groups,dc=example,dc=test', 'CN=vpn users,OU=groups,DC=EXAMPLE,DC=test'],
    ['cn=VPN Users,ou=Groups', ' cn = VPN Users ,  ou=Groups '],
    ['cn=VPN  Users,ou=Groups', 'cn=VPN Users,ou=Groups'],
    ['cn=Smith\\, Ada,ou=a', 'cn=Smith\\2C Ada,ou=a'],
    ['cn=a\\+b', 'cn=a\\2bb'],
    ['cn=Gr\\C3\\B6\\C3\\9Fe', 'cn=Größe'],
    ['cn=a+uid=b,dc=x', 'uid=b+cn=a,dc=x'],
    ['cn=back\\\\2Cslash', 'CN=back\\5c2Cslash'],
    ['vpn-users', 'VPN-Users'],
    ['Staff, all of it', 'staff, all of it'],
    ['2.5.4.3=x', '2.5.4.3 = X'],
  ])('are one: %s and %s', (a, b) => {
    expect(same(a, b)).toBe(true);
  });

  test.each([
    ['cn=vpn,ou=groups', 'cn=vpn,ou=people'],
    ['cn=vpn,ou=groups', 'cn=vpn'],
    ['cn=a,cn=b', 'cn=b,cn=a'],
    ['cn=a,cn=b', 'cn=a+cn=b'],
    ['cn=a\\,cn=b', 'cn=a,cn=b'],
    ['cn=a\\+cn=b', 'cn=a+cn=b'],
    ['cn=back\\\\2Cslash', 'cn=back\\2Cslash'],
    ['cn=vpn', 'vpn'],
    ['cn=vpn', 'ou=vpn'],
    ['cn=ab', 'cn=a b'],
    ['name ["cn=a"]', 'cn=a'],
  ])('are two: %s and %s', (a, b) => {
    expect(same(a, b)).toBe(false);
  });

  test('are one whichever characters of them are escaped', () => {
    const value = fc.string({ unit: fc.constantFrom(...Array.from('ab,+"\\<>;=#2Cé')), minLength: 1, maxLength: 10 });
    const always = (text: string): string =>
      Array.from(Buffer.from(text), (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
    const needed = (text: string): string => text.replaceAll(/[,+"\\<>;=#]/g, '\\$&');
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(same(`cn=${always(a)},ou=x`, `cn=${needed(a)},ou=x`)).toBe(true);
        expect(same(`cn=${always(a)}`, `cn=${needed(b)}`)).toBe(a.toLowerCase() === b.toLowerCase());
      }),
    );
  });

  test('of any form and length are compared in time', () => {
    for (const long of [
      ' '.repeat(500_000),
      '\\'.repeat(500_001),
      `cn=${' '.repeat(500_000)}x`,
      'a='.repeat(200_000),
      ','.repeat(200_000),
    ]) {
      expect(comparableName(long)).toBe(comparableName(long));
    }
  });
});
