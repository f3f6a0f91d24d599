import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownFromPem, ownFromPkcs12 } from '../../main/certificates/own.ts';
import { standingByResponder } from '../../main/certificates/revocation/responder.ts';
import { readCertificate } from '../../main/certificates/x509/certificate.ts';
import { MalformedError } from '../../main/certificates/x509/malformed.ts';
import { verifyPeer, type PeerVerdict, type TrustSettings } from '../../main/certificates/index.ts';
import { Secret } from '../../main/contracts/secret.ts';
import { authorityExtensions, OpensslAuthority, type Issued } from '../support/openssl-authority.ts';

/** What a peer, a file or a server can send that is wrong on purpose. */

const pki = new OpensslAuthority();
let root: Issued;
let middle: Issued;
let leaf: Issued;
let list: Uint8Array;
let pkcs12: Uint8Array;
beforeAll(() => {
  root = pki.authority('/CN=Root');
  const constrained = [
    'basicConstraints=critical,CA:TRUE,pathlen:0',
    'nameConstraints=critical,permitted;DNS:example.com',
    'certificatePolicies=1.2.3',
  ];
  middle = pki.authority('/CN=Middle', { issuer: root, extensions: constrained });
  const extensions = [
    'subjectAltName=DNS:vpn.example.com,IP:203.0.113.10',
    'extendedKeyUsage=serverAuth',
    'keyUsage=digitalSignature',
    'certificatePolicies=1.2.3',
  ];
  leaf = pki.issue({ subject: '/CN=gateway', issuer: middle, extensions });
  list = pki.revocationList(middle, []);
  pki.run(
    'pkcs12',
    '-export',
    '-in',
    leaf.certificateFile,
    '-inkey',
    leaf.keyFile,
    '-out',
    pki.file('own.p12'),
    '-passout',
    'pass:x',
    '-iter',
    '1',
  );
  pkcs12 = new Uint8Array(readFileSync(pki.file('own.p12')));
});
afterAll(() => {
  pki.remove();
});

function judge(chain: readonly Uint8Array[], more: Partial<TrustSettings> = {}): Promise<PeerVerdict> {
  const trust = {
    authorities: [root.der],
    intermediates: [],
    allowSha1: false,
    revocation: { policy: 'ignore', lists: [] },
    ...more,
  } as const;
  return verifyPeer(chain, { role: 'gateway', names: ['vpn.example.com'] }, trust, Date.now());
}

/** One change of a byte, a cut, or a part put in elsewhere. */
const damage = fc.tuple(fc.constantFrom('flip', 'cut', 'repeat', 'zero'), fc.nat(), fc.integer({ min: 1, max: 255 }));

function damaged(bytes: Uint8Array, [how, seed, mask]: readonly [string, number, number]): Uint8Array {
  const at = seed % bytes.length;
  const copy = Uint8Array.from(bytes);
  if (how === 'flip') copy[at] = (copy[at] ?? 0) ^ mask;
  if (how === 'zero') copy.fill(0, at, at + (mask % 16) + 1);
  if (how === 'cut') return copy.subarray(0, at);
  return how === 'repeat'
    ? Uint8Array.from([...copy.subarray(0, at), ...copy.subarray(0, mask), ...copy.subarray(at)])
    : copy;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b);

test('the chain as it was issued is good', async () => {
  expect((await judge([leaf.der, middle.der])).ok).toBe(true);
});

test('no damaged certificate is believed, and none is more than a refusal', async () => {
  await fc.assert(
    fc.asyncProperty(damage, fc.boolean(), async (how, isLeaf) => {
      const hurt = damaged(isLeaf ? leaf.der : middle.der, how);
      const verdict = await judge(isLeaf ? [hurt, middle.der] : [leaf.der, hurt]);
      expect(verdict.ok).toBe(same(hurt, isLeaf ? leaf.der : middle.der));
      if (!verdict.ok) expect(`${verdict.subject}${verdict.detail}`).not.toMatch(/\p{C}/u);
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('no bytes at all are believed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }), async (chain) => {
      expect(await judge(chain)).toMatchObject({ ok: false, reason: 'malformed' });
    }),
  );
});

/** The first element of a signed sequence (RFC 5280 §5.1), its header included. */
function signedPart(der: Uint8Array): Uint8Array {
  const headerBytes = (at: number): number => 2 + Math.max(0, (der[at + 1] ?? 0) - 0x80);
  const start = headerBytes(0);
  const header = der.subarray(start, start + headerBytes(start));
  const long = header.subarray(2).reduce((length, byte) => length * 256 + byte, 0);
  return der.subarray(start, start + header.length + (header.length === 2 ? (header[1] ?? 0) : long));
}

test('a revocation list that is damaged in what was signed never says that a certificate is good', async () => {
  const rootList = pki.revocationList(root, []);
  const signed = signedPart(list);
  await fc.assert(
    fc.asyncProperty(damage, async (how) => {
      const hurt = damaged(list, how);
      const verdict = await judge([leaf.der, middle.der], {
        revocation: { policy: 'require', lists: [hurt, rootList] },
      });
      if (verdict.ok) expect(same(signedPart(hurt), signed)).toBe(true);
      if (same(hurt, list)) expect(verdict.ok).toBe(true);
    }),
    { numRuns: 100 },
  );
}, 60_000);

test('the answer that a certificate is revoked never says that it is good, whatever is damaged in it', () => {
  const [index, answer] = [pki.index(middle, [leaf], []).file, pki.file('answer.der')];
  const files = ['-index', index, '-CA', middle.certificateFile, '-issuer', middle.certificateFile];
  const signer = ['-rsigner', middle.certificateFile, '-rkey', middle.keyFile];
  pki.run('ocsp', ...files, ...signer, '-cert', leaf.certificateFile, '-ndays', '1', '-noverify', '-respout', answer);
  const whole = new Uint8Array(readFileSync(answer));
  const [about, issuer] = [readCertificate(leaf.der), readCertificate(middle.der)];
  const said = (bytes: Uint8Array): string => {
    try {
      return standingByResponder(bytes, about, issuer, Date.now()).standing;
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedError);
      return 'malformed';
    }
  };
  expect(said(whole)).toBe('revoked');
  fc.assert(
    fc.property(damage, (how) => {
      expect(['revoked', 'unknown', 'malformed']).toContain(said(damaged(whole, how)));
    }),
    { numRuns: 400 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(['unknown', 'malformed']).toContain(said(bytes));
    }),
  );
}, 60_000);

