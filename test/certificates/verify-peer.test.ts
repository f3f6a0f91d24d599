import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyPeer, type ExpectedPeer, type TrustSettings } from '../../main/certificates/index.ts';
import { authorityExtensions, OpensslAuthority, type Issued, type KeyKind } from '../support/openssl-authority.ts';

const pki = new OpensslAuthority();
afterAll(() => {
  pki.remove();
});

const dayMs = 86_400_000;
const gateway: ExpectedPeer = { role: 'gateway', names: ['vpn.example.com'] };
const serverExtensions = [
  'subjectAltName=DNS:vpn.example.com,IP:203.0.113.10,email:it@example.com',
  'extendedKeyUsage=serverAuth',
];

function trusting(...authorities: readonly Issued[]): TrustSettings {
  return {
    authorities: authorities.map(({ der }) => der),
    intermediates: [],
    allowSha1: false,
    revocation: { policy: 'ignore', lists: [] },
  };
}

/** `good`, or the reason for which it is refused. */
async function judge(
  chain: readonly Issued[],
  expected: ExpectedPeer,
  trust: TrustSettings,
  nowMs = Date.now(),
): Promise<string> {
  const verdict = await verifyPeer(
    chain.map(({ der }) => der),
    expected,
    trust,
    nowMs,
  );
  return verdict.ok ? 'good' : verdict.reason;
}

describe.each(['rsa', 'ec'] satisfies KeyKind[])('with keys of kind %s', (key) => {
  let root: Issued;
  let middle: Issued;
  let server: Issued;

  beforeAll(() => {
    root = pki.authority('/O=Example/CN=Root', { key });
    middle = pki.authority('/O=Example/CN=Middle', { key, issuer: root });
    server = pki.issue({ subject: '/O=Example/CN=gateway', key, issuer: middle, extensions: serverExtensions });
  });

  test('a gateway with a chain to a trusted authority is who it says', async () => {
    const verdict = await verifyPeer([server.der, middle.der], gateway, trusting(root), Date.now());
    expect(verdict).toMatchObject({ ok: true, certificate: { subject: 'O=Example, CN=gateway', isAuthority: false } });
    expect(verdict.ok && verdict.publicKey.asymmetricKeyType).toBe(key);
  });

  test('an intermediate that the peer forgot is taken from the files', async () => {
    expect(await judge([server], gateway, trusting(root))).toBe('unknownAuthority');
    expect(await judge([server], gateway, { ...trusting(root), intermediates: [middle.der] })).toBe('good');
  });

  test('another authority of the same name does not count, nor one that the peer sends along', async () => {
    const impostor = pki.authority('/O=Example/CN=Root', { key });
    expect(await judge([server, middle], gateway, trusting(impostor))).toBe('unknownAuthority');
    const own = pki.issue({ subject: '/CN=x', key, issuer: impostor, extensions: serverExtensions });
    expect(await judge([own, impostor], gateway, trusting(root))).toBe('unknownAuthority');
  });

  test('before and after its time each has its own name', async () => {
    expect(await judge([server, middle], gateway, trusting(root), Date.now() - dayMs)).toBe('notYetValid');
    expect(await judge([server, middle], gateway, trusting(root), Date.now() + 31 * dayMs)).toBe('expired');
  });

  test('a certificate that does not name the gateway is not the gateway', async () => {
    expect(await judge([server, middle], { ...gateway, names: ['vpn.example.org'] }, trusting(root))).toBe('wrongName');
    expect(await judge([server, middle], { ...gateway, names: ['203.0.113.10'] }, trusting(root))).toBe('good');
    expect(await judge([server, middle], { ...gateway, names: ['203.0.113.11'] }, trusting(root))).toBe('wrongName');
  });

  test('an altered certificate has no authority', async () => {
    const altered = Uint8Array.from(server.der);
    altered[altered.length - 3] = (altered[altered.length - 3] ?? 0) ^ 1;
    const verdict = await verifyPeer([altered, middle.der], gateway, trusting(root), Date.now());
    expect(verdict).toMatchObject({ ok: false, reason: 'unknownAuthority' });
  });
});

