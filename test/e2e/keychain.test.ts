import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundle } from '../setup/bundle.mjs';
import { besideKeyring } from '../support/keyring.ts';
import { removeScratch, scratchFolder } from '../support/scratch.ts';

/** keytar and gnome-keyring as they are. */

let program = '';
let folder = '';
beforeAll(async () => {
  program = await bundle('test/support/programs/keep-secret.ts', '.setup/keep-secret.mjs');
});
beforeEach(() => {
  folder = scratchFolder('keyring');
});
afterEach(() => {
  removeScratch(folder);
});

async function keeper(command: 'keep' | 'show' | 'forget', password?: string): Promise<unknown> {
  const argv = [process.execPath, program, join(folder, 'secrets.sealed'), command];
  return JSON.parse(await besideKeyring({ folder, ...(password !== undefined && { password }) }, argv));
}

test('a secret is kept in the keychain from one run to the next, in no file in the clear, until it is forgotten', async () => {
  const kept = { keeping: { place: 'keychain' }, whereabouts: { password: 'keychain' }, password: 'hunter2' };
  expect(await keeper('keep', 'ring')).toEqual(kept);
  expect(await keeper('show', 'ring')).toEqual(kept);
  expect(filesBelow(folder).filter((file) => readFileSync(file, 'latin1').includes('hunter2'))).toEqual([]);
  expect(await keeper('forget', 'ring')).toEqual({ keeping: { place: 'keychain' }, whereabouts: {} });
});

test('a ring that another password opens is found out, and the secret is kept for the session', async () => {
  await keeper('keep', 'ring');
  const other = await keeper('keep', 'another');
  expect(other).toMatchObject({
    keeping: { place: 'session', why: { code: 'secrets.noKeychain' } },
    whereabouts: { password: 'session' },
    password: 'hunter2',
  });
});

test('a bus without a secret service is said', async () => {
  expect(await keeper('show')).toMatchObject({
    keeping: { place: 'session', why: { code: 'secrets.noKeychain' } },
    password: 'secrets.noKeychain',
  });
});

function filesBelow(path: string): string[] {
  return readdirSync(path).flatMap((name) => {
    const below = join(path, name);
    const stats = statSync(below);
    if (stats.isDirectory()) return filesBelow(below);
    return stats.isFile() ? [below] : [];
  });
}
