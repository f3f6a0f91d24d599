import fc from 'fast-check';
import { z } from 'zod';
import { describe, expect, test, vi } from 'vitest';
import { profile } from '../../main/contracts/profile.ts';
import { fromMembers, membersOf, namesFiles, withoutDefaults } from '../../main/contracts/profile-members.ts';
import { Secret } from '../../main/contracts/secret.ts';
import { exportProfile } from '../../main/profiles/documents/export.ts';
import { considerImport } from '../../main/profiles/documents/import.ts';
import { isLink, linkOf, readLink } from '../../main/profiles/documents/link.ts';
import { failureOf, office, payload, signed, useStore, valueOf } from './support.ts';

// A passphrase takes its time by design.
vi.setConfig({ testTimeout: 60_000 });

const place = useStore();

const consider = (text: string, store = place.open()) => considerImport(text, 'office.json', store, () => 0);

describe('an import', () => {
  test('changes nothing before it is taken, and never anything that is there', async () => {
    const store = place.open();
    valueOf(await store.create(office));
    const pending = valueOf(consider(JSON.stringify({ ...office, gateway: 'other.example' }), store));
    expect(pending.plan).toMatchObject({ action: 'add', name: 'office-2', secrets: 'none' });
    expect(store.list().profiles).toHaveLength(1);
    valueOf(await pending.take(undefined));
    expect(store.find('office')?.profile.gateway).toBe('vpn.example.com');
    expect(store.find('office-2')?.profile.gateway).toBe('other.example');
  });

  test('says what the profile will do', () => {
    const network = { mode: 'split', routes: ['10.20.0.0/16'], branch: ['192.168.77.0/24'], killSwitch: true };
    const ppp = { authentication: ['pap'] };
    const { plan } = valueOf(
      consider(JSON.stringify({ ...office, user: 'al\u202eice', network, ppp, ipsec: { security: 'legacy' } })),
    );
    const texts = plan.effects.map(({ text }) => text).join('\n');
    expect(texts).toContain('Connects to vpn.example.com.');
    expect(texts).toContain('10.20.0.0/16');
    expect(texts).not.toContain('\u202e');
    const notable = plan.effects
      .filter(({ isNotable }) => isNotable)
      .map(({ text }) => text)
      .join('\n');
    for (const word of ['beside the tunnel', '192.168.77.0/24', 'PAP', '3DES', 'name servers'])
      expect(notable).toContain(word);
    expect(
      valueOf(consider(JSON.stringify(office))).plan.effects.some(({ text }) => /everything through/.test(text)),
    ).toBe(true);
  });

  test('takes secrets out of the profile: the store never holds them', async () => {
    const written = { ...office, ipsec: { preSharedKey: '0x00ff' }, l2tp: { tunnelSecret: 'tunnel' } };
    const pending = valueOf(consider(JSON.stringify(written)));
    expect(pending.plan.secrets).toBe('clear');
    const { stored, secrets } = valueOf(await pending.take(undefined));
    expect(stored.profile.ipsec.preSharedKey).toBeUndefined();
    expect(secrets.map(({ name, secret }) => [name, secret.expose()])).toEqual([
      ['preSharedKey', '0x00ff'],
      ['tunnelSecret', 'tunnel'],
    ]);
  });
});

