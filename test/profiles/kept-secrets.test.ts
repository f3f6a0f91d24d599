import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { Secret } from '../../main/contracts/secret.ts';
import { type Keytar, openKeychain } from '../../main/profiles/kept-secrets/keychain.ts';
import { SecretKeeper } from '../../main/profiles/kept-secrets/keeper.ts';
import { failureOf, useStore, valueOf } from './support.ts';

// A passphrase takes its time by design.
vi.setConfig({ testTimeout: 60_000 });

const place = useStore();
const file = (): string => join(place.folder, 'secrets.sealed');
const password = new Secret('hunter2');

function memoryKeytar(): Keytar & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getPassword: (_, account) => Promise.resolve(kept.get(account) ?? null),
    setPassword: (_, account, secret) => {
      kept.set(account, secret);
      return Promise.resolve();
    },
    deletePassword: (_, account) => Promise.resolve(kept.delete(account)),
  };
}

const never = (): Promise<never> => new Promise(() => undefined);
const keeperWith = (load: () => Promise<Keytar>, timeoutMs = 50) =>
  new SecretKeeper(file(), () => openKeychain(load, timeoutMs));
const keeperWithout = () => keeperWith(() => Promise.reject(new Error('libsecret-1.so.0: cannot open')));

describe('a keychain that does not work is found out, and secrets are kept for the session', () => {
  test.each<[string, () => Promise<Keytar>, string]>([
    ['cannot be loaded', () => Promise.reject(new Error('no libsecret')), 'libsecret-1-0'],
    [
      'throws',
      () =>
        Promise.resolve({
          ...memoryKeytar(),
          setPassword: () => Promise.reject(new Error('Cannot autolaunch D-Bus\u001b[2J')),
        }),
      'autolaunch D-Bus',
    ],
    [
      'throws at once',
      () =>
        Promise.resolve({
          ...memoryKeytar(),
          setPassword: () => {
            throw new Error('bad');
          },
        }),
      'bad',
    ],
    [
      'says that it has nothing',
      () => Promise.resolve({ ...memoryKeytar(), getPassword: () => Promise.resolve(null) }),
      'does not keep',
    ],
    ['hangs', () => Promise.resolve({ ...memoryKeytar(), setPassword: never }), 'does not answer'],
  ])('because it %s', async (_, load, reason) => {
    const keeper = keeperWith(load);
    expect(await keeper.keeping()).toMatchObject({
      place: 'session',
      why: { code: 'secrets.noKeychain', cause: expect.stringContaining(reason) as string },
    });
    expect(await keeper.set('office', 'password', password)).toMatchObject({ place: 'session' });
    expect(valueOf(await keeper.get('office', 'password'))?.expose()).toBe('hunter2');
    expect(await keeper.whereabouts('office')).toEqual({ password: 'session' });
    expect(existsSync(file())).toBe(false);
    expect((await keeper.forget('office')).ok).toBe(true);
    expect(await keeper.whereabouts('office')).toEqual({});
  });

  test('once it stops working in the middle, without one call more than the one that hangs', async () => {
    const keytar = memoryKeytar();
    const keeper = keeperWith(() => Promise.resolve(keytar));
    expect(await keeper.set('office', 'password', password)).toEqual({ place: 'keychain' });
    let calls = 0;
    keytar.getPassword = () => {
      calls += 1;
      return never();
    };
    const asked = await Promise.all(
      ['password', 'preSharedKey', 'tunnelSecret'].map((name) => keeper.get('office', name as 'password')),
    );
    for (const each of asked) expect(failureOf(each).code).toBe('secrets.noKeychain');
    expect(calls).toBe(1);
    expect(await keeper.set('office', 'preSharedKey', password)).toMatchObject({ place: 'session' });
  });

  test('and is used again once the user has mended it', async () => {
    let isMended = false;
    const keeper = keeperWith(() => (isMended ? Promise.resolve(memoryKeytar()) : Promise.reject(new Error('no'))));
    expect(await keeper.keeping()).toMatchObject({ place: 'session' });
    isMended = true;
    expect(await keeper.lookAgain()).toEqual({ place: 'keychain' });
  });
});

