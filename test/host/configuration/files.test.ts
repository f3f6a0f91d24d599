import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import {
  hostSecretBytes,
  loadHostConfig,
  openVersions,
  restoreVersion,
} from '../../../main/host/configuration/index.ts';
import { run } from '../../support/processes.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';

vi.setConfig({ testTimeout: 60_000 });

const folder = scratchFolder('host-configuration');
afterAll(() => {
  removeScratch(folder);
});
const surroundings = { nowMs: 0, hostNetworks: [] };

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const pools = '"pools": { "office": { "ranges": ["10.91.37.0/24"] } }';
const inline = `{ "preSharedKey": "a key that is long enough", ${pools} }`;
const referring = (path: string): string => `{ "preSharedKey": { "file": "${path}" }, ${pools} }`;

describe('a configuration file', () => {
  test('may hold a secret where nobody else can read it', () => {
    expect(loadHostConfig(file('private.jsonc', inline), surroundings)).toMatchObject({ ok: true, text: inline });
  });

  test('may not where somebody can, and says what to do', () => {
    const path = file('public.jsonc', inline, 0o644);
    expect(loadHostConfig(path, surroundings)).toMatchObject({
      ok: false,
      problems: [{ path: 'preSharedKey', line: 1, fix: expect.stringContaining(`chmod 600 ${path}`) as unknown }],
    });
  });

  test('may be public where its secrets are in private files beside it', async () => {
    file('host.psk', 'the key\n');
    const path = file('referring.jsonc', referring('host.psk'), 0o644);
    const loaded = loadHostConfig(path, surroundings);
    expect(loaded).toMatchObject({ ok: true });
    const reference = loaded.ok ? loaded.config.preSharedKey : undefined;
    const secret = reference && (await hostSecretBytes(reference, path, 'pre-shared key'));
    expect(secret?.ok && Buffer.from(secret.value.expose()).toString()).toBe('the key');
  });

  test.each([
    ['is not there', 'none.psk', () => undefined],
    ['can be read or written by others', 'open.psk', () => file('open.psk', 'x', 0o640)],
    ['is empty', 'empty.psk', () => file('empty.psk', '\n')],
    ['is not a file', 'folder.psk', () => mkdirSync(join(folder, 'folder.psk'), { mode: 0o700 })],
  ])('is refused where a secret %s', (what, name, make) => {
    make();
    const loaded = loadHostConfig(file('broken.jsonc', referring(name)), surroundings);
    expect(loaded).toMatchObject({ ok: false, problems: [{ path: 'preSharedKey' }] });
    expect(loaded.problems[0]?.what).toContain(what);
  });

  test.each([
    ['is not there', () => join(folder, 'nothing.jsonc'), 'is not there'],
    ['is a folder', () => folder, 'is not a file'],
    ['is very large', () => file('large.jsonc', ' '.repeat(8 * 2 ** 20 + 1)), 'larger than 8 MiB'],
    ['is in a folder that is a file', () => join(file('plain', ''), 'x.jsonc'), 'cannot be read'],
  ])('that %s is refused with the reason', (_, path, what) => {
    const loaded = loadHostConfig(path(), surroundings);
    expect(loaded).toMatchObject({ ok: false, text: '' });
    expect(loaded.problems[0]?.what).toContain(what);
  });

  test('that is a pipe does not hold the reader up', async () => {
    const pipe = join(folder, 'pipe.jsonc');
    await run(['mkfifo', pipe]);
    expect(loadHostConfig(pipe, surroundings)).toMatchObject({ ok: false, problems: [{ what: 'is not a file' }] });
  });
});

describe('earlier versions', () => {
  const open = (name: string, keep = 3) => openVersions(join(folder, name), keep);

  test('are kept up to the bound, privately, oldest first', () => {
    const versions = open('bounded');
    for (let i = 1; i <= 5; i++) versions.save(`text ${i}`, 1000 * i);
    expect(versions.list()).toEqual([3, 4, 5].map((number) => ({ number, savedAtMs: 1000 * number })));
    expect(versions.list().map(({ number }) => versions.read(number))).toEqual(['text 3', 'text 4', 'text 5']);
    const modes = readdirSync(join(folder, 'bounded')).map(
      (name) => statSync(join(folder, 'bounded', name)).mode & 0o777,
    );
    expect([statSync(join(folder, 'bounded')).mode & 0o777, ...modes]).toEqual([0o700, 0o600, 0o600, 0o600]);
  });

  test('are not repeated where nothing changed', () => {
    const versions = open('same');
    expect([versions.save('a', 1).number, versions.save('a', 2).number, versions.save('b', 3).number]).toEqual([
      1, 1, 2,
    ]);
  });

  test('are restored, and what was there is kept', () => {
    const versions = open('restored');
    const path = file('active.jsonc', 'new');
    versions.save('old', 1);
    expect(restoreVersion(versions, 1, path, 2)).toEqual({ ok: true, text: 'old' });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(versions.list().map(({ number }) => versions.read(number))).toEqual(['old', 'new']);
    expect(restoreVersion(versions, 99, path, 3)).toEqual({ ok: false, reason: 'notKept' });
  });

  test('survive what a crash left behind, and strange files', () => {
    const versions = open('crashed');
    versions.save('a', 1);
    file('crashed/00000002-5.jsonc.0a0b0c0d0e0f.new', 'half');
    file('crashed/notes.txt', 'mine');
    symlinkSync('/etc/passwd', join(folder, 'crashed/00000009-9.jsonc'));
    expect(versions.read(9)).toBeUndefined();
    expect(versions.save('b', 2).number).toBe(10);
    expect(readdirSync(join(folder, 'crashed')).filter((name) => name.endsWith('.new'))).toEqual([]);
  });
});
