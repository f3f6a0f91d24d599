import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lockablePaths, memberPaths } from '../../main/contracts/profile-members.ts';
import { considerImport } from '../../main/profiles/documents/import.ts';
import { verifyManaged } from '../../main/profiles/managed/managed-profile.ts';
import {
  endorse,
  fingerprintOf,
  generateSigningKey,
  publicKeyOf,
  readPrivateKey,
  readPublicKey,
} from '../../main/profiles/managed/signing.ts';
import { failureOf, office, payload, signed, signingKey, useStore, valueOf, verified } from './support.ts';

const place = useStore();
const nowMs = Date.parse('2026-11-30T12:00:00Z');

function newKey() {
  const key = readPrivateKey(generateSigningKey().privatePem);
  if (key === undefined) throw new Error('no key');
  return key;
}

describe('a signature', () => {
  test('holds for what was signed, and for nothing else', () => {
    expect(verifyManaged(signed(), 'f').ok).toBe(true);
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const document = signed();
        const bytes = Buffer.from(document.signed, 'base64');
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        return (
          failureOf(verifyManaged({ ...document, signed: bytes.toString('base64') }, 'f')).code === 'managed.signature'
        );
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['another key', () => ({ ...signed(), key: publicKeyOf(newKey()) })],
    ['another signature', () => ({ ...signed(), signature: signed({ serial: 2 }).signature })],
    ['no key at all', () => ({ ...signed(), key: Buffer.alloc(32).toString('base64') })],
  ])('is not right with %s', (_, document) => {
    expect(failureOf(verifyManaged(document(), 'f')).code).toBe('managed.signature');
  });

  test('of an endorsement is none of a profile, nor the other way round', () => {
    const key = newKey();
    const { signature } = endorse(publicKeyOf(key), key);
    const signedBytes = Buffer.from(publicKeyOf(key), 'base64').toString('base64');
    expect(failureOf(verifyManaged({ ...signed({}, key), signed: signedBytes, signature }, 'f')).code).toBe(
      'managed.signature',
    );
  });

  test('keys are read back from PEM, and only those of Ed25519', () => {
    const { privatePem, publicPem } = generateSigningKey();
    const key = readPrivateKey(privatePem);
    expect(key && publicKeyOf(key)).toBe(readPublicKey(publicPem));
    expect(readPrivateKey(publicPem)).toBeUndefined();
    expect(readPrivateKey('-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----')).toBeUndefined();
    expect(fingerprintOf(readPublicKey(publicPem) ?? '')).toMatch(/^([0-9a-f]{4} ){15}[0-9a-f]{4}$/);
  });
});

describe('a managed profile is refused', () => {
  test.each([
    [
      'with a member that is wrong',
      { profile: { ...office, gatway: 'x' } },
      'profile.invalid',
      /gatway: there is no such member/,
    ],
    [
      'with a secret in the clear',
      { profile: { ...office, ipsec: { preSharedKey: 'hunter2' } } },
      'profile.invalid',
      /preSharedKey/,
    ],
    [
      'that reads a file',
      { profile: { ...office, ipsec: { preSharedKey: { file: '/etc/shadow' } } } },
      'profile.namesFile',
      /file/,
    ],
    ['with a lock that nobody can hold', { locked: ['network.killswitch'] }, 'profile.invalid', /locked/],
    [
      'of an organisation that turns lines around',
      { organisation: 'Exam\u202eple' },
      'profile.invalid',
      /organisation/,
    ],
  ])('%s', (_, changes, code, cause) => {
    const failure = failureOf(verifyManaged(signed(changes), 'f'));
    expect(failure).toMatchObject({ code });
    expect(failure.cause).toMatch(cause);
    expect(failure.cause).not.toContain('hunter2');
  });

  test('when its time is over, at import and at each use', async () => {
    const short = verified({ notAfter: '2026-12-01T00:00:00Z' });
    const store = place.open();
    valueOf(await store.addManaged(short, nowMs));
    const laterMs = Date.parse('2026-12-01T00:00:01Z');
    expect(store.use('office', nowMs).ok).toBe(true);
    expect(failureOf(store.use('office', laterMs)).code).toBe('managed.expired');
    expect(failureOf(await store.addManaged(short, laterMs)).code).toBe('managed.expired');
  });
});

