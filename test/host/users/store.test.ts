import { chmodSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { Secret } from '../../../main/contracts/secret.ts';
import { openUserStore, type KeySource, type StoreResult, type UserStore } from '../../../main/host/users/index.ts';
import { run, start } from '../../support/processes.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';
import { childProgram } from '../child-program.ts';

vi.setConfig({ testTimeout: 120_000 });

const folder = scratchFolder('host-users');
afterAll(() => {
  removeScratch(folder);
});

const text = (value: string): Secret<string> => new Secret(value);
const keyFile = (name: string): KeySource => ({ kind: 'file', file: join(folder, name, 'users.key') });
const storeFile = (name: string): string => join(folder, name, 'users.store');
const open = (name: string, key: KeySource = keyFile(name)): UserStore => openUserStore(storeFile(name), key);

function valueOf<Value>(result: StoreResult<Value>): Value {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

const names = async (store: UserStore): Promise<string[]> => valueOf(await store.list()).map(({ name }) => name);

describe('the users', () => {
  test('are added, changed, found and removed, and another process sees it', async () => {
    const store = open('basic');
    expect(await names(store)).toEqual([]);
    await store.add({ name: 'CORP\\ada', groups: ['staff'] }, text('one'));
    await store.add({ name: 'bob@example.com' }, text('two'));
    await store.change('bob@example.com', { disabled: true, address: '10.91.37.9', sessions: 2 });
    expect(valueOf(await open('basic').list())).toMatchObject([
      { name: 'CORP\\ada', groups: ['staff'], disabled: false },
      { name: 'bob@example.com', disabled: true, address: '10.91.37.9', sessions: 2 },
    ]);
    await store.change('bob@example.com', { address: undefined });
    expect(valueOf(await store.find('bob@example.com'))?.user).not.toHaveProperty('address');
    await store.remove('CORP\\ada');
    expect(await names(open('basic'))).toEqual(['bob@example.com']);
  });

  test('keep their password, and a new one takes back that it expired', async () => {
    const store = open('password');
    await store.add({ name: 'ada', mustChangePassword: true, passwordExpiresAt: '2026-01-01T00:00:00Z' }, text('old'));
    await store.change('ada', { groups: ['staff'] });
    expect(valueOf(await store.find('ada'))?.password.expose()).toBe('old');
    await store.setPassword('ada', text('pässwörd 🔑'));
    const found = valueOf(await open('password').find('ada'));
    expect(found?.password.expose()).toBe('pässwörd 🔑');
    expect(found?.user).toEqual({
      name: 'ada',
      disabled: false,
      mustChangePassword: false,
      groups: ['staff'],
      networks: [],
    });
  });

  test('have names that are kept verbatim, and unique', async () => {
    const store = open('names');
    const different = ['ada', 'Ada', 'ada ', 'DOM\\ada', 'ada@x', '__proto__', 'ädа', 'a\u0308da'];
    for (const name of different) await store.add({ name }, text('x'));
    expect(await names(open('names'))).toEqual(different);
    expect(await store.add({ name: 'Ada' }, text('x'))).toEqual({ ok: false, failure: { reason: 'nameTaken' } });
    for (const change of [store.change('ADA', {}), store.setPassword('ADA', text('x')), store.remove('ADA')]) {
      expect(await change).toEqual({ ok: false, failure: { reason: 'nameUnknown' } });
    }
  });

  test('that are wrong change nothing, and say why without quoting', async () => {
    const store = open('invalid');
    const wrong = await store.add(
      { name: 'a\nb', address: '10.0.0', hours: { timeZone: 'Mars/Base', windows: [] }, sessions: 0 },
      text('hunter2'.repeat(40)),
    );
    expect(wrong).toMatchObject({ ok: false, failure: { reason: 'invalid' } });
    const problems = JSON.stringify(wrong);
    for (const member of ['name', 'address', 'hours.timeZone', 'hours.windows', 'sessions', 'password']) {
      expect(problems).toContain(`${member}: `);
    }
    expect(problems).not.toContain('hunter2');
    expect(await names(store)).toEqual([]);
  });

  test('show no password anywhere but where it is asked for', async () => {
    const store = open('silent');
    const results = [
      await store.add({ name: 'ada' }, text('hunter2')),
      await store.setPassword('ada', text('hunter2b')),
      await store.find('ada'),
      await store.list(),
      store,
    ];
    for (const result of results) {
      expect(inspect(result, { depth: 9, showHidden: true }) + JSON.stringify(result)).not.toContain('hunter2');
    }
    expect(readFileSync(storeFile('silent'), 'utf8')).not.toMatch(/ada|hunter2/);
  });

  test('come back as they were, whatever they are', async () => {
    const store = open('any');
    const user = fc.record({
      name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((name) => !/\p{Cc}/u.test(name)),
      password: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter(({ length }) => length <= 256),
      disabled: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(user, async ({ name, password, disabled }) => {
        valueOf(await store.add({ name, disabled }, text(password)));
        const found = valueOf(await open('any').find(name));
        expect([found?.user.name, found?.user.disabled, found?.password.expose()]).toEqual([name, disabled, password]);
        valueOf(await store.remove(name));
      }),
      { numRuns: 40 },
    );
  });
});

describe('the store', () => {
  test('and its key are readable by their owner alone', async () => {
    await open('modes').add({ name: 'ada' }, text('x'));
    const modes = ['', 'users.store', 'users.key'].map((name) => statSync(join(folder, 'modes', name)).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });

  test('is sealed anew at each write', async () => {
    const store = open('nonce');
    await store.add({ name: 'ada' }, text('x'));
    const sealed = (): string => readFileSync(storeFile('nonce'), 'utf8');
    const first = sealed();
    await store.change('ada', {});
    expect(sealed()).not.toBe(first);
  });

  test.each<[string, (name: string) => void, string]>([
    ['its key is gone', (name) => rmSync(join(folder, name, 'users.key')), 'keyMissing'],
    [
      'its key is another',
      (name) => writeFileSync(join(folder, name, 'users.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`),
      'wrongKeyOrChanged',
    ],
    ['its key is no key', (name) => writeFileSync(join(folder, name, 'users.key'), 'hello\n'), 'keyMalformed'],
    ['others can read its key', (name) => chmodSync(join(folder, name, 'users.key'), 0o644), 'keyExposed'],
    ['others can read it', (name) => chmodSync(storeFile(name), 0o640), 'storeExposed'],
    [
      'it is cut off',
      (name) => writeFileSync(storeFile(name), readFileSync(storeFile(name)).subarray(0, 60)),
      'damaged',
    ],
    ['it is empty', (name) => writeFileSync(storeFile(name), ''), 'damaged'],
  ])('is refused, and neither written nor given a new key, where %s', async (what, spoil, reason) => {
    const name = `spoilt ${what}`;
    await open(name).add({ name: 'ada' }, text('x'));
    spoil(name);
    const before = readFileSync(storeFile(name));
    const refused = { ok: false, failure: { reason } };
    expect(await open(name).list()).toEqual(refused);
    expect(await open(name).add({ name: 'bob' }, text('x'))).toEqual(refused);
    expect(readFileSync(storeFile(name))).toEqual(before);
  });

  test('is refused wherever a byte of it was changed', async () => {
    await open('flipped').add({ name: 'ada', groups: ['staff'] }, text('secret'));
    const whole = readFileSync(storeFile('flipped'));
    for (let at = 0; at < whole.length - 1; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(storeFile('flipped'), changed);
      const { ok } = await open('flipped').list();
      // The low bits of the last character of base64 may carry nothing.
      const isSame = sealedOf(whole).equals(sealedOf(changed));
      expect(ok && !isSame).toBe(false);
    }
  });

  test('opens with a key from the keychain, and with a passphrase', async () => {
    const passphrase: KeySource = { kind: 'passphrase', passphrase: text('correct horse') };
    const key: KeySource = { kind: 'bytes', key: new Secret(Buffer.alloc(32, 1)) };
    for (const [name, source] of Object.entries({ passphrase, key })) {
      await open(name, source).add({ name: 'ada' }, text('x'));
      expect(await names(open(name, source))).toEqual(['ada']);
    }
    const other: KeySource = { kind: 'passphrase', passphrase: text('wrong horse') };
    expect(await open('passphrase', other).list()).toMatchObject({ failure: { reason: 'wrongKeyOrChanged' } });
    expect(await open('passphrase', key).list()).toMatchObject({ failure: { reason: 'keyMalformed' } });
    expect(await open('key', passphrase).list()).toMatchObject({ failure: { reason: 'keyMalformed' } });
  });
});

function sealedOf(bytes: Buffer): Buffer {
  try {
    return Buffer.from(String((JSON.parse(bytes.toString()) as { sealed: unknown }).sealed), 'base64');
  } catch {
    return Buffer.alloc(0);
  }
}

describe('several writers', () => {
  const writer = childProgram(
    folder,
    'writer',
    `import { Secret } from './main/contracts/secret.ts';
     import { openUserStore } from './main/host/users/index.ts';
     const [file, key, prefix, count] = process.argv.slice(2);
     const store = openUserStore(file, { kind: 'file', file: key });
     for (let i = 0; i < Number(count); i++) {
       const added = await store.add({ name: prefix + i }, new Secret('x'));
       if (!added.ok) throw new Error(added.failure.reason);
       console.log('added ' + i);
     }`,
  );
  const commandOf = async (name: string, prefix: string, count: number): Promise<string[]> => [
    ...(await writer),
    storeFile(name),
    join(folder, name, 'users.key'),
    prefix,
    String(count),
  ];

  test('lose nothing of each other', async () => {
    await open('shared').list();
    const prefixes = ['a', 'b', 'c', 'd'];
    await Promise.all(prefixes.map(async (prefix) => run(await commandOf('shared', prefix, 8), { timeoutMs: 60_000 })));
    const expected = prefixes.flatMap((prefix) => Array.from({ length: 8 }, (_, i) => `${prefix}${i}`));
    expect((await names(open('shared'))).toSorted()).toEqual(expected);
  });

  test('that are killed leave a store that is whole, with all that was said to be in it, and a lock that opens', async () => {
    for (let round = 0; round < 6; round++) {
      const child = start(await commandOf('killed', `r${round}-`, 500));
      await child.until(new RegExp(`added ${1 + 2 * round}\\b`), 30_000);
      child.signal('SIGKILL');
      await child.exited;
      const said = child.stdout().trimEnd().split('\n').length;
      const kept = (await names(open('killed'))).filter((name) => name.startsWith(`r${round}-`));
      expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => `r${round}-${i}`));
      expect([said, said + 1]).toContain(kept.length);
      valueOf(await open('killed').add({ name: `after ${round}` }, text('x')));
    }
    expect(readdirSync(join(folder, 'killed')).filter((name) => name.endsWith('.new'))).toEqual([]);
  });
});
