import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { profileProgram } from '../../main/cli/profile/program.ts';
import { linkOf } from '../../main/profiles/documents/link.ts';
import { failureOf, office, valueOf } from '../profiles/support.ts';
import { ProfileStore } from '../../main/profiles/store/store.ts';
import { removeScratch, scratchFolder } from '../support/scratch.ts';

// A passphrase takes its time by design.
vi.setConfig({ testTimeout: 60_000 });

// What is kept is another test's business: this one is not to find the keychain of whoever runs it.
vi.mock('keytar', () => {
  throw new Error('no keychain here');
});

let folder = '';
beforeEach(() => {
  folder = scratchFolder('profile-cli');
  vi.stubEnv('CULVERT_CONFIG_DIR', join(folder, 'config'));
  vi.stubEnv('CULVERT_SYSTEM_PROFILES', join(folder, 'etc'));
  writeFileSync(
    file('office.json'),
    JSON.stringify({ ...office, network: { mode: 'split', routes: ['10.20.0.0/16'] } }),
  );
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  removeScratch(folder);
});

const file = (name: string): string => join(folder, name);
const store = (): ProfileStore =>
  new ProfileStore({ profiles: join(folder, 'config/profiles'), system: join(folder, 'etc') });

async function run(argv: readonly string[], stdin = ''): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const mocks = [
    vi.spyOn(console, 'log').mockImplementation((text: string) => {
      out += `${text}\n`;
    }),
    vi.spyOn(console, 'error').mockImplementation((text: string) => {
      err += `${text}\n`;
    }),
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += String(text);
      return true;
    }),
    vi
      .spyOn(process, 'stdin', 'get')
      .mockReturnValue(Object.assign(new PassThrough().end(stdin), { isTTY: false }) as never),
  ];
  process.exitCode = 0;
  try {
    await profileProgram().parseAsync(argv, { from: 'user' });
    return { code: process.exitCode, out, err };
  } finally {
    process.exitCode = 0;
    for (const mock of mocks) mock.mockRestore();
  }
}

