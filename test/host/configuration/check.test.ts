import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { checkHostConfig, type Checked, type Problem } from '../../../main/host/configuration/index.ts';

vi.setConfig({ testTimeout: 60_000 });

const surroundings = { nowMs: Date.parse('2026-11-22T12:00:00Z'), hostNetworks: [] };

function check(text: string, hostNetworks: { interface: string; network: string }[] = []): Checked {
  return checkHostConfig(text, { ...surroundings, hostNetworks });
}

/** A configuration that is valid but for what a test adds. */
const sound = { preSharedKey: 'a key that is long enough', pools: { office: { ranges: ['10.91.37.0/24'] } } };
const withMembers = (members: object): string => JSON.stringify({ ...sound, ...members }, null, 2);
const errorsOf = (text: string): string[] =>
  check(text).problems.map(({ path, what, severity }) => `${severity} ${path} ${what}`);

describe('a configuration', () => {
  test('of a pool and a pre-shared key is enough, the rest has its defaults', () => {
    expect(check(withMembers({}))).toMatchObject({
      ok: true,
      problems: [],
      config: {
        listen: { addresses: ['0.0.0.0', '::'], ikePort: 500 },
        authentication: { methods: ['mschapv2'], sources: ['local'] },
        pools: { office: { mode: 'nat', sticky: true } },
        defaultGroup: 'default',
      },
    });
  });

  test('may have comments, trailing commas and a byte order mark', () => {
    expect(check(`\ufeff// the office\n${withMembers({}).replace(/\}$/, ', /* end */ }')}`)).toMatchObject({
      ok: true,
    });
  });

  test('is not told to write a member that it has, where it makes no sense', () => {
    const pools = { office: { ranges: ['10.91.37.0/24'], interface: 'eth1' } };
    expect(check(withMembers({ pools })).problems).toMatchObject([
      { path: 'pools.office.interface', fix: expect.stringMatching(/^Remove it/) as string },
    ]);
  });

  test('without a pool and a key says both', () => {
    expect(errorsOf('{ "pools": {} }')).toEqual(['error preSharedKey is missing', 'error pools has no pool']);
  });

  test('with many errors lists each with its place, what is wrong and what to do', () => {
    const text = `{
  "preSharedKey": 12345,
  "listen": { "ikeport": 500 },
  "pools": {
    "office": { "ranges": ["10.91.37.300"], "mode": "bridged" },
    "lan": { "source": "dhpc" },
  },
  "groups": { "staff": { "mtu": 90, "pools": ["ofice"] } },
}`;
    const { ok, problems } = check(text);
    expect(ok).toBe(false);
    expect(problems.map(({ path, line, column }) => `${line ?? 0}:${column ?? 0} ${path}`)).toEqual([
      '2:3 preSharedKey',
      '3:15 listen.ikeport',
      '5:28 pools.office.ranges[0]',
      '5:45 pools.office.mode',
      '6:14 pools.lan.source',
      '8:26 groups.staff.mtu',
    ]);
    const fixes = problems.map(({ fix }) => fix);
    expect(fixes[1]).toContain('"ikePort"');
    expect(fixes[2]).toContain('first-last');
    expect(fixes[3]).toBe('Write "routed", "nat" or "proxyArp".');
    expect(fixes[4]).toBe('Write "pool" or "dhcp".');
    expect(fixes[5]).toBe('Write at least 576.');
  });

  test('with an error of form beside one of meaning lists both', () => {
    const text = withMembers({ listen: { ikePort: 0 }, groups: { staff: { pools: ['ofice'] } } });
    expect(errorsOf(text)).toEqual([
      'error listen.ikePort is too small',
      'error groups.staff.pools[0] names the pool "ofice", which is not there',
    ]);
  });

  test('whose text is broken lists every place', () => {
    const { ok, problems } = check('{\n  "pools": { "a" }\n  "groups": {,}\n}');
    expect(ok).toBe(false);
    expect(problems.map(({ line }) => line)).toEqual(expect.arrayContaining([2, 3]));
  });

  test('that writes a member twice is refused', () => {
    expect(check('{ "pools": {}, "pools": {} }').problems).toMatchObject([{ line: 1, column: 16 }]);
  });

  test('never quotes a value, which may be a secret', () => {
    const texts = ['{"preSharedKey":hunter2}', '{"preSharedKey":["hunter2"]}', '{"preSharedKey":{"file":["hunter2"]}}'];
    for (const text of texts) expect(JSON.stringify(check(text))).not.toContain('hunter2');
    const valid = check(withMembers({ preSharedKey: 'hunter2 and more of it' }));
    expect(valid.ok).toBe(true);
    expect(JSON.stringify(valid)).not.toContain('hunter2');
  });

  test('with a member named __proto__ is refused', () => {
    expect(errorsOf(withMembers({}).replace('{', '{ "__proto__": {},'))).toEqual([
      'error __proto__ is not a member that the host knows',
    ]);
  });

  test('that is nested without end is refused', () => {
    expect(check('['.repeat(1_000_000)).problems).toMatchObject([{ what: 'is nested too deeply' }]);
  });

  test('of any text whatever gives a verdict', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string({ unit: fc.constantFrom('{', '}', '[', ']', ':', ',', '"', '/', '*', '\\', 'n', '1') }),
        ),
        (text) => {
          const { ok, problems } = check(text);
          expect(ok || problems.length > 0).toBe(true);
        },
      ),
    );
  });

  test('of any shape whatever gives a verdict', () => {
    const names = fc.constantFrom(
      'pools',
      'groups',
      'users',
      'ranges',
      'source',
      'office',
      '__proto__',
      'preSharedKey',
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('10.91.37.0/24', 'dhcp', 'office', 7, null, true, -1, ''),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(names, tie('value'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(value, (shape) => {
        const { ok, problems } = check(JSON.stringify(shape));
        expect(ok || problems.every(({ severity }: Problem) => severity === 'error')).toBe(true);
      }),
    );
  });
});

