import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FilterParser } from 'ldapts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failure } from '../../../main/contracts/failure.ts';
import { ldap } from '../../../main/contracts/host-authentication.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import { filterFor, isFilter } from '../../../main/host/ldap/filter.ts';
import { configureLdap, readServer, type LdapSurroundings } from '../../../main/host/ldap/index.ts';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';
import { createAuthority } from '../../support/certificates.ts';
import { scratchFolder } from '../../support/scratch.ts';

const folder = scratchFolder('ldap');
const surroundings: LdapSurroundings = {
  secretOf: (reference, what) =>
    Promise.resolve(
      reference.kind === 'inline'
        ? { ok: true, value: new Secret(utf8(reference.text.expose())) }
        : { ok: false, failure: failure('credentials.missing', { what, how: '' }) },
    ),
  configFile: join(folder, 'host.jsonc'),
};
const search = { base: 'dc=example,dc=test' };
const settings = (members: object = {}) => ldap.parse({ servers: ['ldaps://a.test'], search, ...members });

async function refusal(members: object): Promise<string> {
  const made = await configureLdap(settings(members), surroundings);
  return made.ok ? expect.fail('taken') : JSON.stringify(made.failure);
}

describe('the settings of a directory', () => {
  test('become servers, the account that searches and what entries mean', async () => {
    const { pem, certificateFile } = await createAuthority(folder, 'ca');
    const made = await configureLdap(
      settings({
        servers: ['ldaps://a.test', 'ldap://b.test:3389', 'ldaps://[2001:db8::1]', 'LDAP://192.0.2.1'],
        caFile: certificateFile,
        search: { ...search, bindDn: 'cn=reader', bindPassword: 'x' },
        timeout: 7,
        addressAttribute: 'ipHostNumber',
      }),
      surroundings,
    );
    expect(made).toMatchObject({
      ok: true,
      value: {
        servers: [
          { host: 'a.test', port: 636, tls: 'atOnce' },
          { host: 'b.test', port: 3389, tls: 'startTls' },
          { host: '2001:db8::1', port: 636, tls: 'atOnce' },
          { host: '192.0.2.1', port: 389, tls: 'startTls' },
        ],
        search: { base: search.base, as: { dn: 'cn=reader' } },
        reading: { groupAttribute: 'memberOf', addressAttribute: 'ipHostNumber' },
        timeoutMs: 7000,
      },
    });
    expect(made).toHaveProperty('value.ca', pem.trim());
    expect(JSON.stringify(made)).toContain('"password":"[secret]"');
  });

  test('without an account or certificates search as nobody and trust whom the system trusts', async () => {
    const made = await configureLdap(settings(), surroundings);
    expect(made).toMatchObject({ ok: true });
    expect(made).not.toHaveProperty('value.ca');
    expect(made).not.toHaveProperty('value.search.as');
  });

  test('are refused where a secret or the certificates cannot be had, or TLS is switched off', async () => {
    writeFileSync(join(folder, 'empty.pem'), 'nothing\n');
    writeFileSync(join(folder, 'broken.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    const bound = { ...search, bindDn: 'cn=reader', bindPassword: { file: 'gone' } };
    expect(await refusal({ search: bound })).toContain('ldap.search.bindPassword');
    expect(await refusal({ caFile: 'gone.pem' })).toContain('gone.pem');
    expect(await refusal({ caFile: 'empty.pem' })).toContain('holds no certificate');
    expect(await refusal({ caFile: 'broken.pem' })).toContain('broken.pem');
    expect(await refusal({ servers: ['ldaps://a', 'ldap://a'], startTls: false })).toContain('ldap.servers.1');
  });

  test.each(['https://a', 'ldap://', 'ldap://a:99999', 'a.test', ''])('name no server by "%s"', (name) => {
    expect(readServer(name)).toBeUndefined();
  });
});

describe('the filter for a user', () => {
  test('has the name as a value and nothing else, whatever the name', () => {
    const template = '(&(objectClass=person)(|(uid={user})(mail={user}@*)(cn:dn:2.5.13.2:={user})))';
    const shape = (filter: string): string => {
      const of = (node: object): unknown => [
        node.constructor.name,
        ...Object.values(node).map((part: unknown) =>
          Array.isArray(part) ? part.map((one: unknown) => (typeof one === 'object' && one !== null ? of(one) : 0)) : 0,
        ),
      ];
      return JSON.stringify(of(FilterParser.parseString(filter)));
    };
    const hostile = fc.string({ unit: fc.constantFrom(...Array.from("*()\\|&!=:~<>$`&'\0 aé2")), minLength: 1 });
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'grapheme', minLength: 1 })), (user) => {
        const filter = filterFor(template, user);
        expect(shape(filter)).toBe(shape(filterFor(template, 'alice')));
        expect(FilterParser.parseString(filterFor('(uid={user})', user))).toMatchObject({
          attribute: 'uid',
          value: user,
        });
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['(uid={user})', true],
    ['(|(uid={user})(sAMAccountName={user})(userPrincipalName={user}))', true],
    ['(&(uid={user})(!(userAccountControl:1.2.840.113556.1.4.803:=2)))', true],
    ['(uid={user}', false],
    ['(&(uid={user})', false],
    ['(uid={user})(mail={user})', false],
    ['({user})', false],
    ['(&{user})', false],
  ])('%s is one: %s', (template, is) => {
    expect(isFilter(template)).toBe(is);
  });
});
