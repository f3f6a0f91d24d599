import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  certificateFacts,
  loadOwnCertificate,
  readCertificateFile,
  readRevocationListFile,
  verifyPeer,
} from '../../../main/certificates/index.ts';
import type { CertificateSummary } from '../../../main/contracts/certificates.ts';
import type { AuditEvent } from '../../../main/contracts/audit.ts';
import { certificateAuthority } from '../../../main/contracts/host-ca.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import {
  CertificateKeeper,
  issueClientFile,
  openCertificateAuthority,
  type AuthorityResult,
  type CertificateAuthority,
} from '../../../main/host/ca/index.ts';
import { OpensslAuthority } from '../../support/openssl-authority.ts';

const pki = new OpensslAuthority();
afterAll(() => {
  pki.remove();
});

let folder: string;
let authority: CertificateAuthority;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'culvert-ca-'));
  authority = openCertificateAuthority(folder, ['http://vpn.example.com/ca.crl']);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const created = { organization: 'Example', commonName: 'Example VPN CA', key: 'ecdsa', years: 10 } as const;

function value<Value>(result: AuthorityResult<Value>): Value {
  if (result.ok) return result.value;
  throw new Error(result.reason);
}

const client = (user: string, device?: string) => authority.client({ user, device, days: 365 });

function clientIs(chain: readonly Uint8Array[]): Promise<string> {
  const [authorities, lists] = [
    readCertificateFile(authority.files.authority),
    readRevocationListFile(authority.files.list),
  ];
  const revocation = { policy: 'require', lists: lists.ok ? lists.ders : [] } as const;
  const trust = {
    authorities: authorities.ok ? authorities.ders : [],
    intermediates: [],
    allowSha1: false,
    revocation,
  };
  return verifyPeer(chain, { role: 'client', names: [] }, trust, Date.now()).then((verdict) =>
    verdict.ok ? 'good' : verdict.reason,
  );
}

test('an authority is made once, and its key stands in no file as it is', async () => {
  expect(await authority.state()).toMatchObject({ ok: false, reason: 'none' });
  expect(await client('alice')).toMatchObject({ ok: false, reason: 'none' });
  const facts = value(await authority.create(created));
  expect(facts).toMatchObject({ subject: 'O=Example, CN=Example VPN CA', isAuthority: true, key: 'ECDSA P-256' });
  expect(await authority.create(created)).toMatchObject({ ok: false, reason: 'exists' });
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(readFileSync(file, 'latin1')).not.toMatch(/PRIVATE KEY|Example VPN CA/);
  }
});

test("a client's certificate is good until it is revoked, and openssl agrees", async () => {
  value(await authority.create(created));
  const alice = value(await client('alice@example.com', 'laptop'));
  const bob = value(await client('bob'));
  expect(new X509Certificate(alice.chain[0] ?? '').subject).toBe('OU=laptop\nCN=alice@example.com');
  expect(await clientIs(alice.chain)).toBe('good');
  expect(value(await authority.revoke({ user: 'alice@example.com' }))).toHaveLength(1);
  expect(value(await authority.revoke({ user: 'alice@example.com' }))).toHaveLength(0);
  expect(await clientIs(alice.chain)).toBe('revoked');
  expect(await clientIs(bob.chain)).toBe('good');
  const file = pki.file('alice.der', alice.chain[0]);
  const check = ['verify', '-CAfile', authority.files.authority, '-CRLfile', authority.files.list, '-crl_check'];
  expect(() => pki.run(...check, file)).toThrow(/revoked/);
  expect(pki.run(...check, pki.file('bob.der', bob.chain[0])).toString()).toContain('OK');
  expect(await authority.revoke({ user: 'mallory' })).toMatchObject({ ok: false, reason: 'unknown' });
  expect(await authority.revoke({ serial: 'ff' })).toMatchObject({ ok: false, reason: 'unknown' });
});