test('certificates alone are enough to let clients in', () => {
  const certificates = { own: [{ pkcs12: 'host.p12' }], trust: { authorities: ['ca.pem'] } };
  expect(check(JSON.stringify({ pools: sound.pools, certificates })).ok).toBe(true);
});

describe('a configuration is refused where', () => {
  test.each<[string, object, string]>([
    [
      'a range ends before it begins',
      { pools: { a: { ranges: ['10.1.0.9-10.1.0.1'] } } },
      'pools.a.ranges[0] ends before',
    ],
    [
      'pools overlap',
      { pools: { a: { ranges: ['10.91.0.0/16'] }, b: { ranges: ['10.92.0.0/24', '10.91.3.1-10.91.3.9'] } } },
      'pools.b.ranges[1] overlaps pools.a',
    ],
    [
      'everything of a pool is excluded',
      { pools: { a: { ranges: ['10.91.0.0/30'], exclude: ['10.91.0.1-10.91.0.2'] } } },
      'pools.a.ranges has no address left',
    ],
    [
      'no client has a certificate that is believed',
      { certificates: { own: [{ pkcs12: 'host.p12' }], trust: {} } },
      'certificates.trust.authorities is empty',
    ],
    [
      'a group is not there',
      { users: [{ name: 'ada', groups: ['staf'] }] },
      'users[0].groups[0] names the group "staf"',
    ],
    ['the default group is not there', { defaultGroup: 'guests' }, 'defaultGroup names the group "guests"'],
    ['a source is not set up', { authentication: { sources: ['radius'] } }, 'authentication.sources[0] asks radius'],
    [
      'a directory would have to be asked without the password',
      {
        authentication: { sources: ['ldap'], methods: ['mschapv2'] },
        ldap: { servers: ['ldaps://a'], search: { base: 'dc=a' } },
      },
      'authentication.sources[0] asks a directory',
    ],
    [
      'a directory would be shown passwords without TLS',
      { ldap: { servers: ['ldaps://a', 'ldap://a'], startTls: false, search: { base: 'dc=a' } } },
      'ldap.servers[1] is to be shown passwords without TLS',
    ],
    [
      'a server has a port that is none',
      { ldap: { servers: ['ldaps://a:99999'], search: { base: 'dc=a' } } },
      'ldap.servers[0] is not the address',
    ],
    [
      "a directory's filter is none",
      { ldap: { servers: ['ldaps://a'], search: { base: 'dc=a', filter: '(&(uid={user})' } } },
      'ldap.search.filter is not a filter',
    ],
    [
      'an account that searches has no password',
      { ldap: { servers: ['ldaps://a'], search: { base: 'dc=a', bindDn: 'cn=reader,dc=a' } } },
      'ldap.search.bindDn stands without bindPassword',
    ],
    [
      'a password that searches has no account',
      { ldap: { servers: ['ldaps://a'], search: { base: 'dc=a', bindPassword: 'x' } } },
      'ldap.search.bindPassword stands without bindDn',
    ],
    [
      'a domain is to be searched by nobody',
      {
        ldap: { kind: 'activeDirectory', domain: 'corp.test', servers: ['ldaps://a'], search: {} },
      },
      'ldap.search.bindDn is missing',
    ],
    [
      'winbind has no method',
      {
        authentication: { sources: ['winbind'], methods: ['pap'] },
        ldap: {
          kind: 'activeDirectory',
          domain: 'corp.test',
          servers: ['ldaps://a'],
          search: { bindDn: 'a', bindPassword: 'x' },
        },
        winbind: {},
      },
      'authentication.sources[0] asks winbind, which judges MS-CHAPv2',
    ],
    [
      'winbind has no directory beside it',
      {
        authentication: { sources: ['winbind'] },
        ldap: { servers: ['ldaps://a'], search: { base: 'dc=a' } },
        winbind: {},
      },
      'authentication.sources[0] asks winbind, which says only whether a password is right',
    ],
    ['a split tunnel has no route', { groups: { a: { tunnel: 'split' } } }, 'groups.a.tunnel is split'],
    [
      'ports have no protocol',
      { groups: { a: { reach: [{ network: '10.0.0.0/8', ports: ['80'] }] } } },
      'groups.a.reach[0].ports names ports of the protocol "any"',
    ],
    [
      'ports are none',
      { groups: { a: { reach: [{ network: '10.0.0.0/8', protocol: 'tcp', ports: ['9-1'] }] } } },
      'groups.a.reach[0].ports[0]',
    ],
    ['a user is written twice', { users: [{ name: 'ada' }, { name: 'ada' }] }, 'users[1].name is a user that'],
    [
      'two users have one address',
      {
        users: [
          { name: 'a', address: '10.91.37.9' },
          { name: 'b', address: '10.91.37.9' },
        ],
      },
      'users[1].address is the address of another',
    ],
    [
      'two branches have one network',
      {
        users: [
          { name: 'a', networks: ['10.50.0.0/16'] },
          { name: 'b', networks: ['10.50.7.0/24'] },
        ],
      },
      'users[1].networks[0] overlaps users.0',
    ],
    [
      'one client has two keys',
      { preSharedKeys: [1, 2].map(() => ({ identity: { kind: 'fqdn', value: 'a' }, key: 'x' })) },
      'preSharedKeys[1].identity has already a key',
    ],
    [
      'a broken algorithm is named without the switch',
      { ipsec: { ikeProposals: ['3des-sha1-modp2048'] } },
      'ipsec.ikeProposals[0]',
    ],
    [
      'a prefix is too long',
      { pools: { a: { ranges: ['10.91.0.0/24'], ipv6Prefix: '2001:db8::/72' } } },
      'pools.a.ipv6Prefix is longer',
    ],
    [
      'more keys are for names than can be tried',
      {
        preSharedKeys: Array.from({ length: 15 }, (_, i) => ({
          identity: { kind: 'fqdn', value: `client${i}.example` },
          key: `the key of client ${i}`,
        })),
      },
      'preSharedKeys has more than 14 keys',
    ],
    ['limits contradict each other', { limits: { halfOpen: { total: 16 } } }, 'limits.halfOpen.perSource is more'],
  ])('%s', (_, members, expected) => {
    const { ok } = check(withMembers(members));
    expect(ok).toBe(false);
    expect(errorsOf(withMembers(members)).join('\n')).toContain(expected);
  });
});

