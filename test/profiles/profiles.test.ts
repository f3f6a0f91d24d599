import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { loadProfile } from '../../main/profiles/load.ts';
import { resolveSecret, secretFromText } from '../../main/profiles/secrets.ts';
import { removeScratch, scratchFolder } from '../support/scratch.ts';

const folder = scratchFolder('profiles');
afterAll(() => {
  removeScratch(folder);
});

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function hole(name: string, bytes: number): string {
  truncateSync(file(name, ''), bytes);
  return join(folder, name);
}

describe('a profile', () => {
  test('of three members is enough, the rest has its defaults', () => {
    const loaded = loadProfile(file('small.json', '{"version":1,"name":"office","gateway":"vpn.example.com"}'));
    expect(loaded).toMatchObject({ ok: true, value: { gateway: 'vpn.example.com', network: { mode: 'full' } } });
  });

  test('that is wrong names the member', () => {
    const text = '{"version":1,"name":"office","gateway":"vpn.example.com","ppp":{"mur":1400}}';
    const loaded = loadProfile(file('misspelt.json', text));
    expect(loaded).toMatchObject({ ok: false, failure: { code: 'profile.invalid' } });
    expect(loaded.ok ? '' : loaded.failure.cause).toContain('ppp.mur: there is no such member');
  });

  test.each([
    ['[]', 'the file: expected members in braces { }'],
    ['{"version":0}', 'version: expected 1; name: is missing; gateway: is missing'],
    ['{"ppp":{"mru":9}}', 'ppp.mru: expected at least 576'],
    ['{"ppp":{"mru":"1400"}}', 'ppp.mru: expected a number'],
    ['{"network":{"mode":"both"}}', 'network.mode: expected "full" or "split"'],
    ['{"l2tp":{"tunnelSecret":7}}', 'l2tp.tunnelSecret: expected text, or { "file": "path" }'],
  ])('that is %s is told what is expected', (text, expected) => {
    const loaded = loadProfile(file('wrong.json', text));
    expect(loaded.ok ? '' : loaded.failure.cause).toContain(expected);
    expect(loaded.ok ? '' : loaded.failure.cause).not.toMatch(/Invalid|received/);
  });

  test.each([
    [{ mode: 'full' }, 'a branch needs split mode'],
    [{ routes: Array.from({ length: 257 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`) }, 'at most 256 routes'],
    [{ routes: ['0.0.0.0/0'] }, 'never everything'],
    [{ branch: ['::/0'] }, 'never everything'],
    [{ routes: ['192.168.77.0/24'] }, 'either a branch or a route'],
    [{ branch: ['2001:db8::/64'] }, 'a branch of IPv6 needs ppp.ipv6'],
    [{}, undefined],
  ])('with a branch is told what does not go with it: %j', (members, expected) => {
    const network = { mode: 'split', routes: ['10.20.0.0/16'], branch: ['192.168.77.0/24'], ...members };
    const text = JSON.stringify({ version: 1, name: 'office', gateway: 'vpn.example.com', network });
    const loaded = loadProfile(file('branch.json', text));
    expect(loaded.ok).toBe(expected === undefined);
    if (!loaded.ok) expect(loaded.failure.cause).toMatch(new RegExp(`network\\.branch: .*${expected}`));
  });

  test('no part of a broken profile is quoted: it may be a secret', () => {
    const loaded = loadProfile(file('broken.json', '{"ipsec":{"preSharedKey":hunter2secret}}'));
    expect(JSON.stringify(loaded)).not.toContain('hunter2');
  });

  test('of a later format it is for a newer release', () => {
    const loaded = loadProfile(file('later.json', '{"version":2,"name":"office","colour":"red"}'));
    expect(loaded).toMatchObject({ ok: false, failure: { code: 'profile.newer' } });
  });

  test('a byte order mark is no part of it', () => {
    const text = '\ufeff{"version":1,"name":"office","gateway":"vpn.example.com"}';
    expect(loadProfile(file('windows.json', text))).toMatchObject({ ok: true });
  });

  test.each([
    ['is not there', 'profile.unreadable', () => join(folder, 'none.json'), 'there is no such file'],
    ['is a folder', 'profile.unreadable', () => folder, 'it is a folder'],
    ['has no end', 'profile.unreadable', () => '/dev/zero', 'it is not a file'],
    [
      'is not JSON',
      'profile.notJson',
      () => file('text.json', 'version: 1'),
      'it is not valid JSON at line 1, column 1',
    ],
    [
      'lacks a comma',
      'profile.notJson',
      () => file('comma.json', '{\n  "version": 1\n  "name": "x"\n}'),
      'at line 3, column 3',
    ],
    ['has a comment', 'profile.notJson', () => file('comment.json', '{ // mine\n}'), 'at line 1, column 3'],
    [
      'has a comma too many',
      'profile.notJson',
      () => file('trailing.json', '{\n  "version": 1,\n}'),
      'at line 3, column 1',
    ],
    ['breaks off', 'profile.notJson', () => file('short.json', '{\n  "version":'), 'at line 2, column 13'],
    ['is bottomless', 'profile.notJson', () => file('deep.json', '['.repeat(500_000)), 'nested too deeply'],
    [
      'is very large',
      'profile.unreadable',
      () => file('large.json', ' '.repeat(2 ** 20 + 1)),
      'it is larger than 1 MiB',
    ],
    ['is larger than memory', 'profile.unreadable', () => hole('huge.json', 2 ** 43), 'it is larger than 1 MiB'],
  ])('that %s is refused as %s with the reason', (_, code, path, reason) => {
    const loaded = loadProfile(path());
    expect(loaded).toMatchObject({
      ok: false,
      failure: { code },
    });
    expect(loaded.ok ? '' : loaded.failure.cause).toContain(reason);
  });
});

describe('a secret', () => {
  test.each([
    ['text', 'grün', [0x67, 0x72, 0xc3, 0xbc, 0x6e]],
    ['hexadecimal', '0x00fF10', [0x00, 0xff, 0x10]],
    ['base64', '0sAP8Q', [0x00, 0xff, 0x10]],
    ['half a hexadecimal byte, which is text', '0xf', [0x30, 0x78, 0x66]],
  ])('is read as %s', (_, text, bytes) => {
    expect([...secretFromText(text).expose()]).toEqual(bytes);
  });

  test('in a file lies beside the profile, and one line end is not of it', async () => {
    file('office.psk', 'the key \r\n');
    const secret = await resolveSecret({ file: 'office.psk' }, join(folder, 'office.json'), 'pre-shared key');
    expect(secret.ok && Buffer.from(secret.value.expose()).toString()).toBe('the key ');
    const missing = await resolveSecret({ file: 'none.psk' }, join(folder, 'office.json'), 'pre-shared key');
    expect(missing).toMatchObject({ ok: false, failure: { code: 'credentials.missing' } });
  });

  test('cannot be printed by accident', () => {
    const secret = secretFromText('hunter2');
    const printed = [JSON.stringify({ secret }), String(secret), inspect(secret, { depth: 5, showHidden: true })];
    for (const text of printed) expect(text).not.toMatch(/hunter2|104, *117|68 75/);
  });
});
