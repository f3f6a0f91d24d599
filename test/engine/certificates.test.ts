import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CertificateStore } from '../../main/certificates/index.ts';
import { profile } from '../../main/contracts/profile.ts';
import { Secret } from '../../main/contracts/secret.ts';
import { clientCertificates, clientTls } from '../../main/engine/certificates/index.ts';
import { createCrypto } from '../../main/engine/crypto/index.ts';
import type { Identity, PresentedCertificate } from '../../main/protocol/ike/index.ts';
import { toHex, utf8 } from '../../main/protocol/wire/bytes.ts';
import { IkeCertificates } from '../support/ike-certificates.ts';
import type { Issued } from '../support/openssl-authority.ts';

/** From files of openssl's making to what IKE's machines work with. */

const storeKey = new Secret(new Uint8Array(32));
const storeIn = (folder: string) =>
  new CertificateStore(folder, () => Promise.resolve({ kind: 'bytes', key: storeKey }));

let made: IkeCertificates;
let store: CertificateStore;
let gateway: Issued;
let alice: Issued;
beforeAll(() => {
  made = new IkeCertificates();
  store = storeIn(join(made.pki.folder, 'store'));
  gateway = made.gateway('DNS:vpn.example,IP:203.0.113.20', 'rsa');
  alice = made.user('alice', 'ec');
});
afterAll(() => {
  made.remove();
});

const noName: Identity = { type: 'ipv4', address: '10.0.0.7' };
const x509 = (...chain: readonly Issued[]) =>
  chain.map(({ der }): PresentedCertificate => ({ encoding: 'x509', data: der }));

async function read(ipsec: object = {}, members: object = {}, passphrase?: string) {
  const parsed = profile.parse({
    ...{ version: 1, name: 'test', gateway: 'vpn.example' },
    ipsec: {
      certificate: { pem: made.chainFile(alice), key: alice.keyFile },
      trust: { authorities: [made.root.certificateFile], askOnline: false },
      ...ipsec,
    },
    ...members,
  });
  return clientCertificates(parsed, {
    folder: made.pki.folder,
    store,
    passphrase: passphrase === undefined ? undefined : new Secret(passphrase),
  });
}

async function ready(...of: Parameters<typeof read>) {
  const result = await read(...of);
  if (!result.ok || result.value === undefined) throw new Error(JSON.stringify(result));
  return result.value;
}

