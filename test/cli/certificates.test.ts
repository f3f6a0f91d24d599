import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { certificatesProgram } from '../../main/cli/certificates/program.ts';
import { openCertificateStore } from '../../main/dialling/certificate-store.ts';
import { describeList } from '../../main/cli/certificates/text.ts';
import { OpensslAuthority } from '../support/openssl-authority.ts';
import { removeScratch, scratchFolder } from '../support/scratch.ts';

const pki = new OpensslAuthority();
afterAll(() => {
  pki.remove();
});

let folder: string;
beforeEach(() => {
  folder = scratchFolder('certificates-cli');
  vi.stubEnv('CULVERT_DATA_DIR', join(folder, 'data'));
  vi.stubEnv('CULVERT_STATE_DIR', join(folder, 'state'));
  mkdirSync(join(folder, 'out'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  process.exitCode = undefined;
  removeScratch(folder);
});

const exitCode = (): number => Number(process.exitCode ?? 0);

async function run(
  ...argv: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const said = { out: [] as string[], err: [] as string[] };
  vi.spyOn(console, 'log').mockImplementation((text: string) => void said.out.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void said.err.push(text));
  process.exitCode = undefined;
  await certificatesProgram().parseAsync(argv, { from: 'user' });
  return { code: exitCode(), out: said.out.join('\n'), err: said.err.join('\n') };
}

test('certificates are imported, listed with what is about to end, exported and deleted', async () => {
  const root = pki.authority('/CN=Office CA', { days: 900 });
  const own = pki.issue({ subject: '/CN=alice', issuer: root, days: 12 });
  expect((await run('list')).out).toContain('There are no certificates yet');
  expect((await run('import', root.certificateFile)).out).toMatch(
    /^Imported the authority CN=Office CA|^Imported the authority Office CA/,
  );
  expect(await run('import', own.certificateFile)).toMatchObject({
    code: 10,
    err: expect.stringContaining('[certificates.unusable]') as string,
  });
  expect((await run('import', own.certificateFile, '--key', own.keyFile)).out).toMatch(
    /^Imported alice \([0-9a-f]{12}\), until/,
  );
  const rows = (await run('list')).out.split('\n').map((line) => line.split(/ {2,}/));
  expect(rows[1]?.slice(1)).toEqual(['alice', 'CN=Office CA', expect.any(String), 'expires in 11 days']);
  expect(rows[2]?.[4]).toBe('authority');
  const { certificates } = openCertificateStore().list();
  expect(describeList(certificates, [], Date.now() - 5 * 86_400_000).match(/not valid yet$/gm)).toHaveLength(2);
  expect((await run('delete', rows[1]?.[0]?.slice(0, 11) ?? '')).err).toContain('[certificates.unknown]');
  const file = join(folder, 'out', 'alice.pem');
  expect((await run('export', 'alice', '--out', file)).out).toBe(`Written: ${file}`);
  expect(readFileSync(file, 'latin1')).not.toContain('PRIVATE');
  expect((await run('export', 'alice', '--out', file)).err).toContain('[certificates.exists]');
  expect((await run('delete', 'alice')).out).toMatch(/^Deleted alice/);
  expect(await run('delete', 'alice')).toMatchObject({
    code: 10,
    err: expect.stringContaining('[certificates.unknown]') as string,
  });
});

test('where a file cannot be written, no key is made for it', async () => {
  const nowhere = join(folder, 'none', 'alice.csr');
  expect(await run('csr', 'alice', '--out', nowhere)).toMatchObject({
    code: 10,
    err: expect.stringContaining(
      'alice.csr cannot be written: there is no such folder. [certificates.notWritten]',
    ) as string,
  });
  expect((await run('list')).out).toContain('There are no certificates yet');
  const taken = join(folder, 'out', 'taken.csr');
  writeFileSync(taken, 'mine');
  expect((await run('csr', 'alice', '--out', taken)).err).toContain('[certificates.exists]');
  expect(readFileSync(taken, 'utf8')).toBe('mine');
  expect((await run('import', join(folder, 'none.pem'))).err).toContain('[certificates.unreadable]');
});

test('a request is made, and its answer imported without a key', async () => {
  const root = pki.authority('/CN=Office CA');
  const request = join(folder, 'out', 'bob.csr');
  await run('csr', 'bob', '--name', 'bob@example.com', '--key', 'ecdsa', '--out', request);
  expect((await run('list')).out).toContain('waits for an answer');
  pki.run(
    'x509',
    '-req',
    '-in',
    request,
    '-CA',
    root.certificateFile,
    '-CAkey',
    root.keyFile,
    '-set_serial',
    '7',
    '-days',
    '90',
    '-copy_extensions',
    'copy',
    '-out',
    pki.file('bob.pem'),
  );
  expect((await run('import', pki.file('bob.pem'))).out).toMatch(/^Imported bob/);
  const [only, ...rest] = (await run('list', '--json')).out
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; certificate: { names: string[] } });
  expect(only).toMatchObject({ kind: 'identity', certificate: { names: ['bob@example.com'] } });
  expect(rest).toEqual([]);
  expect(existsSync(join(folder, 'data', 'certificates', 'sealing.key'))).toBe(true);
});
