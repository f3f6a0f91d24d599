import { chmodSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadOwnCertificate } from '../../main/certificates/index.ts';
import { writeLegacyPkcs12 } from '../../main/certificates/files/pkcs12.ts';
import { writePkcs12 } from '../../main/certificates/files/pkcs12-modern.ts';
import { Secret } from '../../main/contracts/secret.ts';
import { OpensslAuthority, type Issued } from '../support/openssl-authority.ts';

const pki = new OpensslAuthority();
afterAll(() => {
  pki.remove();
});

const passphrase = new Secret('Pässwörd & more');
const wrong = new Secret('another');

let root: Issued;
let middle: Issued;
let rsa: Issued;
let ec: Issued;
beforeAll(() => {
  root = pki.authority('/CN=Root');
  middle = pki.authority('/CN=Middle', { issuer: root });
  rsa = pki.issue({ subject: '/CN=alice', key: 'rsa', issuer: middle });
  ec = pki.issue({ subject: '/CN=bob', issuer: middle });
});

function exportPkcs12(name: string, own: Issued, ...options: readonly string[]): string {
  const file = pki.file(name);
  const chain = pki.file(
    `${name}.chain`,
    [middle, root].map(({ certificateFile }) => readFileSync(certificateFile)).join(''),
  );
  pki.run(
    'pkcs12',
    '-export',
    '-in',
    own.certificateFile,
    '-inkey',
    own.keyFile,
    '-certfile',
    chain,
    '-out',
    file,
    ...options,
  );
  return file;
}

const withPassphrase = ['-passout', `pass:${passphrase.expose()}`];
const outcome = async (loading: ReturnType<typeof loadOwnCertificate>): Promise<string> => {
  const loaded = await loading;
  return loaded.ok ? 'good' : loaded.reason;
};

