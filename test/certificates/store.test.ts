import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { CertificateStore, type StoreResult } from '../../main/certificates/index.ts';
import { Secret } from '../../main/contracts/secret.ts';
import { OpensslAuthority } from '../support/openssl-authority.ts';

const pki = new OpensslAuthority();
afterAll(() => {
  pki.remove();
});

const key = new Secret(new Uint8Array(randomBytes(32)));
let folder: string;
let store: CertificateStore;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'culvert-store-')), 'certificates');
  store = new CertificateStore(folder, () => Promise.resolve({ kind: 'bytes', key }));
});
afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

function value<Value>(result: StoreResult<Value>): Value {
  if (result.ok) return result.value;
  throw new Error(result.reason);
}
const read = (file: string): Uint8Array => new Uint8Array(readFileSync(file));

function alice() {
  const root = pki.authority('/CN=Root', { key: 'rsa' });
  const own = pki.issue({ subject: '/O=Example/CN=alice', key: 'rsa', issuer: root });
  pki.run(
    'pkcs12',
    '-export',
    '-in',
    own.certificateFile,
    '-inkey',
    own.keyFile,
    '-certfile',
    root.certificateFile,
    '-out',
    pki.file('a.p12'),
    '-passout',
    'pass:x',
  );
  return { root, own, pkcs12: read(pki.file('a.p12')) };
}

test('a PKCS#12 file is imported once, listed with owner, issuer and expiry, opened, exported and deleted', async () => {
  const { own, root, pkcs12 } = alice();
  expect(await store.import(pkcs12, undefined)).toMatchObject({ reason: 'passphraseNeeded' });
  expect(await store.import(pkcs12, new Secret('y'))).toMatchObject({ reason: 'wrongPassphrase' });
  expect(store.list()).toEqual({ certificates: [], damaged: [] });
  const [stored] = value(await store.import(pkcs12, new Secret('x')));
  expect(await store.import(pkcs12, new Secret('x'))).toMatchObject({ reason: 'exists' });
  expect(store.list().certificates).toMatchObject([
    { kind: 'identity', name: 'alice', certificate: { subject: 'O=Example, CN=alice', issuer: 'CN=Root' } },
    { kind: 'authority', name: 'Root' },
  ]);
  const id = stored?.id ?? '';
  expect(store.list().certificates.flatMap((one) => store.authoritiesOf(one))).toEqual([root.der]);
  expect(value(await store.own(id)).chain).toEqual([own.der]);
  for (const encryption of ['modern', 'legacy'] as const) {
    const exported = value(await store.export(id, new Secret('z'), encryption));
    const options = encryption === 'legacy' ? ['-legacy'] : [];
    expect(
      pki.run('pkcs12', '-in', pki.file('e.p12', exported), '-passin', 'pass:z', '-nodes', ...options).toString(),
    ).toContain('PRIVATE KEY');
  }
  expect(value(store.exportPublic(id))).not.toContain('PRIVATE');
  expect(store.delete(id).ok).toBe(true);
  expect(store.delete(id)).toMatchObject({ reason: 'unknown' });
  expect(store.list().certificates).toMatchObject([{ kind: 'authority' }]);
});

test('no private key stands in a file as it is, and all files are their owners', async () => {
  const { pkcs12, own } = alice();
  value(await store.import(pkcs12, new Secret('x')));
  const der = pki.run('pkcs8', '-topk8', '-nocrypt', '-in', own.keyFile, '-outform', 'DER').subarray(40, 80);
  expect(readdirSync(folder)).toHaveLength(2);
  for (const name of readdirSync(folder)) {
    expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    const text = readFileSync(join(folder, name), 'utf8');
    const { key: sealedKey } = JSON.parse(text) as { key?: { sealed: string } };
    expect(Buffer.from(sealedKey?.sealed ?? '', 'base64').includes(der)).toBe(false);
  }
  const other = new CertificateStore(folder, () =>
    Promise.resolve({ kind: 'bytes', key: new Secret(new Uint8Array(randomBytes(32))) }),
  );
  // It is listed without the key, and opened with none but the right one.
  const [listed] = other.list().certificates;
  expect(await other.own(listed?.id ?? '')).toMatchObject({ reason: 'wrongKeyOrChanged' });
});

test('authorities are imported from PEM and DER, a certificate without its key is not', async () => {
  const { root, own } = alice();
  const other = pki.authority('/CN=Other');
  const bundle = Buffer.concat([readFileSync(root.certificateFile), readFileSync(other.certificateFile)]);
  expect(value(await store.import(new Uint8Array(bundle), undefined)).map(({ name }) => name)).toEqual([
    'Root',
    'Other',
  ]);
  expect(await store.import(root.der, undefined)).toMatchObject({ reason: 'exists' });
  expect(await store.import(own.der, undefined)).toMatchObject({ reason: 'noPrivateKey' });
  expect(await store.import(new Uint8Array(Buffer.from('hello')), undefined)).toMatchObject({
    reason: 'noCertificate',
  });
  expect(value(await store.import(own.der, undefined, read(own.keyFile)))).toMatchObject([{ kind: 'identity' }]);
});

test('a request is answered by an authority elsewhere, and its certificate gets the key that waits', async () => {
  const { root } = alice();
  const { pem, stored } = value(
    await store.request({ subject: { commonName: 'bob' }, names: ['bob@example.com'], key: 'ecdsa' }),
  );
  expect(store.list().certificates).toMatchObject([{ kind: 'request', name: 'bob', id: stored.id }]);
  const request = pki.file('bob.csr', pem);
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
    '5',
    '-days',
    '3',
    '-copy_extensions',
    'copy',
    '-out',
    pki.file('bob.pem'),
  );
  expect(value(await store.import(read(pki.file('bob.pem')), undefined))).toMatchObject([
    { kind: 'identity', certificate: { names: ['bob@example.com'] } },
  ]);
  const [only, ...rest] = store.list().certificates;
  expect(rest).toEqual([]);
  expect(value(await store.own(only?.id ?? '')).summary.subject).toBe('CN=bob');
  expect(await store.export(only?.id ?? '', new Secret('z'), 'legacy')).toMatchObject({ reason: 'legacyNeedsRsa' });
});

test('a file that was damaged or opened to others is left alone, and said', async () => {
  const { pkcs12 } = alice();
  const [stored] = value(await store.import(pkcs12, new Secret('x')));
  const file = join(folder, `${stored?.id ?? ''}.json`);
  chmodSync(file, 0o644);
  expect(store.list()).toMatchObject({ certificates: [{ kind: 'authority' }], damaged: [file] });
  chmodSync(file, 0o600);
  writeFileSync(file, '{}');
  expect(store.list()).toMatchObject({ certificates: [{ kind: 'authority' }], damaged: [file] });
  expect(await store.own('../../etc/passwd')).toMatchObject({ reason: 'unknown' });
});