describe('a later version', () => {
  test('replaces the earlier one in place, and an earlier one never a later, even once that is removed', async () => {
    const store = place.open();
    const { id } = valueOf(await store.addManaged(verified({ serial: 7 }), nowMs));
    const next = valueOf(
      await store.addManaged(verified({ serial: 8, profile: { ...office, gateway: 'b.example' } }), nowMs),
    );
    expect(next).toMatchObject({ id, profile: { gateway: 'b.example' }, management: { serial: 8 } });
    expect(failureOf(await store.addManaged(verified({ serial: 7 }), nowMs)).code).toBe('managed.older');
    valueOf(await store.remove(id));
    expect(failureOf(await place.open().addManaged(verified({ serial: 7 }), nowMs)).code).toBe('managed.older');
    expect((await store.addManaged(verified({ serial: 8 }), nowMs)).ok).toBe(true);
  });

  test('by another key is refused until that was endorsed by the one that is known', async () => {
    const store = place.open();
    valueOf(await store.addManaged(verified(), nowMs));
    const [second, third] = [newKey(), newKey()];
    expect(failureOf(await store.addManaged(verified({ serial: 2 }, second), nowMs)).code).toBe('managed.otherKey');

    if (signingKey === undefined) throw new Error('no key');
    const chain = [endorse(publicKeyOf(second), signingKey), endorse(publicKeyOf(third), second)];
    const byThird = valueOf(verifyManaged({ ...signed({ serial: 3 }, third), endorsements: chain }, 'f'));
    expect(valueOf(store.considerManaged(byThird, nowMs))).toMatchObject({ isKeyKnown: true });
    valueOf(await store.addManaged(byThird, nowMs));
    // From now on the third key speaks, and the first no more.
    expect(failureOf(await store.addManaged(verified({ serial: 4 }), nowMs)).code).toBe('managed.otherKey');
    const again = valueOf(verifyManaged({ ...signed({ serial: 4 }, third), endorsements: chain }, 'f'));
    expect((await store.addManaged(again, nowMs)).ok).toBe(true);
  });

  test.each([
    ['of another key', (first: never, next: string) => [endorse(next, first)], newKey],
    ['by a stranger', (_: never, next: string) => [endorse(next, newKey())], undefined],
  ])('with an endorsement %s is refused', async (_, chain, holder) => {
    const store = place.open();
    valueOf(await store.addManaged(verified(), nowMs));
    const next = newKey();
    const endorsed = holder === undefined ? publicKeyOf(next) : publicKeyOf(holder());
    const endorsements = chain(signingKey as never, endorsed);
    const other = valueOf(verifyManaged({ ...signed({ serial: 2 }, next), endorsements }, 'f'));
    expect(failureOf(await store.addManaged(other, nowMs)).code).toBe('managed.otherKey');
  });

  test('by any key is confirmed like a first one once the user has forgotten the old key', async () => {
    const store = place.open();
    valueOf(await store.addManaged(verified(), nowMs));
    valueOf(await store.forgetKey('example-office'));
    expect(valueOf(store.considerManaged(verified({}, newKey()), nowMs))).toMatchObject({ isKeyKnown: false });
  });
});