test.each([
  ['rsa', false],
  ['rsa', true],
  ['ecdsa', false],
] as const)(
  'the file of a client (%s, legacy: %s) opens to the certificate that was issued, byte for byte',
  async (key, legacy) => {
    value(await authority.create({ ...created, key }));
    const order = { user: 'alice', device: 'laptop', days: 30, passphrase: new Secret('a passphrase'), legacy };
    const file = join(folder, 'alice.p12');
    value(
      await issueClientFile(authority, order, (content) => {
        writeFileSync(file, content, { mode: 0o600 });
      }),
    );
    const opened = await loadOwnCertificate({ kind: 'pkcs12', file, passphrase: order.passphrase });
    if (!opened.ok) throw new Error(opened.detail);
    const options = ['-passin', 'pass:a passphrase', '-nokeys', '-clcerts', ...(legacy ? ['-legacy'] : [])];
    const issued = new X509Certificate(pki.run('pkcs12', '-in', file, ...options));
    expect(Buffer.from(opened.own.chain[0] ?? '')).toEqual(issued.raw);
    expect(await clientIs(opened.own.chain)).toBe('good');
    // RFC 4055 §5: NULL in both places where RSA's algorithm stands, and nothing for ECDSA (RFC 5758 §3.2).
    const algorithms = issued.raw.toString('hex').match(/2a864886f70d01010b(0500)?/g) ?? [];
    expect(algorithms).toEqual(key === 'rsa' ? Array(2).fill('2a864886f70d01010b0500') : []);
  },
);

test("the server's certificate holds its names, and keeps its key when it is renewed", async () => {
  value(await authority.create(created));
  value(await authority.server(['vpn.example.com', '203.0.113.10']));
  const files = { kind: 'pem', certificateFile: authority.files.server, keyFile: authority.files.serverKey } as const;
  const before = await loadOwnCertificate(files);
  value(await authority.renewServer());
  const after = await loadOwnCertificate(files);
  if (!before.ok || !after.ok) throw new Error('it cannot be loaded');
  expect(after.own.summary.names).toEqual(['vpn.example.com', '203.0.113.10']);
  expect(after.own.summary.serial).not.toBe(before.own.summary.serial);
  expect(after.own.key.equals(before.own.key)).toBe(true);
  const verify = (name: string) =>
    pki.run(
      'verify',
      '-purpose',
      'sslserver',
      '-CAfile',
      authority.files.authority,
      '-verify_hostname',
      name,
      authority.files.server,
    );
  expect(verify('vpn.example.com').toString()).toContain('OK');
  expect(() => verify('vpn.example.org')).toThrow();
});

test('an authority from elsewhere is taken, below its own authority, and issues as one', async () => {
  const root = pki.authority('/CN=Root');
  const below = pki.authority('/CN=Below', { issuer: root });
  const plain = pki.issue({ subject: '/CN=plain', issuer: root });
  const chainFile = pki.file(
    'chain.pem',
    readFileSync(below.certificateFile, 'latin1') + readFileSync(root.certificateFile, 'latin1'),
  );
  const load = async (certificateFile: string, keyFile: string) => {
    const loaded = await loadOwnCertificate({ kind: 'pem', certificateFile, keyFile });
    if (!loaded.ok) throw new Error(loaded.reason);
    return loaded.own;
  };
  expect(await authority.adopt(await load(plain.certificateFile, plain.keyFile))).toMatchObject({
    reason: 'notAuthority',
  });
  expect(value(await authority.adopt(await load(chainFile, below.keyFile))).subject).toBe('CN=Below');
  const alice = pki.file('a.der', value(await client('alice')).chain[0]);
  expect(
    pki.run('verify', '-CAfile', root.certificateFile, '-untrusted', authority.files.authority, alice).toString(),
  ).toContain('OK');
  expect(await authority.renewAuthority(10)).toMatchObject({ ok: false, reason: 'notRenewable' });
});

test('a renewed authority stands for what it issued before', async () => {
  value(await authority.create({ ...created, years: 1 }));
  const alice = value(await client('alice'));
  const renewed = value(await authority.renewAuthority(10));
  expect(Date.parse(renewed.notAfter)).toBeGreaterThan(Date.now() + 9 * 365 * 86_400_000);
  value(await authority.list());
  expect(await clientIs(alice.chain.slice(0, 1))).toBe('good');
});