async function signed(serial: number, ...more: string[]): Promise<string> {
  const out = file(`office-${serial}.culvert`);
  const flags = ['--key', file('org.key'), '--organisation', 'Example Ltd', '--serial', String(serial), '--out', out];
  const { code, err } = await run(['sign', file('office.json'), ...flags, ...more], 'correct horse\n');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

const fingerprintIn = (text: string): string => /[0-9a-f]{4}( [0-9a-f]{4}){15}/.exec(text)?.[0] ?? '';

test('a key is made, a profile signed, looked at, imported once the key is named, and renewed without a question about it', async () => {
  const made = await run(['keygen', file('org.key')]);
  expect(statSync(file('org.key')).mode & 0o777).toBe(0o600);
  const first = await signed(1, '--lock', 'network');
  const checked = await run(['check', first]);
  expect(checked.out).toContain('Signed by Example Ltd: office, version 1. The signature is right.');
  expect(fingerprintIn(checked.out)).toBe(fingerprintIn(made.out));

  expect(await run(['import', first, '--yes'])).toMatchObject({ code: 10 });
  expect(await run(['import', first, '--yes', '--key', '00'.repeat(32)])).toMatchObject({ code: 10 });
  expect(store().list().profiles).toEqual([]);
  expect(await run(['import', first, '--yes', '--key', fingerprintIn(made.out)])).toMatchObject({ code: 0 });
  expect(await run(['import', await signed(2), '--yes'])).toMatchObject({ code: 0 });
  expect(await run(['import', first, '--yes'])).toMatchObject({
    code: 10,
    err: expect.stringContaining('[managed.older]') as string,
  });
  expect(store().list().profiles).toMatchObject([{ management: { organisation: 'Example Ltd', serial: 2 } }]);
  expect((await run(['list'])).out).toMatch(/^office +vpn\.example\.com +Example Ltd$/m);
  expect((await run(['show', 'office'])).out).toContain('Managed by Example Ltd, version 2');
});

test('a new key is handed over to by the old one', async () => {
  const { out } = await run(['keygen', file('org.key')]);
  await run(['import', await signed(1), '--yes', '--key', fingerprintIn(out)]);
  await run(['keygen', file('new.key')]);
  const handOver = ['endorse', file('new.key.pub'), '--key', file('org.key'), '--out', file('handover.json')];
  expect(await run(handOver)).toMatchObject({ code: 0 });
  const stranger = await signed(2, '--key', file('new.key'));
  expect(await run(['import', stranger, '--yes'])).toMatchObject({
    err: expect.stringContaining('[managed.otherKey]') as string,
  });
  const endorsed = await signed(3, '--key', file('new.key'), '--endorsement', file('handover.json'));
  expect(await run(['import', endorsed, '--yes'])).toMatchObject({ code: 0 });
});

test('secrets are signed only sealed, and come out with the passphrase', async () => {
  await run(['keygen', file('org.key')]);
  writeFileSync(file('office.json'), JSON.stringify({ ...office, ipsec: { preSharedKey: 'hunter2' } }));
  const flags = ['--key', file('org.key'), '--organisation', 'Example Ltd', '--serial', '1'];
  const refused = await run(['sign', file('office.json'), ...flags]);
  expect(refused).toMatchObject({ code: 10, out: '', err: expect.stringContaining('--seal-secrets') as string });
  const sealed = await signed(1, '--seal-secrets', '--passphrase-stdin');
  expect(
    Buffer.from((JSON.parse(readFileSync(sealed, 'utf8')) as { signed: string }).signed, 'base64').toString(),
  ).not.toContain('hunter2');
  const key = fingerprintIn((await run(['check', sealed])).out);
  const wrong = await run(['import', sealed, '--yes', '--key', key, '--passphrase-stdin'], 'wrong\n');
  expect(wrong.err).toContain('[secrets.wrongPassphrase]');
  const right = await run(['import', sealed, '--yes', '--key', key, '--passphrase-stdin'], 'correct horse\n');
  expect(right).toMatchObject({ code: 0 });
  expect(right.out + right.err).not.toContain('hunter2');
});

test.each([
  ['a lock that is none', ['--lock', 'network.killswitch']],
  ['a moment that is none', ['--not-after', 'tomorrow']],
  ['a key that others can read', ['--key', 'exposed.key']],
  ['a key that is none', ['--key', 'office.json']],
])('nothing is signed with %s', async (_, more) => {
  await run(['keygen', file('org.key')]);
  writeFileSync(file('exposed.key'), readFileSync(file('org.key')), { mode: 0o644 });
  const flags = ['--key', file('org.key'), '--organisation', 'Example Ltd', '--serial', '1', '--out', file('out')];
  const rest = more.map((each) => (/\.(key|json)$/.test(each) ? file(each) : each));
  expect(await run(['sign', file('office.json'), ...flags, ...rest])).toMatchObject({ code: 10 });
  expect(existsSync(file('out'))).toBe(false);
});

test('no file is ever written over', async () => {
  await run(['keygen', file('org.key')]);
  const before = readFileSync(file('org.key'), 'utf8');
  expect(await run(['keygen', file('org.key')])).toMatchObject({
    code: 10,
    err: expect.stringContaining('there already') as string,
  });
  expect(readFileSync(file('org.key'), 'utf8')).toBe(before);
});

test('a profile goes from one computer to another as a file or a link, and is imported by a word or --yes alone', async () => {
  const link = valueOf(linkOf(readFileSync(file('office.json'), 'utf8')));
  expect(await run(['import', link])).toMatchObject({ code: 10 });
  expect(await run(['import', link, '--yes'])).toMatchObject({ code: 0 });
  const exported = (await run(['export', 'office', '--link'])).out.trim();
  expect(await run(['import', exported, '--yes'])).toMatchObject({ code: 0 });
  expect(
    store()
      .list()
      .profiles.map(({ profile }) => profile.name),
  ).toEqual(['office', 'office-2']);
  expect(await run(['remove', 'office'])).toMatchObject({ code: 0 });
  expect(store().list().profiles).toHaveLength(1);
  expect(failureOf(store().use('office', 0)).code).toBe('profile.notFound');
});

test('what is not there is said', async () => {
  for (const command of ['show', 'export', 'remove', 'forget']) {
    expect(await run([command, 'nothing'])).toMatchObject({
      code: 10,
      err: expect.stringContaining('[profile.notFound]') as string,
    });
  }
});