describe('locks', () => {
  const edited = async (locked: 'all' | string[], change: object) => {
    const store = place.open();
    const { id, revision, profile } = valueOf(await store.addManaged(verified({ locked }), nowMs));
    return store.edit(id, revision, { ...profile, ...change });
  };

  test.each([
    ['all', { gateway: 'evil.example' }, 'gateway'],
    ['all', { network: { mode: 'full' } }, 'network.mode, network.routes'],
    ['all', { reconnect: { enabled: false } }, 'reconnect.enabled'],
    [['network'], { network: { mode: 'split', routes: ['10.20.0.0/16'], killSwitch: true } }, 'network.killSwitch'],
    [['user'], { user: 'mallory' }, 'user'],
  ])('%j hold against %j, in the store itself', async (locked, change, members) => {
    const failure = failureOf(await edited(locked as 'all', change));
    expect(failure).toMatchObject({ code: 'profile.locked', facts: { members, organisation: 'Example Ltd' } });
  });

  test('leave the user what is theirs', async () => {
    expect(valueOf(await edited('all', { user: 'alice', title: 'Work' }))).toMatchObject({
      profile: { user: 'alice', title: 'Work', gateway: office.gateway },
    });
    expect(valueOf(await place.open().addManaged(verified({ serial: 2 }), nowMs)).profile.user).toBe('alice');
  });

  test('that come with a later version hold against what was changed before', async () => {
    const store = place.open();
    const { id, revision, profile } = valueOf(await store.addManaged(verified({ locked: [] }), nowMs));
    const changed = {
      ...profile,
      user: 'alice',
      network: { ...profile.network, killSwitch: true, dscp: 'copy' as const },
    };
    valueOf(await store.edit(id, revision, changed));
    const next = valueOf(await store.addManaged(verified({ serial: 2, locked: ['network.killSwitch'] }), nowMs));
    expect(next.profile).toMatchObject({ user: 'alice', network: { killSwitch: false, dscp: 'copy' } });
  });

  test('hold against an editor of the file', async () => {
    const store = place.open();
    const { id } = valueOf(await store.addManaged(verified(), nowMs));
    const file = join(place.profiles(), `${id}.json`);
    const record = JSON.parse(readFileSync(file, 'utf8')) as { own: object; managed: { signed: string } };
    writeFileSync(file, JSON.stringify({ ...record, own: { gateway: 'evil.example', user: 'alice' } }));
    expect(place.open().find(id)?.profile).toMatchObject({ gateway: office.gateway, user: 'alice' });
    const bytes = Buffer.from(record.managed.signed, 'base64')
      .toString()
      .replace('vpn.example.com', 'evil.example.com');
    const forged = { ...record.managed, signed: Buffer.from(bytes).toString('base64') };
    writeFileSync(file, JSON.stringify({ ...record, managed: forged }));
    expect(place.open().list()).toMatchObject({ profiles: [], broken: [{ failure: { code: 'managed.signature' } }] });
  });

  test('hold whatever is edited: no locked member ever differs from what was signed', async () => {
    const store = place.open();
    const { id } = valueOf(await store.addManaged(verified({ locked: ['gateway', 'ipsec', 'network.routes'] }), nowMs));
    const before = store.find(id)?.profile;
    await fc.assert(
      fc.asyncProperty(
        fc.record(
          {
            gateway: fc.constantFrom('vpn.example.com', 'evil.example'),
            user: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
            ipsec: fc.record({ security: fc.constantFrom('modern', 'compatible', 'legacy') }),
            network: fc.record({
              mode: fc.constantFrom('split', 'full'),
              routes: fc.constantFrom(['10.20.0.0/16'], ['0.0.0.0/0']),
            }),
            reconnect: fc.record({ enabled: fc.boolean() }),
          },
          { requiredKeys: [] },
        ),
        async (change) => {
          const { revision = '', profile } = store.find(id) ?? {};
          await store.edit(id, revision, { ...profile, ...change } as never);
          const after = store.find(id)?.profile;
          expect(after?.gateway).toBe(before?.gateway);
          expect(after?.ipsec).toEqual(before?.ipsec);
          expect(after?.network.routes).toEqual(before?.network.routes);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('can name every member and section but what has to be the user’s', () => {
    expect(lockablePaths).toEqual(
      expect.arrayContaining(['gateway', 'network', 'network.dns', 'network.dns.servers', 'ipsec.security']),
    );
    expect(lockablePaths).not.toContain('name');
    expect(memberPaths).toEqual(expect.arrayContaining(['ipsec.remoteId', 'ppp.echo.interval', 'title']));
    expect(memberPaths).not.toContain('ipsec.remoteId.kind');
  });
});

test('a managed profile has no copies', async () => {
  const store = place.open();
  const { id } = valueOf(await store.addManaged(verified(), nowMs));
  expect(failureOf(await store.duplicate(id)).code).toBe('profile.locked');
});

test('a managed profile whose name is taken gets another, and keeps it', async () => {
  const store = place.open();
  await store.create(office);
  expect(valueOf(await store.addManaged(verified(), nowMs)).profile.name).toBe('office-2');
  expect(valueOf(await store.addManaged(verified({ serial: 2 }), nowMs)).profile.name).toBe('office-2');
});

describe('a profile that the computer gives', () => {
  const give = (name: string, text: string): string => {
    const file = join(place.computer(), name);
    writeFileSync(file, text, { mode: 0o644 });
    return file;
  };

  test('is there without a question, all of it locked but what is the user’s', async () => {
    give('office.json', JSON.stringify(office));
    const store = place.open();
    const [stored] = store.list().profiles;
    expect(stored).toMatchObject({
      id: 'computer-office',
      profile: { name: 'office' },
      management: { source: 'computer' },
    });
    if (stored === undefined) throw new Error('it is not there');
    const withUser = valueOf(await store.edit(stored.id, stored.revision, { ...stored.profile, user: 'alice' }));
    expect(place.open().find('office')?.profile.user).toBe('alice');
    const evil = { ...withUser.profile, gateway: 'evil.example' };
    expect(failureOf(await store.edit(stored.id, withUser.revision, evil)).code).toBe('profile.locked');
    expect(failureOf(await store.remove(stored.id)).code).toBe('profile.managedElsewhere');
  });

  test('is locked as its signature says, where it has one', () => {
    give('office.culvert', JSON.stringify(signed({ locked: ['gateway'] })));
    expect(place.open().list().profiles).toMatchObject([
      { management: { organisation: 'Example Ltd', source: 'computer', locked: ['gateway'], serial: 1 } },
    ]);
  });

  test('may bring its secrets, which the store does not show', () => {
    give(
      'office.json',
      JSON.stringify({ ...office, ipsec: { preSharedKey: 'hunter2' }, l2tp: { tunnelSecret: { file: 'x' } } }),
    );
    const store = place.open();
    expect(JSON.stringify(store.list())).not.toContain('hunter2');
    expect(valueOf(store.use('office', nowMs)).given.secrets).toEqual({
      preSharedKey: 'hunter2',
      tunnelSecret: { file: 'x' },
    });
  });

  test.each<[string, (file: string) => void]>([
    [
      'others can write it',
      (file) => {
        chmodSync(file, 0o666);
      },
    ],
    [
      'it is somebody else’s',
      (file) => {
        chownSync(file, 65534, 65534);
      },
    ],
    [
      'others can write its folder',
      () => {
        chmodSync(place.computer(), 0o777);
      },
    ],
    [
      'others can write the folder above',
      () => {
        chmodSync(join(place.computer(), '..'), 0o775);
      },
    ],
  ])('is not believed where %s', (_, spoil) => {
    spoil(give('office.json', JSON.stringify(office)));
    expect(place.open().list()).toMatchObject({ profiles: [], broken: [{ failure: { code: 'managed.exposed' } }] });
  });

  test('is not believed through a link', () => {
    symlinkSync(give('target', JSON.stringify(office)), join(place.computer(), 'office.json'));
    expect(place.open().list()).toMatchObject({ profiles: [], broken: [{ failure: { code: 'managed.exposed' } }] });
  });

  test('is not believed when it is a folder', () => {
    mkdirSync(join(place.computer(), 'office.json'));
    expect(place.open().list()).toMatchObject({ broken: [{ failure: { code: 'managed.exposed' } }] });
  });

  test('keeps what the user changed while it is away, and leaves no riddle behind', async () => {
    const file = give('office.json', JSON.stringify(office));
    const store = place.open();
    const { id, revision, profile } = store.find('office') ?? { id: '', revision: '', profile: undefined as never };
    valueOf(await store.edit(id, revision, { ...profile, user: 'alice' }));
    writeFileSync(file, '');
    expect(place.open().list()).toMatchObject({ profiles: [], broken: [{ file }] });
    expect(readdirSync(place.profiles())).toContain('computer-office.json');
  });
});

test('an import tells organisation, fingerprint and locks before anything is written', async () => {
  const store = place.open();
  const pending = valueOf(
    considerImport(JSON.stringify(signed({ locked: ['network'] })), 'office.culvert', store, () => nowMs),
  );
  expect(pending.plan).toMatchObject({
    action: 'add',
    name: 'office',
    managed: { organisation: 'Example Ltd', isKeyKnown: false, serial: 1, locked: ['network'] },
  });
  expect(store.list().profiles).toEqual([]);
  expect(valueOf(await pending.take(undefined)).stored.management?.organisation).toBe(payload().organisation);
  const next = valueOf(considerImport(JSON.stringify(signed({ serial: 2 })), 'f', store, () => nowMs));
  expect(next.plan).toMatchObject({ action: 'replace', managed: { isKeyKnown: true } });
});