describe('PKCS#12', () => {
  test.each([
    ['of today', []],
    ['of old', ['-legacy']],
    ['with 3DES for all', ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'SHA1']],
    ['with SHA-512 and AES-128', ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC', '-macalg', 'SHA512']],
    ['with plain certificates', ['-certpbe', 'NONE']],
  ])('a file of openssl %s opens with its passphrase alone', async (name, options) => {
    for (const own of [rsa, ec]) {
      const file = exportPkcs12(`${name}-${own.name}.p12`, own, ...withPassphrase, ...options);
      const loaded = await loadOwnCertificate({ kind: 'pkcs12', file, passphrase });
      expect(loaded).toMatchObject({ ok: true, own: { chain: [own.der, middle.der] } });
      expect(await outcome(loadOwnCertificate({ kind: 'pkcs12', file, passphrase: wrong }))).toBe('wrongPassphrase');
      expect(await outcome(loadOwnCertificate({ kind: 'pkcs12', file }))).toBe('passphraseNeeded');
    }
  });

  test('a file without a passphrase opens without one', async () => {
    const file = exportPkcs12('open.p12', rsa, '-passout', 'pass:');
    expect(await outcome(loadOwnCertificate({ kind: 'pkcs12', file }))).toBe('good');
  });

  test("a file of Java's keytool opens, whose key takes most rounds", async () => {
    const file = fileURLToPath(new URL('../vectors/certificates/java-keystore.p12', import.meta.url));
    expect(await outcome(loadOwnCertificate({ kind: 'pkcs12', file, passphrase: new Secret('changeit') }))).toBe(
      'good',
    );
  });

  test('a file whose key takes for ever to derive is refused before', async () => {
    const bytes = readFileSync(exportPkcs12('slow.p12', rsa, ...withPassphrase, '-iter', '70000'));
    const rounds = Buffer.from('0203011170', 'hex');
    const at = bytes.lastIndexOf(rounds);
    expect(at).toBeGreaterThan(0);
    bytes.set(Buffer.from('02037fffff', 'hex'), at);
    const file = pki.file('for-ever.p12', bytes);
    expect(await outcome(loadOwnCertificate({ kind: 'pkcs12', file, passphrase }))).toBe('malformed');
  });

  test('nor does it take for ever where that is seen only once its encrypted parts are open', async () => {
    const password = Uint8Array.from(Buffer.from(passphrase.expose(), 'utf8')).buffer;
    const encryption = {
      password,
      contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256, iv: new Uint8Array(16) },
      hmacHashAlgorithm: 'SHA-256',
      iterationCount: 1000,
    };
    const keyBag = new pkijs.PKCS8ShroudedKeyBag({
      parsedValue: pkijs.PrivateKeyInfo.fromBER(Uint8Array.from(pkcs8Of(rsa).expose())),
    });
    await keyBag.makeInternalValues(encryption);
    keyBag.encryptedData = new asn1js.OctetString({ valueHex: keyBag.encryptedData.getValue() });
    const scheme = new pkijs.PBES2Params({ schema: keyBag.encryptionAlgorithm.algorithmParams });
    const derivation = new pkijs.PBKDF2Params({ schema: scheme.keyDerivationFunc.algorithmParams });
    derivation.iterationCount = 0x7fff_ffff;
    scheme.keyDerivationFunc.algorithmParams = derivation.toSchema();
    keyBag.encryptionAlgorithm.algorithmParams = scheme.toSchema();
    const bag = new pkijs.SafeBag({ bagId: '1.2.840.113549.1.12.10.1.2', bagValue: keyBag });
    const safeContents = [{ privacyMode: 1, value: new pkijs.SafeContents({ safeBags: [bag] }) }];
    const authenticatedSafe = new pkijs.AuthenticatedSafe({ parsedValue: { safeContents } });
    await authenticatedSafe.makeInternalValues({ safeContents: [encryption] });
    const whole = new pkijs.PFX({ parsedValue: { integrityMode: 0, authenticatedSafe } });
    const mac = { password, iterations: 1000, pbkdf2HashAlgorithm: 'SHA-256', hmacHashAlgorithm: 'SHA-256' };
    await whole.makeInternalValues(mac);
    const file = pki.file('hidden.p12', new Uint8Array(whole.toSchema().toBER()));
    const loaded = await loadOwnCertificate({ kind: 'pkcs12', file, passphrase: new Secret(passphrase.expose()) });
    expect(loaded).toMatchObject({ reason: 'malformed', detail: expect.stringContaining('rounds') as string });
  });

  test('a file that is something else says so', async () => {
    expect(await outcome(loadOwnCertificate({ kind: 'pkcs12', file: pki.file('no.p12', 'no') }))).toBe('malformed');
    expect(await outcome(loadOwnCertificate({ kind: 'pkcs12', file: pki.file('absent.p12') }))).toBe('missing');
    expect(await outcome(loadOwnCertificate({ kind: 'pkcs12', file: pki.folder }))).toBe('unreadable');
  });

  test('what Culvert writes opens with openssl and with Culvert, in both encryptions', async () => {
    const oldRoot = pki.authority('/CN=Old', { key: 'rsa' });
    const old = pki.issue({ subject: '/CN=alice', key: 'rsa', issuer: oldRoot });
    const written = {
      'modern-rsa': await writePkcs12(pkcs8Of(rsa), [rsa.der, middle.der, root.der], passphrase, 'Alice'),
      'modern-ec': await writePkcs12(pkcs8Of(ec), [ec.der, middle.der], passphrase, 'Böb'),
      'legacy-rsa': writeLegacyPkcs12(pkcs8Of(old), [old.der, oldRoot.der], passphrase, 'Alice'),
    };
    for (const [name, bytes] of Object.entries(written)) {
      const own = { 'modern-rsa': rsa, 'modern-ec': ec, 'legacy-rsa': old }[name] ?? rsa;
      const chain = own === old ? [old.der] : [own.der, middle.der];
      const file = pki.file(`${name}.p12`, bytes);
      const legacy = name.startsWith('legacy') ? ['-legacy'] : [];
      const shown = pki
        .run('pkcs12', '-in', file, '-passin', `pass:${passphrase.expose()}`, '-nodes', ...legacy)
        .toString();
      expect(shown).toContain('PRIVATE KEY');
      expect(shown).toContain(readFileSync(own.certificateFile, 'latin1').split('\n')[3]);
      expect(await loadOwnCertificate({ kind: 'pkcs12', file, passphrase })).toMatchObject({
        ok: true,
        own: { chain },
      });
      expect(() => pki.run('pkcs12', '-in', file, '-passin', 'pass:another', '-nodes', ...legacy)).toThrow();
    }
  });
});