test('in a keychain, each secret has a place of its own', async () => {
  const keytar = memoryKeytar();
  const keeper = keeperWith(() => Promise.resolve(keytar));
  await keeper.set('office', 'password', password);
  await keeper.set('office', 'preSharedKey', new Secret('key'));
  await keeper.set('other', 'password', new Secret('another'));
  expect([...keytar.kept.keys()]).toEqual(['office/password', 'office/preSharedKey', 'other/password']);
  expect(await keeper.whereabouts('office')).toEqual({ password: 'keychain', preSharedKey: 'keychain' });
  valueOf(await keeper.forget('office', ['password']));
  expect(await keeper.whereabouts('office')).toEqual({ preSharedKey: 'keychain' });
});

describe('with a passphrase', () => {
  test('secrets are kept sealed from one run to the next, in a file that only the user can read', async () => {
    const keeper = keeperWithout();
    await keeper.set('office', 'password', password);
    valueOf(await keeper.choosePassphrase(new Secret('correct horse')));
    expect(await keeper.whereabouts('office')).toEqual({ password: 'sealed' });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readFileSync(file(), 'latin1')).not.toMatch(/hunter2|office|correct/);

    const next = keeperWithout();
    expect(await next.keeping()).toEqual({ place: 'locked' });
    expect(failureOf(await next.get('office', 'password')).code).toBe('secrets.locked');
    expect(failureOf(await next.unlock(new Secret('wrong'))).code).toBe('secrets.wrongPassphrase');
    // What is typed in the meantime is sealed once that is possible.
    await next.set('office', 'preSharedKey', new Secret('key'));
    expect(await next.whereabouts('office')).toEqual({ preSharedKey: 'session' });
    valueOf(await next.unlock(new Secret('correct horse')));
    expect(valueOf(await next.get('office', 'password'))?.expose()).toBe('hunter2');
    expect(await next.whereabouts('office')).toEqual({ password: 'sealed', preSharedKey: 'sealed' });
    next.lock();
    expect(await next.keeping()).toEqual({ place: 'locked' });
  });

  test('that is lost, the secrets can be given up, and nothing else', async () => {
    const keeper = keeperWithout();
    valueOf(await keeper.choosePassphrase(new Secret('correct horse')));
    const next = keeperWithout();
    expect(failureOf(await next.choosePassphrase(new Secret('another'))).code).toBe('secrets.locked');
    next.discardSealed();
    expect(await next.keeping()).toMatchObject({ place: 'session' });
  });

  test.each([
    ['is no JSON', '{'],
    ['is of a newer format', '{"format":"culvert-keptsecrets-2"}'],
    [
      'would take for ever to open',
      JSON.stringify({
        format: 'culvert-keptsecrets-1',
        key: { kind: 'scrypt', salt: 'A'.repeat(24), cost: 2 ** 31 },
        nonce: 'A'.repeat(16),
        sealed: '',
      }),
    ],
    [
      'is sealed with no passphrase',
      JSON.stringify({ format: 'culvert-keptsecrets-1', key: { kind: 'key' }, nonce: 'A'.repeat(16), sealed: '' }),
    ],
  ])('a file that %s is named and left as it is', async (_, text) => {
    writeFileSync(file(), text, { mode: 0o600 });
    const keeper = keeperWithout();
    expect(failureOf(await keeper.unlock(new Secret('correct horse')))).toMatchObject({
      code: 'secrets.damaged',
      facts: { file: file() },
    });
    await keeper.set('office', 'password', password);
    expect(readFileSync(file(), 'utf8')).toBe(text);
  });
});

test('a keeper prints nothing', async () => {
  const keeper = keeperWithout();
  await keeper.set('office', 'password', password);
  for (const text of [JSON.stringify(keeper), inspect(keeper, { depth: 9, showHidden: true })])
    expect(text).not.toContain('hunter2');
});
