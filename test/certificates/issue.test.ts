import { createPublicKey, X509Certificate } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyPeer, type TrustSettings } from '../../main/certificates/index.ts';
import { issueCertificate, type Issuer } from '../../main/certificates/issue/certificate.ts';
import { keyKinds, newPrivateKey } from '../../main/certificates/issue/keys.ts';
import { issueRevocationList } from '../../main/certificates/issue/list.ts';
import { certificateRequest } from '../../main/certificates/issue/request.ts';
import { pemText } from '../../main/certificates/files/pem.ts';
import { OpensslAuthority } from '../support/openssl-authority.ts';

const pki = new OpensslAuthority();
afterAll(() => {
  pki.remove();
});

const nowMs = Math.floor(Date.now() / 1000) * 1000;
const dayMs = 86_400_000;
const pem = (name: string, label: string, der: Uint8Array): string => pki.file(name, pemText(label, der));

describe.each(keyKinds)('an authority with a key of kind %s', (kind) => {
  test('issues what openssl finds right, and Culvert too', async () => {
    const key = await newPrivateKey(kind);
    const times = { notBeforeMs: nowMs - 60_000, notAfterMs: nowMs + 400 * dayMs };
    const root = await issueCertificate({
      use: 'authority',
      subject: { organization: 'Exämple', commonName: 'VPN CA' },
      names: [],
      key,
      distributionPoints: [],
      ...times,
    });
    const issuer: Issuer = { certificate: root, key };
    const order = {
      key: createPublicKey(await newPrivateKey(kind)),
      issuer,
      distributionPoints: ['http://crl.example.com/ca.crl'],
      ...times,
    };
    const names = ['vpn.example.com', '203.0.113.10', '2001:db8::1'];
    const server = await issueCertificate({
      use: 'server',
      subject: { commonName: 'vpn.example.com' },
      names,
      ...order,
    });
    const client = await issueCertificate({
      use: 'client',
      subject: { commonName: 'alice', unit: 'laptop' },
      names: ['alice@example.com'],
      ...order,
    });
    const list = await issueRevocationList({
      issuer,
      number: 7,
      revoked: [{ serial: serialOf(client), atMs: nowMs }],
      thisUpdateMs: nowMs,
      nextUpdateMs: nowMs + 7 * dayMs,
    });

    const files = {
      root: pem('r.pem', 'CERTIFICATE', root),
      server: pem('s.pem', 'CERTIFICATE', server),
      client: pem('c.pem', 'CERTIFICATE', client),
      list: pem('l.pem', 'X509 CRL', list),
    };
    const verify = (purpose: string, file: string, ...more: readonly string[]): string =>
      pki
        .run(
          'verify',
          '-x509_strict',
          '-purpose',
          purpose,
          '-CAfile',
          files.root,
          '-CRLfile',
          files.list,
          '-crl_check',
          ...more,
          file,
        )
        .toString();
    expect(
      verify('sslserver', files.server, '-verify_hostname', 'vpn.example.com', '-verify_ip', '2001:db8::1'),
    ).toContain('OK');
    expect(() => verify('sslclient', files.server)).toThrow();
    expect(() => verify('sslclient', files.client)).toThrow(/revoked/);
    expect(pki.run('crl', '-in', files.list, '-noout', '-text', '-CAfile', files.root).toString()).toMatch(
      /X509v3 CRL Number:\s+7/,
    );
    const shown = pki.run('x509', '-in', files.client, '-noout', '-text').toString();
    expect(shown).toMatch(/Subject: OU = laptop, CN = alice/);
    expect(shown).toContain('1.3.6.1.5.5.8.2.2');
    expect(shown).toContain('URI:http://crl.example.com/ca.crl');
    expect(shown).toMatch(/Basic Constraints: critical\s+CA:FALSE/);

    const trust: TrustSettings = {
      authorities: [root],
      intermediates: [],
      allowSha1: false,
      revocation: { policy: 'require', lists: [list] },
    };
    expect(await verifyPeer([server], { role: 'gateway', names: ['vpn.example.com'] }, trust, nowMs)).toMatchObject({
      ok: true,
    });
    expect(await verifyPeer([client], { role: 'client', names: [] }, trust, nowMs)).toMatchObject({
      ok: false,
      reason: 'revoked',
    });
    expect(await verifyPeer([server], { role: 'client', names: [] }, trust, nowMs)).toMatchObject({ ok: true });
  });

  test('a request says to openssl whose key it is, and which names are wanted', async () => {
    const key = await newPrivateKey(kind);
    const request = await certificateRequest(key, { organization: 'Example', commonName: 'alice' }, [
      'alice@example.com',
      'laptop.example.com',
    ]);
    const file = pem('request.pem', 'CERTIFICATE REQUEST', request);
    expect(pki.run('req', '-in', file, '-noout', '-verify', '-text').toString()).toMatch(
      /O = Example, CN = alice[^]*email:alice@example.com, DNS:laptop.example.com/,
    );
  });
});

test('an empty list, and times past 2049, are of the form that openssl expects', async () => {
  const key = await newPrivateKey('ecdsa');
  const notAfterMs = Date.UTC(2060, 0, 1);
  const root = await issueCertificate({
    use: 'authority',
    subject: { commonName: 'CA' },
    names: [],
    key,
    distributionPoints: [],
    notBeforeMs: nowMs,
    notAfterMs,
  });
  expect(new X509Certificate(root).validTo).toBe('Jan  1 00:00:00 2060 GMT');
  const list = await issueRevocationList({
    issuer: { certificate: root, key },
    number: 300,
    revoked: [],
    thisUpdateMs: nowMs,
    nextUpdateMs: nowMs + dayMs,
  });
  const files = [pem('e.pem', 'X509 CRL', list), pem('er.pem', 'CERTIFICATE', root)] as const;
  expect(pki.run('crl', '-in', files[0], '-noout', '-text', '-CAfile', files[1]).toString()).toContain(
    'No Revoked Certificates',
  );
});

function serialOf(der: Uint8Array): string {
  return new X509Certificate(der).serialNumber.toLowerCase();
}