describe('a configuration is doubted, and taken, where', () => {
  const lan = { interface: 'eth1', network: '10.20.0.0/16' };
  test.each<[string, object, string]>([
    ["a pool overlaps the host's own network", { pools: { a: { ranges: ['10.20.3.0/24'] } } }, '10.20.0.0/16 on eth1'],
    [
      'a pool is what home routers give out',
      { pools: { a: { ranges: ['192.168.178.20-192.168.178.40'] } } },
      'FRITZ!Box',
    ],
    [
      'addresses of the LAN are not of the LAN',
      { pools: { a: { ranges: ['10.91.0.0/24'], mode: 'proxyArp' } } },
      'proxyArp',
    ],
    ['a branch has the network of the office', { users: [{ name: 'b', networks: ['10.20.4.0/24'] }] }, '10.20.0.0/16'],
    [
      'an exclusion excludes nothing',
      { pools: { a: { ranges: ['10.91.0.0/24'], exclude: ['10.92.0.1'] } } },
      'excludes nothing',
    ],
    ['an address is in no pool', { users: [{ name: 'a', address: '10.77.0.1' }] }, 'is in no pool'],
    [
      'a prefix is too small for the pool',
      { pools: { a: { ranges: ['10.91.0.0/24'], ipv6Prefix: '2001:db8::/60' } } },
      'holds 16 networks',
    ],
    ['PAP is allowed', { authentication: { methods: ['mschapv2', 'pap'] } }, 'send their password itself'],
    [
      'a source comes after RADIUS',
      {
        authentication: { sources: ['radius', 'local'] },
        radius: { servers: [{ address: '192.0.2.1', secret: 'x' }] },
      },
      'is never asked',
    ],
    ['the legacy switch is on', { ipsec: { legacy: { until: '2027-01-31', reason: 'x' } } }, 'until 2027-01-31'],
    [
      'the legacy switch has run out',
      { ipsec: { legacy: { until: '2026-11-21', reason: 'x' } } },
      'ended on 2026-11-21',
    ],
    [
      'the host is to listen where it is not',
      { listen: { addresses: ['203.0.113.10'] } },
      'no address of this machine',
    ],
    ['a pool has no address beside the host', { pools: { a: { ranges: ['10.91.0.1'] } } }, 'no address for a client'],
    ['a key is short', { preSharedKey: 'secret' }, 'short key'],
  ])('%s', (_, members, expected) => {
    const { ok, problems } = check(withMembers(members), [lan]);
    expect(ok).toBe(true);
    expect(problems).toMatchObject([{ severity: 'warning' }]);
    expect(problems[0]?.what).toContain(expected);
  });

  test('and not where addresses of the LAN are given out as such', () => {
    const pools = { lan: { ranges: ['10.20.200.10-10.20.200.99'], mode: 'proxyArp' } };
    expect(check(withMembers({ pools }), [lan])).toMatchObject({ ok: true, problems: [] });
  });
});

test.each(['host.jsonc', 'host-small.jsonc'])('the example %s is valid', async (name) => {
  const text = await readFile(new URL(`../../../docs/examples/${name}`, import.meta.url), 'utf8');
  const { ok, problems } = check(text);
  expect({ ok, errors: problems.filter(({ severity }) => severity === 'error') }).toEqual({ ok: true, errors: [] });
});