describe("this computer's own", () => {
  test('from PEM: the chain without the root, the subject as its name, the authority to ask for, a key that cannot be seen', async () => {
    const { ike, summary } = await ready();
    const [own] = ike.own;
    expect(own?.chain.map((der) => Buffer.from(der))).toEqual([alice, made.middle].map(({ der }) => Buffer.from(der)));
    expect(own?.identity).toMatchObject({ type: 'distinguishedName' });
    expect(toHex(alice.der)).toContain(toHex((own?.identity as { der: Uint8Array }).der));
    expect(ike.authorities).toHaveLength(1);
    expect(toHex(made.root.der)).toContain(toHex(ike.authorities[0] ?? utf8('none')));
    expect(own?.key.method).toBe('ecdsa256');
    expect(summary.subject).toBe('O=Example, CN=alice');
    const crypto = await createCrypto();
    const key = own?.key;
    expect(key && crypto.sign(key, new Uint8Array(32)).length).toBe(64);
  });

  test('from PKCS#12, with its passphrase', async () => {
    const pkcs12 = made.pkcs12(alice, 'a passphrase');
    const { ike } = await ready({ certificate: { pkcs12 } }, {}, 'a passphrase');
    expect(ike.own[0]?.chain).toHaveLength(2);
  });

  test("from the user's own, by name, with the authority that came along; the one that renews it takes its place", async () => {
    const mine = { certificate: { stored: 'alice' }, trust: { askOnline: false } };
    expect(await read(mine)).toMatchObject({ failure: { code: 'ownCertificate.notStored' } });
    const extensions = ['extendedKeyUsage=clientAuth'];
    const subject = '/O=Example/CN=alice';
    const first = made.pki.issue({ subject, issuer: made.middle, days: 5, extensions });
    expect(await store.import(p12(first, made.middle, made.root), new Secret('x'))).toMatchObject({
      value: [{ kind: 'identity' }, { kind: 'authority', name: 'Root' }],
    });
    const { ike, judge, summary } = await ready(mine);
    expect(summary.fingerprint).toBe(made.fingerprint(first));
    expect(ike.authorities).toHaveLength(1);
    expect((await judge(x509(gateway, made.middle), noName)).ok).toBe(true);
    const renewed = made.pki.issue({ subject, issuer: made.middle, days: 50, extensions });
    await store.import(p12(renewed, made.middle, made.root), new Secret('x'));
    expect((await ready(mine)).summary.fingerprint).toBe(made.fingerprint(renewed));
    const byNumber = { certificate: { stored: made.fingerprint(first).slice(0, 12) }, trust: { askOnline: false } };
    expect((await ready(byNumber)).summary.fingerprint).toBe(made.fingerprint(first));
    expect(await read({ ...mine, certificate: { stored: 'bob' } })).toMatchObject({
      failure: { code: 'ownCertificate.notStored' },
    });
  }, 60_000);

  test('goes by another name where the profile says so', async () => {
    const { ike } = await ready({ localId: { kind: 'userFqdn', value: 'alice@example.com' } });
    expect(ike.own[0]?.identity).toEqual({ type: 'userFqdn', name: 'alice@example.com' });
  });

  test('is none where the profile goes by a pre-shared key', async () => {
    const parsed = profile.parse({ version: 1, name: 'test', gateway: 'vpn.example' });
    expect(await clientCertificates(parsed, { folder: '/', store })).toEqual({ ok: true, value: undefined });
  });

  test.each<[string, () => object, string | undefined, string]>([
    [
      'a file that is not there',
      () => ({ certificate: { pkcs12: 'missing.p12' } }),
      undefined,
      'ownCertificate.unreadable',
    ],
    [
      'a file that is none',
      () => ({ certificate: { pkcs12: made.pki.file('junk', 'junk') } }),
      undefined,
      'ownCertificate.invalid',
    ],
    [
      'no passphrase',
      () => ({ certificate: { pkcs12: made.pkcs12(alice, 'x') } }),
      undefined,
      'ownCertificate.passphrase',
    ],
    [
      'a wrong passphrase',
      () => ({ certificate: { pkcs12: made.pkcs12(alice, 'x') } }),
      'y',
      'ownCertificate.passphrase',
    ],
    [
      "somebody else's key",
      () => ({ certificate: { pem: alice.certificateFile, key: gateway.keyFile } }),
      undefined,
      'ownCertificate.invalid',
    ],
    [
      'a key that others may read',
      () => ({ certificate: { pem: alice.certificateFile, key: shared(alice) } }),
      undefined,
      'ownCertificate.exposed',
    ],
    [
      'an authority that is none',
      () => ({ trust: { authorities: [made.pki.file('no.pem', 'none')] } }),
      undefined,
      'trust.unreadable',
    ],
    [
      'lists that are none',
      () => ({ trust: { authorities: [made.root.certificateFile], revocationLists: [made.root.certificateFile] } }),
      undefined,
      'trust.unreadable',
    ],
  ])('with %s, the profile cannot be used, and says why', async (_, ipsec, passphrase, code) => {
    const result = await read(ipsec(), {}, passphrase);
    expect(result.ok ? undefined : result.failure.code).toBe(code);
    expect(result.ok ? '' : result.failure.cause + result.failure.fix).not.toContain('{');
  });
});

/** With what leads to its authority, under the passphrase `x`. */
function p12(own: Issued, ...chain: readonly Issued[]): Uint8Array {
  const above = Buffer.concat(chain.map(({ certificateFile }) => readFileSync(certificateFile)));
  const files = ['-inkey', own.keyFile, '-in', own.certificateFile, '-certfile', made.pki.file('chain.pem', above)];
  made.pki.run('pkcs12', '-export', ...files, '-passout', 'pass:x', '-out', made.pki.file('stored.p12'));
  return new Uint8Array(readFileSync(made.pki.file('stored.p12')));
}