test('a damaged PKCS#12 file is refused, or is the one that it was', () => {
  const whole = ownFromPkcs12(pkcs12, new Secret('x'));
  expect(whole.ok).toBe(true);
  fc.assert(
    fc.property(damage, (how) => {
      const read = ownFromPkcs12(damaged(pkcs12, how), new Secret('x'));
      if (read.ok) expect(read.own.chain).toEqual(whole.ok && whole.own.chain);
    }),
    { numRuns: 200 },
  );
});

test('PEM of any text is refused or read, never more', () => {
  const lines = fc.constantFrom(
    '-----BEGIN CERTIFICATE-----',
    '-----END CERTIFICATE-----',
    '-----BEGIN RSA PRIVATE KEY-----',
    'Proc-Type: 4,ENCRYPTED',
    '',
    'AAAA',
    '-----END PRIVATE KEY-----',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(lines, fc.string()), { maxLength: 20 }), (text) => {
      const bytes = Buffer.from(text.join('\n'));
      expect(ownFromPem(bytes, bytes, new Secret('x')).ok).toBe(false);
    }),
  );
});

test('forms that nest without end, and chains that do not end, are refused', async () => {
  const nested = Array.from({ length: 4000 }).reduce<Buffer>(
    (inner) => Buffer.concat([Buffer.of(0x30, 0x82, inner.length >> 8, inner.length & 0xff), inner]),
    Buffer.alloc(0),
  );
  expect(await judge([nested.subarray(0, 16_000)])).toMatchObject({ reason: 'malformed' });
  expect(await judge([new Uint8Array(20_000)])).toMatchObject({ reason: 'malformed' });
  expect(await judge([leaf.der, ...Array<Uint8Array>(10).fill(middle.der)])).toMatchObject({ reason: 'malformed' });
  expect(await judge([])).toMatchObject({ reason: 'malformed' });
  expect(ownFromPkcs12(nested, undefined)).toMatchObject({ reason: 'malformed' });
});

test('what follows a certificate makes it none', async () => {
  expect(await judge([Uint8Array.from([...leaf.der, 0]), middle.der])).toMatchObject({ reason: 'malformed' });
});

test('extensions that are of another form than they should be are not taken for absent', async () => {
  const named = 'subjectAltName=DNS:vpn.example.com';
  for (const broken of ['2.5.29.37=DER:0500', '2.5.29.15=DER:0500', '2.5.29.19=DER:020100', '2.5.29.17=DER:0500']) {
    const odd = pki.issue({
      subject: '/CN=gateway',
      issuer: root,
      extensions: [...(broken.includes('.17=') ? [] : [named]), broken],
    });
    expect(await judge([odd.der])).toMatchObject({ reason: 'malformed' });
  }
  const unconfined = pki.authority('/CN=Middle', {
    issuer: root,
    extensions: [...authorityExtensions, '2.5.29.30=DER:0500'],
  });
  const below = pki.issue({ subject: '/CN=gateway', issuer: unconfined, extensions: [named] });
  expect(await judge([below.der, unconfined.der])).toMatchObject({ reason: 'malformed' });
});

test('a name with a character that it cannot hold is no name', async () => {
  // DNS:vpn.example.com\0.evil.example, as in the certificates of 2009.
  const text = Buffer.concat([Buffer.from('vpn.example.com'), Buffer.of(0), Buffer.from('.evil')]);
  const der = Buffer.concat([Buffer.of(0x30, text.length + 2, 0x82, text.length), text]).toString('hex');
  const odd = pki.issue({ subject: '/CN=gateway', issuer: root, extensions: [`2.5.29.17=DER:${der}`] });
  expect(await judge([odd.der])).toMatchObject({ reason: 'malformed' });
});
