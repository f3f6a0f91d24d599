import fc from 'fast-check';
import { FilterParser } from 'ldapts';
import { describe, expect, test } from 'vitest';
import { ldap } from '../../../main/contracts/host-authentication.ts';
import { configureLdap } from '../../../main/host/ldap/index.ts';
import { domainBase, personFilter } from '../../../main/host/ldap/windows/domain.ts';
import { guidText, primaryGroupSid, sidText } from '../../../main/host/ldap/windows/identifiers.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import { fromHex, utf8 } from '../../../main/protocol/wire/bytes.ts';

const domain = { dnsName: 'corp.example.com', netbiosName: 'CORP' };
const people = '(&(objectCategory=person)(objectClass=user))';
const filterOf = (user: string): string | undefined => personFilter(domain, user);

describe('a name of a Windows domain', () => {
  test.each([
    ['ada', '(sAMAccountName=ada)'],
    ['CORP\\ada', '(sAMAccountName=ada)'],
    ['corp\\ada', '(sAMAccountName=ada)'],
    ['Corp.Example.Com\\ada', '(sAMAccountName=ada)'],
    ['ada@CORP.example.com', '(|(userPrincipalName=ada@CORP.example.com)(sAMAccountName=ada))'],
    ['ada.king@office.test', '(userPrincipalName=ada.king@office.test)'],
    ['a@b@office.test', '(userPrincipalName=a@b@office.test)'],
    ['*', '(sAMAccountName=\\2a)'],
    ['CORP\\a)(b\\c', '(sAMAccountName=a\\29\\28b\\5cc)'],
  ])('%s is looked for by %s', (user, condition) => {
    expect(filterOf(user)).toBe(`(&${people}${condition})`);
  });

  test.each(['OTHER\\ada', 'other.test\\ada', '\\ada'])('%s is another domain’s', (user) => {
    expect(filterOf(user)).toBeUndefined();
  });

  test('adds nothing to the filter, whatever it holds', () => {
    const hostile = fc.string({ unit: fc.constantFrom(...Array.from("*()\\|&!=:~<>@'\0 aé2")), minLength: 1 });
    fc.assert(
      fc.property(hostile, (user) => {
        const filter = filterOf(user);
        if (filter === undefined) return user.includes('\\');
        const { filters } = FilterParser.parseString(filter) as unknown as { filters: readonly object[] };
        expect(filters).toHaveLength(2);
        expect(['EqualityFilter', 'OrFilter']).toContain(filters[1]?.constructor.name);
        return true;
      }),
      { numRuns: 500 },
    );
  });

  test('of the domain is that of its entry', () => {
    expect(domainBase('corp.example.com')).toBe('DC=corp,DC=example,DC=com');
  });
});

describe('an identifier', () => {
  const administrator = fromHex('010500000000000515000000a065cf7e784b9b5fe77c8770f4010000');

  // MS-DTYP §2.4.2.1 gives the well-known ones.
  test.each([
    ['010100000000000100000000', 'S-1-1-0'],
    ['01020000000000052000000020020000', 'S-1-5-32-544'],
    ['010500000000000515000000a065cf7e784b9b5fe77c8770f4010000', 'S-1-5-21-2127521184-1604012920-1887927527-500'],
  ])('%s is %s', (hex, text) => {
    expect(sidText(fromHex(hex))).toBe(text);
  });

  test('names the primary group beside its account, unless either is none', () => {
    expect(primaryGroupSid(administrator, '513')).toBe('S-1-5-21-2127521184-1604012920-1887927527-513');
    expect(primaryGroupSid(administrator.subarray(1), '513')).toBeUndefined();
    expect(primaryGroupSid(administrator, '513)(x=*')).toBeUndefined();
  });

  test('that the server sends is read or refused, and never breaks the filter it goes into', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(sidText(bytes) ?? 'S-1-0').toMatch(/^S-1-\d+(-\d+)*$/);
        expect(guidText(bytes) ?? '00'.repeat(16)).toMatch(/^[0-9a-f]{32}$/);
      }),
    );
  });
});

test('five members are enough to ask Active Directory', async () => {
  const settings = ldap.parse({
    kind: 'activeDirectory',
    domain: 'corp.example.com',
    servers: ['ldaps://dc1.corp.example.com'],
    search: { bindDn: 'culvert@corp.example.com', bindPassword: 'x' },
    groups: [{ value: 'VPN Users', group: 'staff' }],
  });
  const secretOf = () => Promise.resolve({ ok: true, value: new Secret(utf8('x')) } as const);
  expect(await configureLdap(settings, { secretOf, configFile: '/etc/culvert/host.json' })).toMatchObject({
    ok: true,
    value: {
      search: { base: 'DC=corp,DC=example,DC=com', filter: domain, as: { dn: 'culvert@corp.example.com' } },
      reading: { addressAttribute: 'msRADIUSFramedIPAddress' },
    },
  });
});