describe("of the user's own, each believes the authority that it is under alone", () => {
  const usable = { trust: { askOnline: false } };
  const byName = { certificate: { stored: 'alice' }, ...usable };
  const add = async (own: Issued, ...chain: readonly Issued[]) => {
    const added = await store.import(p12(own, ...chain), new Secret('x'));
    if (!added.ok) throw new Error(added.reason);
  };
  const byEapTls = (ipsec: object) =>
    clientTls(
      profile.parse({
        ...{ version: 1, name: 'test', gateway: 'vpn.example', ppp: { authentication: ['eap-tls'] } },
        ipsec,
      }),
      { folder: made.pki.folder, store },
    );
  const pem = ({ der }: Issued) => Buffer.from(der).toString('base64').slice(0, 64);

  beforeEach(() => {
    store = storeIn(mkdtempSync(join(made.pki.folder, 'store-')));
  });

  test("a root that came with another certificate vouches for nobody else's gateway, in IKE and in EAP-TLS", async () => {
    await add(alice, made.middle, made.root);
    // By the same name as the one of the profile's, and by its own.
    const roots = ['/O=Example/CN=Root', '/O=Elsewhere/CN=Root'].map((subject) =>
      made.pki.authority(subject, { key: 'rsa' }),
    );
    for (const root of roots) {
      await add(made.user('mallory', 'ec', root), root);
      const extensions = ['subjectAltName=DNS:vpn.example', 'extendedKeyUsage=serverAuth'];
      const impostor = made.pki.issue({ subject: '/O=Example/CN=gateway', issuer: root, extensions });
      const { judge, ike } = await ready(byName);
      expect(await judge(x509(impostor, root), noName)).toMatchObject({ ok: false, reason: 'unknownAuthority' });
      expect((await judge(x509(gateway, made.middle), noName)).ok).toBe(true);
      expect(ike.authorities).toHaveLength(1);
      const tls = await byEapTls(byName);
      const believed = tls.ok ? (tls.value?.authorities ?? '') : '';
      expect(believed.replaceAll('\n', '')).toContain(pem(made.root));
      expect(believed.replaceAll('\n', '')).not.toContain(pem(root));
      const byImpostor = { certificate: { stored: 'mallory' }, trust: { askOnline: false } };
      if (root === roots[0])
        expect((await (await ready(byImpostor)).judge(x509(impostor, root), noName)).ok).toBe(true);
    }
  }, 60_000);

  test('an authority that was imported by itself counts for what it signed, and no way leads over one that another signed', async () => {
    await add(alice, made.middle);
    expect(await read(byName)).toMatchObject({ failure: { code: 'trust.none' } });
    expect(await byEapTls(byName)).toMatchObject({ failure: { code: 'trust.none' } });
    await store.import(made.otherRoot.der, undefined);
    // The key of the authority between, under somebody else's authority: anybody can make this one.
    const crossed = made.pki.authority('/O=Example/CN=Middle', { issuer: made.otherRoot, keyOf: made.middle });
    await store.import(crossed.der, undefined);
    await store.import(made.root.der, undefined);
    const [own] = store.list().certificates.filter(({ kind }) => kind === 'identity');
    expect(own?.vouchedBy).toContain(made.fingerprint(made.root));
    expect(own?.vouchedBy).not.toContain(made.fingerprint(made.otherRoot));
    expect((await ready(byName)).ike.authorities.length).toBeGreaterThan(0);
  }, 60_000);

  test('an exponent that was chosen to fit proves nothing', async () => {
    const subject = '/O=Example/CN=Odd';
    const odd = made.pki.authority(subject, { key: 'rsa', options: ['-pkeyopt', 'rsa_keygen_pubexp:1099511627791'] });
    await add(made.user('alice', 'ec', odd), odd);
    expect(store.list().certificates).toMatchObject([{ kind: 'identity', vouchedBy: [] }, { kind: 'authority' }]);
    expect(await read(byName)).toMatchObject({ failure: { code: 'trust.none' } });
  }, 60_000);

  test('one of the same name by another authority takes no profile over: it has to be chosen by its number', async () => {
    const subject = '/O=Example/CN=alice';
    await add(alice, made.middle, made.root);
    const foreign = made.pki.authority('/O=Example/CN=Middle', { key: 'rsa' });
    const later = made.pki.issue({ subject, issuer: foreign, days: 9000 });
    await add(later, foreign);
    for (const refused of [await read(byName), await byEapTls(byName)])
      expect(refused).toMatchObject({
        failure: { code: 'ownCertificate.ambiguous', facts: { which: 'alice', member: 'ipsec.certificate' } },
      });
    for (const one of [alice, later]) {
      const { summary } = await ready({ certificate: { stored: made.fingerprint(one).slice(0, 12) }, ...usable });
      expect(summary.fingerprint).toBe(made.fingerprint(one));
    }
    // Nor by calling itself as another's number.
    const number = made.fingerprint(alice);
    await add(made.pki.issue({ subject: `/CN=${number}`, issuer: foreign, days: 9000 }), foreign);
    expect((await ready({ certificate: { stored: number }, ...usable })).summary.fingerprint).toBe(number);
    store.delete(made.fingerprint(later));
    const renewed = made.pki.issue({ subject, issuer: made.middle, days: 60 });
    await add(renewed, made.middle, made.root);
    expect((await ready(byName)).summary.fingerprint).toBe(made.fingerprint(renewed));
  }, 60_000);
});

