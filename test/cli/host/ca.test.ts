import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadOwnCertificate } from '../../../main/certificates/index.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import { OpensslAuthority } from '../../support/openssl-authority.ts';
import { useHostCommands } from './commands.ts';

const commands = useHostCommands();

const ca = (argv: readonly string[], stdin?: string) =>
  commands.run(['ca', ...argv, '--config', commands.configFile], stdin);
const file = (name: string): string => join(commands.folder, name);

test('an authority is made, issues for the host and a user, revokes, and the audit log has it all', async () => {
  expect(await ca(['list'])).toMatchObject({ code: 4, err: expect.stringContaining('[ca.none]') as string });
  expect((await ca(['create', '--organization', 'Example', '--key', 'ecdsa'])).out).toMatch(
    /^O=Example, CN=Culvert VPN CA \(ECDSA P-256\)/,
  );
  expect(await ca(['create'])).toMatchObject({ code: 4, err: expect.stringContaining('[ca.exists]') as string });
  expect((await ca(['server', 'vpn.example.com', '203.0.113.10'])).out).toMatch(
    /^the host \(vpn.example.com, 203.0.113.10\): number/,
  );
  const out = file('alice.p12');
  const issued = await ca(['issue', 'alice', '--out', out, '--passphrase-stdin'], 'a passphrase\n');
  // Somebody else may know the name; that nobody here does is worth a word.
  expect(issued).toMatchObject({ code: 0, err: expect.stringMatching(/^No local user is called alice: /) as string });
  expect(issued.out).not.toContain('a passphrase');
  const loaded = await loadOwnCertificate({ kind: 'pkcs12', file: out, passphrase: new Secret('a passphrase') });
  expect(loaded).toMatchObject({ ok: true, own: { summary: { subject: 'CN=alice' } } });
  expect((await ca(['issue', 'alice', '--out', out, '--passphrase-stdin'], 'x\n')).err).toContain('[ca.fileExists]');
  expect((await ca(['issue', 'bob', '--legacy', '--out', file('b.p12'), '--passphrase-stdin'], 'x\n')).err).toContain(
    '[ca.legacyNeedsRsa]',
  );

  await commands.run(['users', 'add', 'alice', '--password-stdin', '--config', commands.configFile], 'a password\n');
  const disabled = await commands.run(['users', 'disable', 'alice', '--config', commands.configFile]);
  expect(disabled.err).toContain('"culvert host ca revoke --user alice"');
  expect((await ca(['revoke', '--user', 'alice'])).out).toMatch(/^Revoked alice: number/);
  expect((await ca(['revoke', '--user', 'mallory'])).err).toContain('[ca.unknown]');
  const listed = (await ca(['list', '--all', '--json'])).out
    .split('\n')
    .map((line) => JSON.parse(line) as { user?: string; revokedAt?: string });
  expect(listed.find(({ user }) => user === 'alice')?.revokedAt).toBeDefined();

  const shown = await commands.run(['audit', 'show', '--config', commands.configFile]);
  const lines = shown.out.split('\n').map((line) =>
    line
      .replace(/^.*:\d\d {2}/, '')
      .replaceAll(/[0-9a-f]{32}/g, 'N')
      .replace(/\d{4}-.*/, 'D'),
  );
  expect(lines).toEqual(
    expect.arrayContaining([
      "the authority's certificate (N) was issued, ends on D",
      "the server's certificate (N) was issued, ends on D",
      'a certificate of alice (N) was issued, ends on D',
      'a certificate of alice (N) was revoked, ends on D',
    ]),
  );
});

test('an authority from elsewhere is imported from PKCS#12', async () => {
  const pki = new OpensslAuthority();
  try {
    const root = pki.authority('/CN=Office CA');
    pki.run(
      'pkcs12',
      '-export',
      '-in',
      root.certificateFile,
      '-inkey',
      root.keyFile,
      '-out',
      pki.file('ca.p12'),
      '-passout',
      'pass:secret',
    );
    expect((await ca(['import', pki.file('ca.p12'), '--passphrase-stdin'], 'wrong\n')).err).toContain(
      '[ca.notReadable]',
    );
    expect((await ca(['import', pki.file('ca.p12'), '--passphrase-stdin'], 'secret\n')).out).toMatch(/^CN=Office CA/);
    expect((await ca(['renew', '--authority'])).err).toContain('[ca.notRenewable]');
    await ca(['server', 'vpn.example.com']);
    expect(pki.run('verify', '-CAfile', root.certificateFile, file('ca/server.pem')).toString()).toContain('OK');
    const before = readFileSync(file('ca/ca.crl'), 'utf8');
    await ca(['crl']);
    expect(readFileSync(file('ca/ca.crl'), 'utf8')).not.toBe(before);
  } finally {
    pki.remove();
  }
});