test('nothing that is issued outlives its authority', async () => {
  const facts = value(await authority.create({ ...created, years: 1 }));
  const issued = value(await authority.client({ user: 'alice', device: undefined, days: 3650 })).issued;
  expect(issued.notAfter).toBe(facts.notAfter);
});

test('a store that was changed, or whose key is gone, is told from one that is not there', async () => {
  value(await authority.create(created));
  const store = join(folder, 'ca.store');
  const text = readFileSync(store, 'utf8');
  writeFileSync(store, text.replace(/"sealed":"..../, '"sealed":"AAAA'));
  expect(await authority.state()).toMatchObject({ reason: 'wrongKeyOrChanged' });
  writeFileSync(store, text);
  rmSync(join(folder, 'ca.key'));
  expect(await authority.state()).toMatchObject({ reason: 'keyMissing' });
  expect(await authority.create(created)).toMatchObject({ reason: 'keyMissing' });
});

test('two that issue at the same time both do, and neither is forgotten', async () => {
  value(await authority.create(created));
  const other = openCertificateAuthority(folder, []);
  await Promise.all([client('alice'), other.client({ user: 'bob', device: undefined, days: 1 }), client('carol')]);
  expect(
    value(await authority.state())
      .issued.map(({ user }) => user)
      .sort(),
  ).toEqual(['alice', 'bob', 'carol']);
});

describe('while a host runs', () => {
  let keeper: CertificateKeeper | undefined;
  afterEach(async () => {
    await keeper?.stop();
    keeper = undefined;
  });

  function keep(
    settings: object,
    own: readonly CertificateSummary[] = [],
  ): {
    readonly events: AuditEvent[];
    readonly changed: () => void;
    readonly said: string[];
  } {
    const watched = { events: [] as AuditEvent[], changed: vi.fn(), said: [] as string[] };
    const config = certificateAuthority.parse({ folder, ...settings });
    keeper = new CertificateKeeper({
      settings: () => ({ config, configFile: '/nowhere/host.json', own }),
      record: (event) => watched.events.push(event),
      say: (text) => watched.said.push(text),
      changed: watched.changed,
    });
    return watched;
  }

  test('what was done to the authority before is recorded, once', async () => {
    value(await authority.create(created));
    const { serial } = value(await client('alice')).issued;
    value(await authority.revoke({ serial }));
    const { events, said } = keep({});
    await vi.waitFor(() =>
      expect(events.map(({ kind }) => kind)).toEqual(['certificateIssued', 'certificateIssued', 'certificateRevoked']),
    );
    expect(events[2]).toMatchObject({ user: 'alice', serial, use: 'client' });
    await keeper?.stop();
    const again = keep({});
    await keeper?.stop();
    expect([...again.events, ...said]).toEqual([]);
  });

  test("what is about to end is said, the server's certificate is renewed, and the host told", async () => {
    value(await authority.create(created));
    value(await authority.server(['vpn.example.com']));
    value(await authority.client({ user: 'alice', device: undefined, days: 10 }));
    // Replaced: nobody needs to hear of the first one.
    value(await authority.client({ user: 'bob', device: undefined, days: 10 }));
    value(await authority.client({ user: 'bob', device: undefined, days: 300 }));
    const before = new X509Certificate(readFileSync(authority.files.server)).serialNumber;
    const { events, changed } = keep({ warnDays: 30 });
    await vi.waitFor(() => expect(events.some(({ kind }) => kind === 'certificateExpiring')).toBe(true));
    await keeper?.stop();
    expect(events.filter(({ kind }) => kind === 'certificateExpiring')).toMatchObject([{ user: 'alice' }]);
    expect(changed).not.toHaveBeenCalled();
    // Two years before its end, so that it is due now.
    vi.useFakeTimers({ now: Date.now() + 710 * 86_400_000, toFake: ['Date'] });
    try {
      const later = keep({ warnDays: 30 });
      await vi.waitFor(() => expect(later.changed).toHaveBeenCalled());
      await keeper?.stop();
    } finally {
      vi.useRealTimers();
    }
    expect(new X509Certificate(readFileSync(authority.files.server)).serialNumber).not.toBe(before);
  });

  test('a list that somebody else wrote is found within the hour, and the host told', async () => {
    value(await authority.create(created));
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const { changed } = keep({});
      await vi.waitFor(async () => {
        value(await authority.list());
        vi.advanceTimersByTime(3600_000);
        expect(changed).toHaveBeenCalled();
      });
    } finally {
      vi.useRealTimers();
    }
  });

  test("the end of the host's own certificate is said, whoever issued it, also where there is no authority here", async () => {
    const elsewhere: CertificateSummary = {
      fingerprint: '0'.repeat(64),
      subject: 'CN=vpn.example.com',
      issuer: 'CN=Another',
      serial: '5d',
      names: [],
      notBefore: '2026-01-01T00:00:00.000Z',
      notAfter: new Date(Date.now() + 10 * 86_400_000).toISOString(),
      key: 'RSA 2048',
      isAuthority: false,
    };
    const lasting = { ...elsewhere, serial: '5e', notAfter: new Date(Date.now() + 40 * 86_400_000).toISOString() };
    const { events } = keep({ warnDays: 30 }, [elsewhere, lasting]);
    await vi.waitFor(() =>
      expect(events).toMatchObject([{ kind: 'certificateExpiring', use: 'server', serial: '5d' }]),
    );
    keeper?.look();
    await keeper?.stop();
    expect(events).toHaveLength(1);
    value(await authority.create(created));
    const issued = value(await authority.server(['vpn.example.com']));
    const own = certificateFacts(new X509Certificate(readFileSync(authority.files.server)).raw);
    const again = keep({ warnDays: 365 }, [{ ...own, notAfter: elsewhere.notAfter }]);
    await keeper?.stop();
    // Of its own it sees to the renewal.
    expect(issued.serial).toBe(own.serial);
    expect(again.events.filter(({ kind }) => kind === 'certificateExpiring')).toEqual([]);
  });

  test('a client whose file cannot be written has no certificate', async () => {
    value(await authority.create(created));
    const order = { user: 'alice', device: undefined, days: 30, passphrase: new Secret('a passphrase'), legacy: false };
    const refuse = (): never => {
      throw new Error('no room');
    };
    await expect(issueClientFile(authority, order, refuse)).rejects.toThrow('no room');
    expect(value(await authority.state()).issued).toMatchObject([
      { user: 'alice', revokedAt: expect.any(String) as string },
    ]);
    const written: Uint8Array[] = [];
    value(await issueClientFile(authority, order, (content) => written.push(content)));
    expect(written).toHaveLength(1);
    expect(value(await authority.state()).issued.filter(({ revokedAt }) => revokedAt === undefined)).toHaveLength(1);
  });

  test('the list is served, with the certificate of the authority, and nothing else is', async () => {
    value(await authority.create(created));
    const port = await freePort();
    keep({ serve: { address: '127.0.0.1', port } });
    const base = `http://127.0.0.1:${port}`;
    await vi.waitFor(() => fetch(`${base}/ca.crl`));
    const list = new Uint8Array(await (await fetch(`${base}/ca.crl`)).arrayBuffer());
    const inFile = readRevocationListFile(authority.files.list);
    expect(inFile.ok && inFile.ders[0]).toEqual(list);
    const certificate = new X509Certificate(new Uint8Array(await (await fetch(`${base}/ca.crt`)).arrayBuffer()));
    expect(certificate.ca).toBe(true);
    for (const path of ['/', '/ca.store', '/ca.key', '/../ca.key', '/ca.crl?x', '/server.key']) {
      expect((await fetch(`${base}${path}`)).status).toBe(404);
    }
    expect((await fetch(`${base}/ca.crl`, { method: 'POST', body: 'x' })).status).toBe(404);
    await keeper?.stop();
    await expect(fetch(`${base}/ca.crl`)).rejects.toThrow();
  });

  test('a port that is taken is said, and all else goes on', async () => {
    value(await authority.create(created));
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { said, events } = keep({ serve: { address: '127.0.0.1', port: (taken.address() as AddressInfo).port } });
    await vi.waitFor(() => expect(said.join()).toContain('is not served'));
    expect(events).toHaveLength(1);
    taken.close();
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