/** A copy that everybody may read. */
function shared({ keyFile }: Issued): string {
  const file = `${keyFile}.shared`;
  writeFileSync(file, readFileSync(keyFile), { mode: 0o644 });
  return file;
}

describe("the gateway's certificate", () => {
  const verdict = async (
    certificates: readonly PresentedCertificate[],
    claimed: Identity = noName,
    ...of: Parameters<typeof read>
  ): Promise<string> => {
    const judged = await (await ready(...of)).judge(certificates, claimed);
    return judged.ok ? judged.publicKey.method : judged.reason;
  };

  test('is judged by the name that the user dials, with its chain in any encoding', async () => {
    expect(await verdict(x509(gateway, made.middle))).toBe('rsa');
    const [leaf] = x509(gateway);
    const bag: PresentedCertificate = { encoding: 'pkcs7', data: made.pkcs7(made.middle) };
    expect(await verdict(leaf === undefined ? [] : [leaf, bag])).toBe('rsa');
    expect(await verdict([{ encoding: 'pkcs7', data: made.pkcs7(made.middle, gateway) }])).toBe('rsa');
    expect(await verdict([bag])).not.toBe('rsa');
    expect(await verdict([{ encoding: 'pkcs7', data: utf8('junk') }])).toBe('malformed');
  });

  test('has to hold the name that the gateway goes by, unless that is an address', async () => {
    const chain = x509(gateway, made.middle);
    expect(await verdict(chain, { type: 'fqdn', name: 'vpn.example' })).toBe('rsa');
    expect(await verdict(chain, { type: 'fqdn', name: 'other.example' })).toBe('wrongName');
    expect(await verdict(chain, { type: 'distinguishedName', der: utf8('junk') })).toBe('wrongName');
    expect(await verdict(chain, { type: 'ipv4', address: '192.168.1.1' })).toBe('rsa');
  });

  test('has to be of the gateway as it is dialled, or of the one that the profile pins', async () => {
    const chain = x509(gateway, made.middle);
    const dialled = (name: string, ipsec: object = {}) => verdict(chain, noName, ipsec, { gateway: name });
    expect(await dialled('203.0.113.20')).toBe('rsa');
    expect(await dialled('203.0.113.99')).toBe('wrongName');
    const pinned = { remoteId: { kind: 'distinguishedName', value: 'O=Example, CN=gateway' } };
    expect(await dialled('203.0.113.99', pinned)).toBe('rsa');
    expect(await dialled('vpn.example', { remoteId: { kind: 'fqdn', value: 'other.example' } })).toBe('wrongName');
    expect(await verdict(x509(alice, made.middle))).toBe('wrongUsage');
  });
});

test.each([
  ['a certificate and a pre-shared key', { preSharedKey: 'x' }, 'ipsec.preSharedKey'],
  ['a certificate without an authority', { trust: {} }, 'ipsec.trust.authorities'],
  ['a certificate and a gateway by a key ID', { remoteId: { kind: 'keyId', value: 'x' } }, 'ipsec.remoteId'],
  [
    'a distinguished name without a certificate',
    { certificate: undefined, remoteId: { kind: 'distinguishedName', value: 'CN=x' } },
    'ipsec.remoteId',
  ],
])('a profile with %s is refused', (_, ipsec, member) => {
  const standard = { certificate: { pkcs12: 'a.p12' }, trust: { authorities: ['ca.pem'] } };
  const parsed = profile.safeParse({ version: 1, name: 'test', gateway: 'g', ipsec: { ...standard, ...ipsec } });
  expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual([member]);
});