describe('who may issue and be used for what', () => {
  let root: Issued;
  const issue = (extensions: readonly string[], issuer = root): Issued =>
    pki.issue({ subject: '/CN=gateway', issuer, extensions });
  const named = 'subjectAltName=DNS:vpn.example.com';

  beforeAll(() => {
    root = pki.authority('/CN=Root');
  });

  test.each([
    ['serverAuth', 'good', 'wrongUsage'],
    ['clientAuth', 'wrongUsage', 'good'],
    ['1.3.6.1.5.5.7.3.17', 'good', 'good'],
    ['1.3.6.1.5.5.8.2.2', 'good', 'good'],
    ['anyExtendedKeyUsage', 'good', 'good'],
    ['codeSigning', 'wrongUsage', 'wrongUsage'],
  ])('the purpose %s is %s of a gateway and %s of a client', async (purpose, ofGateway, ofClient) => {
    const leaf = issue([named, `extendedKeyUsage=${purpose}`]);
    expect(await judge([leaf], gateway, trusting(root))).toBe(ofGateway);
    expect(await judge([leaf], { role: 'client', names: [] }, trusting(root))).toBe(ofClient);
  });

  test('a key that may not sign cannot prove who one is', async () => {
    expect(await judge([issue([named, 'keyUsage=keyEncipherment'])], gateway, trusting(root))).toBe('wrongUsage');
    expect(await judge([issue([named, 'keyUsage=digitalSignature'])], gateway, trusting(root))).toBe('good');
  });

  test('a certificate that is no authority issues nothing', async () => {
    for (const extensions of [
      ['basicConstraints=CA:FALSE'],
      ['basicConstraints=critical,CA:TRUE', 'keyUsage=digitalSignature'],
      [],
    ]) {
      const middle = pki.issue({ subject: '/CN=Middle', issuer: root, extensions });
      const leaf = issue([named], middle);
      expect(await judge([leaf, middle], gateway, trusting(root))).toBe('wrongUsage');
      expect(pki.verifies(root, leaf, [middle])).toBe(false);
    }
  });

  test('an authority has no more authorities below it than its path length allows', async () => {
    const upper = pki.authority('/CN=Upper', {
      issuer: root,
      extensions: ['basicConstraints=critical,CA:TRUE,pathlen:0'],
    });
    const lower = pki.authority('/CN=Lower', { issuer: upper });
    expect(await judge([issue([named], upper), upper], gateway, trusting(root))).toBe('good');
    const leaf = issue([named], lower);
    expect(await judge([leaf, lower, upper], gateway, trusting(root))).toBe('wrongUsage');
    expect(pki.verifies(root, leaf, [lower, upper])).toBe(false);
  });

  test('a critical extension that nobody knows is a condition that is not met', async () => {
    expect(await judge([issue([named, '1.2.3.4=critical,ASN1:NULL'])], gateway, trusting(root))).toBe('wrongUsage');
    expect(await judge([issue([named, '1.2.3.4=ASN1:NULL'])], gateway, trusting(root))).toBe('good');
  });

  test('a policy that an authority demands has to be there', async () => {
    const middle = pki.authority('/CN=Middle', {
      issuer: root,
      extensions: [
        ...authorityExtensions,
        'certificatePolicies=1.2.3',
        'policyConstraints=critical,requireExplicitPolicy:0',
      ],
    });
    expect(await judge([issue([named, 'certificatePolicies=1.2.3'], middle), middle], gateway, trusting(root))).toBe(
      'good',
    );
    expect(await judge([issue([named], middle), middle], gateway, trusting(root))).toBe('wrongUsage');
  });

  test('what is trusted by itself needs no authority, and is bound by all else', async () => {
    const own = pki.issue({ subject: '/CN=gateway', extensions: [named] });
    expect(await judge([own], gateway, trusting(own))).toBe('good');
    expect(await judge([own], { ...gateway, names: ['other.example.com'] }, trusting(own))).toBe('wrongName');
    expect(await judge([own], gateway, trusting(own), Date.now() + 99 * dayMs)).toBe('expired');
    // It is no authority for others.
    expect(await judge([issue([named], own)], gateway, trusting(own))).toBe('wrongUsage');
  });

  test('weak keys and hashes are refused, SHA-1 unless it is allowed', async () => {
    const short = pki.issue({ subject: '/CN=gateway', key: 'rsa1024', issuer: root, extensions: [named] });
    expect(await judge([short], gateway, trusting(root))).toBe('weak');
    const sha1 = pki.issue({ subject: '/CN=gateway', issuer: root, extensions: [named], options: ['-sha1'] });
    expect(await judge([sha1], gateway, trusting(root))).toBe('weak');
    expect(await judge([sha1], gateway, { ...trusting(root), allowSha1: true })).toBe('good');
  });

  test('signatures of every kind that authorities make are read', async () => {
    const edwards = pki.authority('/CN=Edwards', { key: 'ed25519', issuer: root });
    const wide = pki.authority('/CN=Wide', { key: 'ec384', issuer: edwards });
    const rsa = pki.authority('/CN=RSA', { key: 'rsa', issuer: wide, options: ['-sha384'] });
    const pss = pki.issue({
      subject: '/CN=g',
      issuer: rsa,
      extensions: [named],
      options: ['-sigopt', 'rsa_padding_mode:pss', '-sha256'],
    });
    expect(await judge([pss, rsa, wide, edwards], gateway, trusting(root))).toBe('good');
  });

  test('certificates that issued each other end in no endless search', async () => {
    const a = pki.authority('/CN=A');
    const b = pki.authority('/CN=B');
    const aByB = pki.authority('/CN=A', { issuer: b, keyOf: a });
    const bByA = pki.authority('/CN=B', { issuer: a, keyOf: b });
    const leaf = issue([named], a);
    expect(await judge([leaf, aByB, bByA], gateway, trusting(root))).toBe('unknownAuthority');
    const byRoot = pki.authority('/CN=B', { issuer: root, keyOf: b });
    expect(await judge([leaf, aByB, bByA, byRoot], gateway, trusting(root))).toBe('good');
  });
});

