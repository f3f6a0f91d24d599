import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../main/contracts/secret.ts';
import { Directory, readServer, type LdapConfig, type LdapOutcome } from '../../main/host/ldap/index.ts';
import { utf8 } from '../../main/protocol/wire/bytes.ts';
import { createAuthority, type Authority } from '../support/certificates.ts';
import { people, reader, startOpenLdap, suffix, type OpenLdap } from '../support/peers/openldap.ts';
import { eventually } from '../support/processes.ts';
import { scratchFolder } from '../support/scratch.ts';

const secret = (text: string): Secret => new Secret(utf8(text));
const readerAccount = { dn: reader.dn, password: secret(reader.password) };

let authority: Authority;
let server: OpenLdap;
let spare: OpenLdap;
let clear: OpenLdap;
const cleanUps: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  authority = await createAuthority(scratchFolder('authority'), 'right');
  const certificate = await authority.issue('DNS:localhost');
  [server, spare, clear] = await Promise.all([
    startOpenLdap({ certificate }),
    startOpenLdap({ certificate }),
    startOpenLdap({}),
  ]);
});
afterAll(() => Promise.all([server.stop(), spare.stop(), clear.stop()]));
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const ldaps = (of: OpenLdap, host = 'localhost'): string => `ldaps://${host}:${of.ldapsPort}`;
const startTls = (of: OpenLdap, host = 'localhost'): string => `ldap://${host}:${of.ldapPort}`;

/** `as: null`: anonymous. */
interface Changes extends Partial<Omit<LdapConfig, 'search' | 'servers'>> {
  readonly search?: Partial<Omit<LdapConfig['search'], 'as'>> & { readonly as?: typeof readerAccount | null };
}

function open(addresses: readonly string[], { search = {}, ...changes }: Changes = {}): Directory {
  const { as = readerAccount, ...where } = search;
  const directory = new Directory({
    servers: addresses.map((address) => readServer(address) ?? expect.fail(address)),
    ca: authority.pem,
    search: {
      base: suffix,
      filter: '(|(uid={user})(mail={user}))',
      ...(as === null ? {} : { as }),
      ...where,
    },
    reading: {
      groupAttribute: 'memberof',
      addressAttribute: 'ipHostNumber',
      groups: [
        { value: `CN=Printers, OU=Groups, ${suffix}`, group: 'printers' },
        { value: `cn=vpn users,ou=groups,${suffix}`, group: 'staff' },
        { value: `cn=admins,ou=groups,${suffix}`, group: 'admins' },
      ],
    },
    timeoutMs: 5_000,
    ...changes,
  });
  cleanUps.push(() => directory.close());
  return directory;
}

const ask = (directory: Directory, user: string, password: string): Promise<LdapOutcome> =>
  directory.judge({ user, password: secret(password) });

/** What became of it, in a word. */
function gist(outcome: LdapOutcome): string {
  switch (outcome.kind) {
    case 'known':
      return `known ${outcome.dn}`;
    case 'refused':
      return outcome.reason;
    case 'unavailable':
      return outcome.failures.map(({ trouble }) => trouble).join(', ');
    case 'cancelled':
      return 'cancelled';
  }
}

const binds = (of: OpenLdap, dn: string): number => of.log().split(`BIND dn="${dn}" method`).length - 1;

