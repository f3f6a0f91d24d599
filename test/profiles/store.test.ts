import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/processes.ts';
import { failureOf, office, useStore, valueOf } from './support.ts';

const place = useStore();

const files = (): string[] => readdirSync(place.profiles()).filter((name) => name.endsWith('.json'));

describe('a profile in the store', () => {
  test('is there for the next one who opens it, in a file of its own that nobody else can read', async () => {
    const created = valueOf(await place.open().create({ ...office, network: { killSwitch: true } }));
    const again = place.open().find('office');
    expect(again).toEqual(created);
    expect(again?.profile.network.killSwitch).toBe(true);
    const [file = ''] = files();
    expect(file).toBe(`${created.id}.json`);
    expect(statSync(join(place.profiles(), file)).mode & 0o777).toBe(0o600);
    expect(statSync(place.profiles()).mode & 0o777).toBe(0o700);
  });

  test('says only what differs from the defaults', async () => {
    await place.open().create({ ...office, reconnect: { enabled: false, longestPause: 60 } });
    const [file = ''] = files();
    expect(JSON.parse(readFileSync(join(place.profiles(), file), 'utf8'))).toEqual({
      storedProfile: 1,
      profile: { ...office, reconnect: { enabled: false } },
    });
  });

  test('keeps its id when it is edited and renamed', async () => {
    const store = place.open();
    const { id, revision } = valueOf(await store.create(office));
    const edited = valueOf(await store.edit(id, revision, { ...office, gateway: '198.51.100.7' }));
    expect(edited).toMatchObject({ id, profile: { gateway: '198.51.100.7' } });
    expect(edited.revision).not.toBe(revision);
    expect(valueOf(await store.rename(id, 'Head office'))).toMatchObject({ id, profile: { title: 'Head office' } });
  });

  test('is duplicated under a name of its own', async () => {
    const store = place.open();
    const { id } = valueOf(await store.create(office));
    expect(valueOf(await store.duplicate(id)).profile.name).toBe('office-2');
    expect(valueOf(await store.duplicate(id)).profile.name).toBe('office-3');
    expect(store.list().profiles).toHaveLength(3);
  });

  test('is gone when it is removed, and nothing else is', async () => {
    const store = place.open();
    const { id } = valueOf(await store.create(office));
    await store.create({ ...office, name: 'other' });
    valueOf(await store.remove(id));
    expect(store.list().profiles.map(({ profile }) => profile.name)).toEqual(['other']);
    expect(failureOf(await store.remove(id)).code).toBe('profile.notFound');
  });

  test('has its place, also after a restart', async () => {
    const store = place.open();
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) ids.push(valueOf(await store.create({ ...office, name })).id);
    await store.reorder([ids[2] ?? '', ids[0] ?? '', 'no-such-id']);
    const names = place
      .open()
      .list()
      .profiles.map(({ profile }) => profile.name);
    expect(names).toEqual(['c', 'a', 'b']);
    await store.create({ ...office, name: 'd' });
    expect(place.open().list().profiles.at(-1)?.profile.name).toBe('d');
  });
});

describe('the store refuses', () => {
  test.each([
    ['a name that is taken', office, 'profile.nameTaken'],
    ['a profile that is not valid', { ...office, name: 'x', gateway: 'a b' }, 'profile.invalid'],
    ['a secret', { ...office, name: 'x', ipsec: { preSharedKey: 'hunter2' } }, 'profile.invalid'],
    ['a file to read', { ...office, name: 'x', ipsec: { preSharedKey: { file: '/etc/shadow' } } }, 'profile.invalid'],
  ])('%s, and writes nothing', async (_, input, code) => {
    const store = place.open();
    await store.create(office);
    const failure = failureOf(await store.create(input));
    expect(failure.code).toBe(code);
    expect(JSON.stringify(failure)).not.toContain('hunter2');
    expect(files()).toHaveLength(1);
  });

  test('an edit of what another program changed in the meantime', async () => {
    const [store, other] = [place.open(), place.open()];
    const { id, revision } = valueOf(await store.create(office));
    valueOf(await other.edit(id, revision, { ...office, gateway: '198.51.100.7' }));
    const failure = failureOf(await store.edit(id, revision, { ...office, gateway: '198.51.100.8' }));
    expect(failure.code).toBe('profile.changed');
    expect(store.find(id)?.profile.gateway).toBe('198.51.100.7');
  });
});

describe('a file that cannot be used', () => {
  test.each([
    ['is no JSON', '{"storedProfile":1,', 'profile.notJson'],
    ['is empty', '', 'profile.notJson'],
    ['holds something else', '[]', 'profile.invalid'],
    ['has no format', '{"profile":{}}', 'profile.invalid'],
    ['is of a newer release', '{"storedProfile":2,"novelty":true}', 'profile.newer'],
    [
      'holds a secret',
      JSON.stringify({ storedProfile: 1, profile: { ...office, ipsec: { preSharedKey: 'hunter2' } } }),
      'profile.invalid',
    ],
    ['has a member too many', JSON.stringify({ storedProfile: 1, profile: office, more: 1 }), 'profile.invalid'],
    ['is too large', ' '.repeat(2 ** 20 + 1), 'profile.unreadable'],
  ])('because it %s is named, and left as it is whatever else happens', async (_, text, code) => {
    await place.open().create({ ...office, name: 'good' });
    const file = join(place.profiles(), 'broken.json');
    writeFileSync(file, text);
    const store = place.open();
    expect(store.list()).toMatchObject({
      profiles: [{ profile: { name: 'good' } }],
      broken: [{ id: 'broken', file, failure: { code } }],
    });
    await store.create(office);
    await store.reorder([]);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(failureOf(store.use('broken', 0)).code).toBe(code);
    expect(JSON.stringify(store.list())).not.toContain('hunter2');
  });

  test('can be removed by its id', async () => {
    await place.open().create(office);
    writeFileSync(join(place.profiles(), 'broken.json'), '{');
    const store = place.open();
    valueOf(await store.remove('broken'));
    expect(store.list().broken).toEqual([]);
  });
});

test('what another program changes is noticed', async () => {
  const store = place.open();
  const { id } = valueOf(await store.create(office));
  let changes = 0;
  const hearNoMore = store.onChange(() => (changes += 1));
  writeFileSync(
    join(place.profiles(), `${id}.json`),
    JSON.stringify({ storedProfile: 1, profile: { ...office, gateway: 'new.example.com' } }),
  );
  await eventually('the change', 10_000, () => (changes > 0 ? true : undefined));
  expect(store.find('office')?.profile.gateway).toBe('new.example.com');
  hearNoMore();
});

test('a change of its own is told once to everybody who listens', async () => {
  const store = place.open();
  let changes = 0;
  const hearNoMore = store.onChange(() => (changes += 1));
  await store.create(office);
  expect(changes).toBe(1);
  hearNoMore();
});

test('two programs that add at the same time lose nothing', async () => {
  const stores = [place.open(), place.open(), place.open()];
  await Promise.all(
    stores.flatMap((store, program) =>
      Array.from({ length: 5 }, (_, index) => store.create({ ...office, name: `p${program}-${index}` })),
    ),
  );
  expect(place.open().list().profiles).toHaveLength(15);
});