describe('whom a certificate names', () => {
  let root: Issued;
  let leaf: Issued;

  beforeAll(() => {
    root = pki.authority('/CN=Root');
    leaf = pki.issue({
      subject: '/C=CH/O=Example, Inc/OU=a+CN=alice',
      issuer: root,
      extensions: ['subjectAltName=DNS:*.example.com,IP:2001:db8::1,email:alice@example.com'],
    });
  });

  const identity = (kind: 'address' | 'fqdn' | 'userFqdn' | 'distinguishedName', value: string): ExpectedPeer => ({
    role: 'gateway',
    names: [],
    identity: { kind, value },
  });

  test.each([
    ['fqdn', 'vpn.example.com', 'good'],
    ['fqdn', 'VPN.Example.COM.', 'good'],
    ['fqdn', 'a.vpn.example.com', 'wrongName'],
    ['fqdn', 'example.com', 'wrongName'],
    ['fqdn', 'alice', 'wrongName'],
    ['address', '2001:db8:0:0::1', 'good'],
    ['address', '2001:db8::2', 'wrongName'],
    ['userFqdn', 'alice@EXAMPLE.com', 'good'],
    ['userFqdn', 'Alice@example.com', 'wrongName'],
    ['distinguishedName', 'C=CH, O="Example, Inc", OU=a+CN=alice', 'good'],
    ['distinguishedName', 'cn=Alice+ou=A,o=example\\,  inc,c=ch', 'good'],
    ['distinguishedName', '/C=CH/O=Example, Inc/OU=a+CN=alice', 'good'],
    ['distinguishedName', 'C=CH, O="Example, Inc", OU=a, CN=alice', 'wrongName'],
    ['distinguishedName', 'CN=alice', 'wrongName'],
    ['distinguishedName', 'C=CH, O="Example, Inc", OU=a+CN=mallory', 'wrongName'],
    ['distinguishedName', 'nonsense', 'wrongName'],
  ] as const)('the identity %s %s: %s', async (kind, value, expected) => {
    expect(await judge([leaf], identity(kind, value), trusting(root))).toBe(expected);
  });

  test('what the peer calls itself has to stand in its certificate, beside what is expected', async () => {
    const claiming = (name: string): ExpectedPeer => ({
      role: 'gateway',
      names: ['vpn.example.com'],
      claimed: { kind: 'fqdn', value: name },
    });
    expect(await judge([leaf], claiming('other.example.com'), trusting(root))).toBe('good');
    expect(await judge([leaf], claiming('vpn.example.org'), trusting(root))).toBe('wrongName');
  });

  test('the refusal says what the certificate is of', async () => {
    const verdict = await verifyPeer(
      [leaf.der],
      { ...gateway, names: ['vpn.example.org'] },
      trusting(root),
      Date.now(),
    );
    expect(verdict).toMatchObject({
      subject: 'C=CH, O=Example\\, Inc, OU=a+CN=alice',
      detail: 'is not of vpn.example.org; it is of *.example.com, 2001:db8::1, alice@example.com',
    });
  });

  test('the common name is not a host name', async () => {
    const old = pki.issue({ subject: '/CN=vpn.example.com', issuer: root });
    expect(await judge([old], gateway, trusting(root))).toBe('wrongName');
    expect(
      await judge(
        [old],
        { ...gateway, identity: { kind: 'distinguishedName', value: 'CN=vpn.example.com' } },
        trusting(root),
      ),
    ).toBe('good');
  });
});