describe('OpenLDAP', () => {
  test.each(['ldaps', 'startTls'] as const)(
    'lets in who has the right password, with groups and address, over %s',
    async (by) => {
      const directory = open([by === 'ldaps' ? ldaps(server) : startTls(server)]);
      expect(await ask(directory, 'alice', 'alice-pass')).toEqual({
        kind: 'known',
        server: by === 'ldaps' ? ldaps(server) : startTls(server),
        dn: `uid=alice,${people}`,
        grant: {
          source: 'ldap',
          groups: ['printers', 'staff'],
          address: { chosenBy: 'server', address: '10.91.37.40' },
        },
        remarks: [],
        failures: [],
      });
      expect(await ask(directory, 'bob', 'bob-pass')).toMatchObject({ kind: 'known', grant: { groups: [] } });
    },
  );

  test('knows a user of an odd name and an odd password', async () => {
    const outcome = await ask(open([ldaps(server)]), 'ada', 'pä$$ wörd');
    expect(outcome).toMatchObject({ kind: 'known', grant: { groups: ['staff'] } });
  });

  test('says of an address that is none that it is none', async () => {
    const outcome = await ask(open([ldaps(server)]), 'carol', 'carol-pass');
    expect(outcome).toMatchObject({ kind: 'known', remarks: ['ipHostNumber is no IPv4 address: 010.1'] });
    expect(outcome).not.toHaveProperty('grant.address');
  });

  test.each([
    ['alice', 'alice-pasS', 'wrongPassword'],
    ['alice', 'alice-pass ', 'wrongPassword'],
    ['nobody', 'alice-pass', 'unknownUser'],
    ['', 'alice-pass', 'unknownUser'],
    ['bare', 'bare-pass', 'wrongPassword'],
    ['twin@example.test', 'twin1-pass', 'ambiguous'],
    ['expired', 'expired-pass', 'passwordExpired'],
    ['expired', 'wrong', 'wrongPassword'],
    ['reset', 'reset-pass', 'mustChange'],
  ])('refuses %s with the password "%s": %s', async (user, password, reason) => {
    expect(await ask(open([ldaps(server)]), user, password)).toMatchObject({ kind: 'refused', reason });
  });

  test('locks who guesses, and says so', async () => {
    const directory = open([ldaps(server)]);
    const reasons: string[] = [];
    for (let i = 0; i < 4; i += 1) reasons.push(gist(await ask(directory, 'guesser', 'wrong')));
    expect(reasons).toEqual(['wrongPassword', 'wrongPassword', 'wrongPassword', 'locked']);
    expect(gist(await ask(directory, 'guesser', 'guesser-pass'))).toBe('locked');
    // A lock of the moment ends nobody's session.
    expect(gist(await directory.recheck({ user: 'guesser', dn: `uid=guesser,${people}` }))).toMatch(/^known/);
  });

  test('is asked nothing about an empty password or one with a NUL, which it might take for none', async () => {
    const before = server.log().split('ACCEPT').length;
    const directory = open([ldaps(server)]);
    for (const password of ['', '\0', '\0alice-pass', 'alice-pass\0']) {
      expect(gist(await ask(directory, 'alice', password))).toBe('wrongPassword');
    }
    expect(server.log().split('ACCEPT').length).toBe(before);
  });

  test('finds nobody by a name that is meant for its filter', async () => {
    const directory = open([ldaps(server)], { search: { filter: '(&(objectClass=inetOrgPerson)(uid={user}))' } });
    for (const user of [
      '*',
      'al*',
      '*)(uid=*',
      'alice)(objectClass=*',
      '*)(|(uid=*',
      'alice\\',
      '\\2a',
      '\\61lice',
      'a\0',
    ]) {
      expect([user, gist(await ask(directory, user, 'alice-pass'))]).toEqual([user, 'unknownUser']);
    }
    const hostile = fc.string({
      unit: fc.constantFrom(...Array.from('*()\\|&!=:~<>,+"#;alice2')),
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(hostile, async (user) => {
        const outcome = gist(await ask(directory, user, 'alice-pass'));
        return outcome === 'unknownUser' || user.trim() === 'alice';
      }),
      { numRuns: 60 },
    );
  });

  test('is searched anonymously where no account is named', async () => {
    const anonymous = open([ldaps(server)], { search: { base: `ou=open,${suffix}`, as: null } });
    const before = binds(server, reader.dn);
    expect(gist(await ask(anonymous, 'vip', 'vip-pass'))).toBe(`known uid=vip,ou=open,${suffix}`);
    expect(gist(await ask(anonymous, 'vip', 'wrong'))).toBe('wrongPassword');
    expect(binds(server, reader.dn)).toBe(before);
  });

  test('tells later whether somebody may stay, by the entry alone', async () => {
    const directory = open([ldaps(spare)]);
    const disabled = { user: 'disabled', dn: `uid=disabled,${people}` };
    expect(await directory.recheck({ user: 'alice', dn: `uid=alice,${people}` })).toMatchObject({
      kind: 'known',
      grant: { groups: ['printers', 'staff'] },
    });
    expect(gist(await directory.recheck(disabled))).toBe(`known ${disabled.dn}`);
    const lock = 'replace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n';
    await spare.modify(`dn: ${disabled.dn}\nchangetype: modify\n${lock}`);
    expect(gist(await directory.recheck(disabled))).toBe('accountDisabled');
    expect(gist(await ask(directory, 'disabled', 'disabled-pass'))).toBe('locked');
    await spare.modify(`dn: ${disabled.dn}\nchangetype: delete\n`);
    expect(gist(await directory.recheck(disabled))).toBe('unknownUser');
    expect(gist(await directory.recheck({ user: 'alice', dn: `uid=bob,${people}` }))).toBe('unknownUser');
  });
});

describe('a password', () => {
  test.each([
    ['a certificate that nobody known signed', 'untrustedCertificate', 'localhost', 'wrong'],
    ['a certificate for another name', 'wrongHostName', '127.0.0.1', 'right'],
  ] as const)('is not shown to a server with %s', async (_, trouble, host, signer) => {
    const other = await createAuthority(scratchFolder('authority'), 'wrong');
    const ca = signer === 'right' ? authority.pem : other.pem;
    const before = binds(server, reader.dn);
    const directory = open([ldaps(server, host), startTls(server, host)], { ca });
    expect(gist(await ask(directory, 'alice', 'alice-pass'))).toBe(`${trouble}, ${trouble}`);
    expect(binds(server, reader.dn)).toBe(before);
  });

  test('is not shown to a server that refuses StartTLS', async () => {
    const outcome = await ask(open([startTls(clear)]), 'alice', 'alice-pass');
    expect(gist(outcome)).toBe('tlsRefused');
    expect(clear.log()).not.toContain(`BIND dn="${reader.dn}"`);
    expect(clear.log()).toContain('EXT oid=1.3.6.1.4.1.1466.20037');
  });

  test('is tried at one server only, since each might count it', async () => {
    const directory = open([ldaps(server), ldaps(spare)]);
    const before = binds(spare, `uid=bob,${people}`);
    expect(gist(await ask(directory, 'bob', 'wrong'))).toBe('wrongPassword');
    expect(binds(spare, `uid=bob,${people}`)).toBe(before);
  });

  test('is in nothing that is said about it', async () => {
    const password = secret('reader-secret-9');
    const directory = open([ldaps(server)], { search: { as: { dn: reader.dn, password } } });
    const outcome = await ask(directory, 'carol', 'carol-secret-9');
    expect(outcome).toMatchObject({ kind: 'unavailable', failures: [{ trouble: 'accessRefused' }] });
    const wrong = await ask(open([ldaps(server)]), 'carol', 'carol-secret-9');
    expect(JSON.stringify([outcome, wrong])).not.toContain('secret-9');
  });
});

describe('of several servers', () => {
  test('the next is asked where one cannot be reached, and the first one last for a while', async () => {
    const dead = await startOpenLdap({ certificate: await authority.issue('DNS:localhost') });
    await dead.kill();
    cleanUps.push(() => dead.stop());
    const directory = open([ldaps(dead), ldaps(spare), ldaps(server)]);
    for (let i = 0; i < 2; i += 1) {
      const failures = i === 0 ? [{ server: ldaps(dead), trouble: 'noConnection' }] : [];
      expect(await ask(directory, 'alice', 'alice-pass')).toMatchObject({
        kind: 'known',
        server: ldaps(spare),
        failures,
      });
    }
    expect(gist(await ask(open([ldaps(dead), startTls(dead)]), 'alice', 'alice-pass'))).toBe(
      'noConnection, noConnection',
    );
  });

  test.each([ldaps, startTls])('the next is asked where one hangs', async (address) => {
    const directory = open([address(spare), ldaps(server)], { timeoutMs: 300 });
    spare.signal('SIGSTOP');
    cleanUps.push(async () => {
      spare.signal('SIGCONT');
      await eventually('the spare server answers', 20_000, async () => {
        const outcome = await ask(open([ldaps(spare)]), 'alice', 'alice-pass');
        return outcome.kind === 'known';
      });
    });
    expect(await ask(directory, 'alice', 'alice-pass')).toMatchObject({ kind: 'known', server: ldaps(server) });
    expect(gist(await ask(open([address(spare)], { timeoutMs: 300 }), 'alice', 'alice-pass'))).toBe('noAnswer');
  });

  test('the next is not asked where the settings are wrong', async () => {
    const base = `dc=other,${suffix}`;
    expect(gist(await ask(open([ldaps(server), ldaps(spare)], { search: { base } }), 'alice', 'alice-pass'))).toBe(
      'noSearchBase',
    );
    const as = { dn: reader.dn, password: secret('wrong') };
    expect(gist(await ask(open([ldaps(server), ldaps(spare)], { search: { as } }), 'alice', 'alice-pass'))).toBe(
      'accessRefused',
    );
  });
});

describe('many questions', () => {
  test('are all answered, on a bounded number of connections, of which none is left', async () => {
    const busy = await startOpenLdap({ certificate: await authority.issue('DNS:localhost') });
    cleanUps.push(() => busy.stop());
    const directory = open([ldaps(busy), startTls(busy)], { timeoutMs: 60_000 });
    const outcomes = await Promise.all(
      Array.from({ length: 150 }, (_, i) => ask(directory, 'alice', i % 3 === 0 ? `wrong ${i}` : 'alice-pass')),
    );
    expect(outcomes.filter(({ kind }) => kind === 'unavailable')).toEqual([]);
    let openNow = 0;
    let mostOpen = 0;
    await eventually('every connection is closed', 10_000, () => {
      openNow = 0;
      for (const [, what] of busy.log().matchAll(/(ACCEPT from IP|fd=\d+ closed)/g)) {
        openNow += what === 'ACCEPT from IP' ? 1 : -1;
        mostOpen = Math.max(mostOpen, openNow);
      }
      return openNow <= 0;
    });
    expect(mostOpen).toBeLessThanOrEqual(32 + 1);
  });

  test('end when they are no longer wanted, or when the directory is closed', async () => {
    spare.signal('SIGSTOP');
    cleanUps.push(() => {
      spare.signal('SIGCONT');
      return Promise.resolve();
    });
    const directory = open([ldaps(spare), startTls(spare)], { timeoutMs: 60_000 });
    const unwanted = new AbortController();
    const asked = { user: 'alice', password: secret('alice-pass') };
    const answers = [
      ...Array.from({ length: 40 }, () => directory.judge(asked, unwanted.signal)),
      ...Array.from({ length: 40 }, () => directory.judge(asked)),
    ];
    setTimeout(() => {
      unwanted.abort();
    }, 50);
    await Promise.all(answers.slice(0, 40));
    await directory.close();
    expect(new Set((await Promise.all(answers)).map(gist))).toEqual(new Set(['cancelled']));
    expect(gist(await directory.judge(asked))).toBe('cancelled');
  });
});