describe('a profile from elsewhere is refused', () => {
  const withSecret = (preSharedKey: unknown) => ({ ...office, ipsec: { preSharedKey } });
  test.each<[string, unknown, string]>([
    ['when it reads a file', withSecret({ file: '../../.ssh/id_ed25519' }), 'profile.namesFile'],
    [
      'when an export of it reads a file',
      { culvertProfile: 1, profile: withSecret({ file: '/etc/shadow' }) },
      'profile.namesFile',
    ],
    [
      'with a certificate',
      { ...office, ipsec: { certificate: { pkcs12: '/home/me/mine.p12' }, trust: { authorities: ['ca.pem'] } } },
      'profile.namesFile',
    ],
    [
      'with a key',
      {
        ...office,
        ipsec: { certificate: { pem: 'a.pem', key: '../.ssh/id_rsa' }, trust: { authorities: ['ca.pem'] } },
      },
      'profile.namesFile',
    ],
    ['with authorities', { ...office, ipsec: { trust: { authorities: ['/etc/passwd'] } } }, 'profile.namesFile'],
    ['with a member that is not known', { ...office, exec: 'rm -rf /' }, 'profile.invalid'],
    ['with a name that leads elsewhere', { ...office, name: '../../etc/passwd' }, 'profile.invalid'],
    ['with a title that hides', { ...office, title: 'Office\u202egpj.exe' }, 'profile.invalid'],
    ['with a gateway that is a command', { ...office, gateway: '$(reboot)' }, 'profile.invalid'],
    [
      'with a prototype',
      JSON.parse('{"version":1,"name":"x","gateway":"g","__proto__":{"user":"eve"}}'),
      'profile.invalid',
    ],
    [
      'with more routes than anybody has',
      { ...office, network: { routes: Array(4001).fill('10.0.0.0/8') } },
      'profile.invalid',
    ],
    ['of a later format', { culvertProfile: 2 }, 'profile.newer'],
    [
      'with a key derivation that takes for ever',
      {
        culvertProfile: 1,
        profile: office,
        secrets: {
          format: 'culvert-secrets-1',
          key: { kind: 'scrypt', salt: 'A'.repeat(22) + '==', cost: 2 ** 30 },
          nonce: 'AAAAAAAAAAAAAAAA',
          sealed: '',
        },
      },
      'profile.invalid',
    ],
    ['that is a list', [office], 'profile.invalid'],
    ['that is nothing', null, 'profile.invalid'],
  ])('%s', (_, document, code) => {
    const failure = failureOf(consider(JSON.stringify(document)));
    expect(failure).toMatchObject({ code });
    expect(failure.cause).toContain('office.json');
  });

  test.each([
    ['nothing', '', 'profile.notJson'],
    ['a program', '#!/bin/sh\nreboot', 'profile.notJson'],
    ['a bottomless pit', '['.repeat(500_000), 'profile.notJson'],
    ['a very large file', ' '.repeat(2 ** 20 + 1), 'profile.unreadable'],
    ['bytes', '\u0000\u0001\ufffd', 'profile.notJson'],
  ])('that is %s', (_, text, code) => {
    expect(failureOf(consider(text)).code).toBe(code);
  });

  test('or is one that can be used, whatever it is made of: nothing throws, and no file is ever named', () => {
    const store = place.open();
    const value = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 3 },
        fc.string(),
        fc.integer(),
        fc.constant(null),
        fc.constantFrom({ file: '/etc/shadow' }, '0x00', [], {}),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            'file',
            'ipsec',
            'preSharedKey',
            'network',
            'routes',
            '__proto__',
            'culvertProfile',
            'signed',
          ),
          tie('json'),
          { maxKeys: 3 },
        ),
      ),
    })).json;
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('ipsec', 'l2tp', 'network', 'user', 'title', 'more'), value, { maxKeys: 4 }),
        (members) => {
          const result = consider(JSON.stringify({ ...office, ...members }), store);
          if (result.ok) expect(JSON.stringify(members)).not.toMatch(/"file"/);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('an export', () => {
  test('of a profile is read back as the same profile, without what is a default', async () => {
    const before = profile.parse({ ...office, title: 'Büro', network: { mode: 'split', routes: ['10.20.0.0/16'] } });
    const text = await exportProfile(before);
    expect(JSON.parse(text)).toEqual({
      ...office,
      title: 'Büro',
      network: { mode: 'split', routes: ['10.20.0.0/16'] },
    });
    const { stored } = valueOf(await valueOf(consider(text)).take(undefined));
    expect(stored.profile).toEqual(before);
  });

  test('has secrets only sealed, and they come out with the passphrase alone', async () => {
    const passphrase = new Secret('correct horse');
    const secrets = { password: 'hunter2', preSharedKey: '0sAP8Q' };
    const text = await exportProfile(profile.parse(office), { secrets, passphrase });
    expect(text).not.toMatch(/hunter2|0sAP8Q|correct/);
    const pending = valueOf(consider(text));
    expect(pending.plan.secrets).toBe('sealed');
    expect(failureOf(await pending.take(new Secret('wrong'))).code).toBe('secrets.wrongPassphrase');
    expect(place.open().list().profiles).toEqual([]);
    const taken = valueOf(await pending.take(passphrase));
    expect(Object.fromEntries(taken.secrets.map(({ name, secret }) => [name, secret.expose()]))).toEqual(secrets);
  });
});

describe('a link', () => {
  test('carries the document itself, and what is not the whole of one is refused', () => {
    const text = JSON.stringify(office);
    const link = valueOf(linkOf(text));
    expect(isLink(link)).toBe(true);
    expect(valueOf(readLink(link))).toBe(text);
    expect(valueOf(readLink(`${link.replace('culvert://profile', 'CULVERT://Profile')}/`))).toBe(text);
  });

  test.each([
    ['https://evil.example/profile.json', 'it begins otherwise'],
    ['culvert://https://evil.example/profile.json', 'does not carry'],
    ['culvert://profile/', 'does not carry'],
    ['culvert://profile/eyJ2?url=https://evil.example', 'does not carry'],
    ['culvert://connect/office', 'does not carry'],
    ['culvert://profile/eyJ=', 'does not carry'],
    ['culvert://profile/e', 'cut or changed'],
    [`culvert://profile/${'A'.repeat(32 * 1024)}`, 'too long'],
  ])('%s is none', (link, reason) => {
    expect(failureOf(readLink(link))).toMatchObject({
      code: 'link.invalid',
      cause: expect.stringContaining(reason) as string,
    });
  });

  test('is not made of a profile that is too long for one', () => {
    expect(failureOf(linkOf('x'.repeat(32 * 1024))).code).toBe('link.invalid');
  });

  test('holds a signed profile too', () => {
    const link = valueOf(linkOf(JSON.stringify(signed())));
    const pending = valueOf(consider(valueOf(readLink(link))));
    expect(pending.plan.managed?.organisation).toBe(payload().organisation);
  });
});

test('a profile taken apart into members and put together again is the same', () => {
  const input = {
    ...office,
    ipsec: { remoteId: { kind: 'fqdn', value: 'x' } },
    network: { dns: { use: 'none' }, routes: [] },
  };
  expect(fromMembers(membersOf(input))).toEqual(input);
  expect(profile.parse(fromMembers(withoutDefaults(membersOf(profile.parse(input)))))).toEqual(profile.parse(input));
});

test('every member that speaks of files is known to name them', () => {
  const found: string[] = [];
  const walk = (node: unknown, name: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { description, type } = node as { description?: string; type?: string };
    const isText = type === 'string' || type === 'array';
    // What a file holds, or where it is; the whole of a certificate is described apart from its parts.
    if (isText && /\bfiles?\b|\bPEM\b|\bDER\b/i.test(description ?? '')) found.push(name);
    for (const [key, below] of Object.entries(node)) {
      const names = key === 'properties' ? Object.entries(below as object) : [[name, below] as const];
      for (const [each, inner] of names) walk(inner, each);
    }
  };
  walk(z.toJSONSchema(profile, { io: 'input' }), '');
  expect(found).toEqual(expect.arrayContaining(['file', 'pkcs12', 'authorities']));
  expect(found.filter((name) => !namesFiles.test(name))).toEqual([]);
});