describe('names that an authority is confined to', () => {
  let root: Issued;
  beforeAll(() => {
    root = pki.authority('/CN=Root');
  });

  test.each([
    ['permitted;DNS:example.com', 'DNS:vpn.example.com', true],
    ['permitted;DNS:example.com', 'DNS:example.com', true],
    ['permitted;DNS:example.com', 'DNS:vpn.example.org', false],
    ['permitted;DNS:example.com', 'DNS:badexample.com', false],
    // One that is permitted does not excuse another that is not.
    ['permitted;DNS:example.com', 'DNS:vpn.example.com,DNS:vpn.example.org', false],
    ['permitted;DNS:example.com,permitted;DNS:example.org', 'DNS:vpn.example.com,DNS:vpn.example.org', true],
    ['excluded;DNS:example.com', 'DNS:vpn.example.com', false],
    ['excluded;DNS:example.com', 'DNS:vpn.example.org', true],
    ['permitted;IP:203.0.113.0/255.255.255.0', 'IP:203.0.113.9', true],
    ['permitted;IP:203.0.113.0/255.255.255.0', 'IP:203.0.114.9', false],
    ['permitted;IP:203.0.113.0/255.255.255.0', 'IP:203.0.113.9,IP:203.0.114.9', false],
    ['permitted;IP:203.0.113.0/255.255.255.0', 'IP:2001:db8::1', false],
    ['permitted;email:example.com', 'email:alice@example.com', true],
    ['permitted;email:example.com', 'email:alice@mail.example.com', false],
    ['permitted;email:.example.com', 'email:alice@mail.example.com', true],
    ['excluded;URI:example.com', 'URI:http://example.com/', false],
    ['permitted;dirName:below', 'DNS:vpn.example.com', true],
    ['permitted;dirName:apart', 'DNS:vpn.example.com', false],
    ['excluded;dirName:below', 'DNS:vpn.example.com', false],
  ])('%s and a certificate of %s: %s, as openssl judges', async (constraint, names, isGood) => {
    const sections = ['[below]', 'O=Example', '[apart]', 'O=Other'];
    const middle = pki.authority('/CN=Middle', {
      issuer: root,
      extensions: [...authorityExtensions, `nameConstraints=critical,${constraint}`, ...sections],
    });
    const leaf = pki.issue({ subject: '/O=Example/CN=x', issuer: middle, extensions: [`subjectAltName=${names}`] });
    expect(pki.verifies(root, leaf, [middle])).toBe(isGood);
    expect(await judge([leaf, middle], { role: 'gateway', names: [] }, trusting(root))).toBe(
      isGood ? 'good' : 'wrongUsage',
    );
  });
});
