import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { markSecrets, secretIn } from '../support/canary/secrets.mjs';
import { takeLeaks } from '../support/canary/watch.ts';
import { password, preSharedKey } from '../support/peers/credentials.ts';
import { radiusSecret } from '../support/peers/freeradius.ts';
import { run } from '../support/processes.ts';
import { removeScratch, scratchFolder } from '../support/scratch.ts';

const say = (text: string, ...as: string[]) =>
  run([process.execPath, '-e', `console.log(${JSON.stringify(text)})`, ...as]);

describe('a secret of the tests', () => {
  test.each([
    ['a password', password],
    ["another's", ['twice', 'pass'].join('-')],
    ['the pre-shared key', preSharedKey],
    ['the secret of RADIUS', radiusSecret],
    ['a private key', '-----BEGIN EC PRIVATE KEY-----'],
  ])('is known by what it looks like: %s', (_, secret) => {
    const found = secretIn(`user alice\nsent ${secret}\n`);
    expect(found).toMatch(/^sent .*\[a secret of \d+ characters\]$/);
    expect(secretIn(Buffer.from(secret, 'utf16le').toString('latin1'))).toBeDefined();
  });

  test.each(['--password-stdin', 'the password is wrong', 'auth.passwordExpired', 'passed'])('%s is none', (text) => {
    expect(secretIn(text)).toBeUndefined();
  });

  test('may be made while a test runs', () => {
    const recoveryCode = ['abcd', 'efgh', 'ijkl', 'mnop'].join('-');
    markSecrets(recoveryCode);
    expect(secretIn(`code ${recoveryCode}`)).toBeDefined();
  });
});

describe('the file of tests fails', () => {
  test('where a program of ours prints one, and not where a peer does', async () => {
    await say(`PAP AuthReq ${password}`, 'radiusd');
    expect(takeLeaks()).toEqual([]);
    await say(`PAP AuthReq ${password}`, 'dist/culvert.js');
    expect(takeLeaks()).toMatchObject([
      expect.stringMatching(/^printed by .*dist\/culvert\.js: PAP AuthReq \[a secret/),
    ]);
  });

  test('where one is in what ours has written', () => {
    const folder = scratchFolder('host');
    writeFileSync(join(folder, 'host.json'), JSON.stringify({ preSharedKey }));
    writeFileSync(join(folder, 'log'), `key ${preSharedKey}`);
    removeScratch(folder);
    expect(takeLeaks()).toMatchObject([expect.stringMatching(/^written to host\/log: key \[a secret/)]);
  });
});