function pkcs8Of({ keyFile }: Issued): Secret {
  return new Secret(new Uint8Array(pki.run('pkcs8', '-topk8', '-nocrypt', '-in', keyFile, '-outform', 'DER')));
}

describe('PEM', () => {
  const pem = (own: Issued, keyFile: string, secret?: Secret<string>): ReturnType<typeof loadOwnCertificate> =>
    loadOwnCertificate({
      kind: 'pem',
      certificateFile: own.certificateFile,
      keyFile,
      ...(secret && { passphrase: secret }),
    });

  test('a key opens in every form that openssl writes', async () => {
    for (const own of [rsa, ec]) {
      expect(await outcome(pem(own, own.keyFile))).toBe('good');
      const type = own === rsa ? 'rsa' : 'ec';
      const files = {
        traditional: [type, '-in', own.keyFile, ...(type === 'rsa' ? ['-traditional'] : [])],
        der: ['pkcs8', '-topk8', '-nocrypt', '-in', own.keyFile, '-outform', 'DER'],
        encrypted: ['pkcs8', '-topk8', '-in', own.keyFile, '-passout', `pass:${passphrase.expose()}`],
        encryptedOfOld: [
          type,
          '-in',
          own.keyFile,
          '-aes128',
          '-passout',
          `pass:${passphrase.expose()}`,
          ...(type === 'rsa' ? ['-traditional'] : []),
        ],
      };
      for (const [name, command] of Object.entries(files)) {
        const file = pki.file(`${own.name}-${name}.key`);
        pki.run(...command, '-out', file);
        chmodSync(file, 0o600);
        const isEncrypted = name.startsWith('encrypted');
        expect(await outcome(pem(own, file))).toBe(isEncrypted ? 'passphraseNeeded' : 'good');
        if (!isEncrypted) continue;
        expect(await outcome(pem(own, file, passphrase))).toBe('good');
        expect(await outcome(pem(own, file, wrong))).toBe('wrongPassphrase');
      }
    }
  });

  test('empty lines within a block change nothing', async () => {
    const certificateFile = pki.file(
      'spaced.pem',
      readFileSync(rsa.certificateFile, 'latin1').replaceAll(/(-----BEGIN[^\n]*\n|\n)(?=-----END)/g, '$1\n'),
    );
    expect(readFileSync(certificateFile, 'latin1')).toContain('\n\n-----END');
    expect(await outcome(loadOwnCertificate({ kind: 'pem', certificateFile, keyFile: rsa.keyFile }))).toBe('good');
  });

  test('a chain in any order is put into the one that IKE sends', async () => {
    const certificateFile = pki.file(
      'chain.pem',
      [root, middle, rsa].map((one) => readFileSync(one.certificateFile)).join('text between\n'),
    );
    const loaded = await loadOwnCertificate({ kind: 'pem', certificateFile, keyFile: rsa.keyFile });
    expect(loaded).toMatchObject({ ok: true, own: { chain: [rsa.der, middle.der], summary: { subject: 'CN=alice' } } });
    expect(loaded.ok && loaded.own.issuers).toHaveLength(3);
  });

  test("another certificate's key, a missing one and an exposed one each have their own name", async () => {
    expect(await outcome(pem(rsa, ec.keyFile))).toBe('keyMismatch');
    expect(await outcome(pem(rsa, rsa.certificateFile))).toBe('exposed');
    expect(await outcome(pem(rsa, pki.file('absent.key')))).toBe('missing');
    expect(await outcome(pem(rsa, pki.file('empty.key', '')))).toBe('noPrivateKey');
    const open = pki.file('open.key', readFileSync(rsa.keyFile));
    chmodSync(open, 0o644);
    expect(await outcome(pem(rsa, open))).toBe('exposed');
  });

  test('a key that IKE cannot sign with is told from one that does not fit', async () => {
    const edwards = pki.issue({ subject: '/CN=e', key: 'ed25519' });
    expect(await outcome(pem(edwards, edwards.keyFile))).toBe('unsupportedKey');
    const short = pki.issue({ subject: '/CN=s', key: 'rsa1024' });
    expect(await outcome(pem(short, short.keyFile))).toBe('unsupportedKey');
  });
});
