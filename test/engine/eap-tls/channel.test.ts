import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CertificateStore } from '../../../main/certificates/index.ts';
import { profile } from '../../../main/contracts/profile.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import { clientTls } from '../../../main/engine/certificates/index.ts';
import { TlsChannel, tlsFlaw, type TlsSettings } from '../../../main/engine/eap-tls/channel.ts';
import type { LinkEffect, LinkInput } from '../../../main/protocol/ppp/index.ts';
import { clientConfig, hostConfig, LinkUnderTest } from '../../protocol/ppp/links.ts';
import { createAuthority, type Authority } from '../../support/certificates.ts';
import { run } from '../../support/processes.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder = '';
let office: Authority;
let stranger: Authority;
let client: Extract<TlsSettings, { role: 'client' }>;
let server: Extract<TlsSettings, { role: 'server' }>;

const read = (file: string): string => readFileSync(file, 'utf8');
const user = 'alice@corp.example';

async function identityOf(authority: Authority, names: string) {
  const { certificateFile, keyFile } = await authority.issue(names);
  return { certificate: read(certificateFile), key: read(keyFile) };
}

beforeAll(async () => {
  folder = scratchFolder('eap-tls');
  office = await createAuthority(folder, 'office');
  stranger = await createAuthority(folder, 'stranger');
  const authorities = office.pem;
  client = {
    role: 'client',
    authorities,
    serverName: 'vpn.corp.example',
    ...(await identityOf(office, `email:${user}`)),
  };
  server = { role: 'server', authorities, ...(await identityOf(office, 'DNS:vpn.corp.example,IP:203.0.113.40')) };
});

afterAll(() => {
  removeScratch(folder);
});

/** A client and a host that carry real TLS in EAP, until one of them is done with it. */
async function meet(clientSettings: TlsSettings = client, serverSettings: TlsSettings = server) {
  const own = { methods: ['eap-tls'], mruBytes: 1000 } as const;
  const ends = [
    new LinkUnderTest({ ...clientConfig, ...own }),
    new LinkUnderTest({ ...hostConfig, ...own }, 2),
  ] as const;
  const queue: { readonly to: 0 | 1; readonly bytes: Uint8Array }[] = [];
  const give = (end: 0 | 1, input: LinkInput): void => {
    for (const bytes of ends[end].input(input)) queue.push({ to: end === 0 ? 1 : 0, bytes });
  };
  const channels = [clientSettings, serverSettings].map(
    (settings, end) =>
      new TlsChannel(settings, (output) => {
        give(end as 0 | 1, { kind: 'tls', output });
      }),
  );
  ends.forEach((link, end) => {
    link.react = (effect: LinkEffect): LinkInput | undefined => {
      if (effect.kind === 'tls') channels[end]?.hear(effect.flight);
      if (effect.kind === 'addressWanted') return { kind: 'assignAddress', address: '10.99.0.10' };
      if (effect.kind !== 'verify') return undefined;
      const { attempt, request } = effect;
      const isRight = request.method === 'eap-tls' && request.names.includes(user);
      return {
        kind: 'verdict',
        attempt,
        verdict: isRight ? { ok: true } : { ok: false, code: 691, retryAllowed: false },
      };
    };
  });
  give(0, { kind: 'lowerUp' });
  give(1, { kind: 'lowerUp' });
  const isOver = (): boolean =>
    ends.every(({ state, up }) => up !== undefined || state.at === 'closed' || state.at === 'terminating');
  for (let turns = 0; turns < 3000 && !isOver(); turns++) {
    const next = queue.shift();
    if (next === undefined) await new Promise((resolve) => setImmediate(resolve));
    else for (const bytes of ends[next.to].receive(next.bytes)) queue.push({ to: next.to === 0 ? 1 : 0, bytes });
  }
  for (const channel of channels) channel.close();
  const ending = (end: LinkUnderTest) => end.all('ending')[0]?.cause;
  return { up: ends[0].up?.local, client: ending(ends[0]), host: ending(ends[1]), names: ends[1].all('verify') };
}

describe('EAP-TLS over real TLS, in fragments', () => {
  test('lets in whom the certificate names', async () => {
    const met = await meet();
    expect(met).toMatchObject({ up: '10.99.0.10', client: undefined, host: undefined });
    expect(met.names).toMatchObject([{ request: { method: 'eap-tls', names: ['server', user] } }]);
  });

  test('with a peer that knows TLS 1.2 and no newer', async () => {
    const old = { newestVersion: 'TLSv1.2' } as const;
    expect(await meet({ ...client, ...old })).toMatchObject({ up: '10.99.0.10' });
    expect(await meet(client, { ...server, ...old })).toMatchObject({ up: '10.99.0.10' });
  });

  test('an address as the name of the server', async () => {
    expect(await meet({ ...client, serverName: '203.0.113.40' })).toMatchObject({ up: '10.99.0.10' });
  });

  test('a server of another name is not told who is there', async () => {
    const met = await meet({ ...client, serverName: 'vpn.other.example' });
    expect(met).toMatchObject({
      up: undefined,
      client: { code: 'tlsFailed', by: 'us', reason: 'the certificate is of another name' },
    });
  });

  test('a server of another authority is not believed', async () => {
    const other = { ...server, ...(await identityOf(stranger, 'DNS:vpn.corp.example')) };
    expect((await meet(client, other)).client).toMatchObject({
      code: 'tlsFailed',
      by: 'us',
      reason: expect.stringContaining('not among those that are trusted') as string,
    });
  });

  test('nor is it where the environment has Node believe everybody', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const other = { ...server, ...(await identityOf(stranger, 'DNS:vpn.corp.example')) };
    const elsewhere = { ...client, serverName: 'vpn.other.example' };
    const mets = [await meet(client, other), await meet(elsewhere)];
    vi.unstubAllEnvs();
    for (const met of mets) expect(met).toMatchObject({ up: undefined, client: { code: 'tlsFailed', by: 'us' } });
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a client of another authority is not let in (%s)',
    async (newestVersion) => {
      const other = { ...client, ...(await identityOf(stranger, `email:${user}`)), newestVersion };
      const met = await meet(other);
      expect(met).toMatchObject({ up: undefined, host: { code: 'tlsFailed', by: 'us' } });
      expect(met.names).toEqual([]);
    },
  );

  test('a client whose certificate is somebody else’s is not let in', async () => {
    const other = { ...client, ...(await identityOf(office, 'email:bob@corp.example')) };
    expect(await meet(other)).toMatchObject({ up: undefined, host: { code: 'authenticationRejected' } });
  });

  test('a certificate that is on the list of those revoked is not let in', async () => {
    const file = (name: string): string => join(folder, name);
    await run(['sh', '-c', `: > ${file('index')}; echo 01 > ${file('number')}`]);
    const config = `[ca]\ndefault_ca=a\n[a]\ndatabase=${file('index')}\ncrlnumber=${file('number')}\ndefault_md=sha256\ndefault_crl_days=2\n`;
    await run(['sh', '-c', `cat > ${file('ca.conf')}`], { input: config });
    const signer = ['-config', file('ca.conf'), '-cert', office.certificateFile, '-keyfile', file('office-ca.key')];
    await run(['sh', '-c', `cat > ${file('alice.pem')}`], { input: client.certificate });
    const list = async (): Promise<string> => {
      await run(['openssl', 'ca', ...signer, '-gencrl', '-out', file('crl.pem')]);
      return read(file('crl.pem'));
    };
    expect(await meet(client, { ...server, revocation: await list() })).toMatchObject({ up: '10.99.0.10' });
    await run(['openssl', 'ca', ...signer, '-revoke', file('alice.pem')]);
    expect(await meet(client, { ...server, revocation: await list() })).toMatchObject({
      up: undefined,
      host: { code: 'tlsFailed', by: 'us', reason: 'the certificate is revoked' },
    });
  });
});

test('files that do not belong together are found before anybody connects', () => {
  expect(tlsFlaw(client)).toBeUndefined();
  expect(tlsFlaw({ ...client, key: server.key })).toBeDefined();
  expect(tlsFlaw({ ...client, certificate: 'nothing' })).toBeDefined();
});

describe('what a profile says of EAP-TLS', () => {
  const base = { version: 1, name: 'office', gateway: 'vpn.corp.example' };
  const profileOf = (eapTls: object | undefined, ipsec: object = {}) => ({
    ...{ ...base, ipsec, ppp: { authentication: ['eap-tls'], ...(eapTls && { eapTls }) } },
  });

  test("PKCS#12, a certificate of the user's list, that of IKE and files of PEM each sign in", async () => {
    const own = await office.issue(`email:${user}`);
    const pkcs12 = join(folder, 'alice.p12');
    const parts = ['-in', own.certificateFile, '-inkey', own.keyFile, '-certfile', office.certificateFile];
    await run(['openssl', 'pkcs12', '-export', ...parts, '-passout', 'pass:x', '-out', pkcs12]);
    const key = new Secret(new Uint8Array(32));
    const store = new CertificateStore(join(folder, 'store'), () => Promise.resolve({ kind: 'bytes', key }));
    expect(await store.import(new Uint8Array(readFileSync(pkcs12)), new Secret('x'))).toMatchObject({ ok: true });
    const places = { folder, store, passphrase: new Secret('x') };
    const authoritiesFile = office.certificateFile;
    const trust = { authorities: [authoritiesFile] };
    const written = [
      profileOf({ certificate: { pkcs12 }, authoritiesFile }),
      profileOf({ certificate: { pkcs12 } }, { trust }),
      profileOf({ certificate: { stored: 'server' } }),
      profileOf(undefined, { certificate: { pkcs12 }, trust }),
      profileOf({ serverName: '203.0.113.40' }, { certificate: { stored: 'server' } }),
      profileOf({ ...own, authoritiesFile }),
    ];
    for (const each of written) {
      const settings = await clientTls(profile.parse(each), places);
      if (!settings.ok || settings.value === undefined) throw new Error(JSON.stringify(settings));
      expect(await meet(settings.value)).toMatchObject({ up: '10.99.0.10' });
    }
    const locked = await clientTls(profile.parse(written[0]), { folder, store });
    expect(locked).toMatchObject({
      failure: { code: 'ownCertificate.passphrase', facts: { member: 'ppp.eapTls.certificate' } },
    });
  });

  test.each([
    ['no certificate', undefined, {}],
    ['a certificate without its key', { certificateFile: 'a.pem', authoritiesFile: 'ca.pem' }, {}],
    ['two certificates', { certificate: { stored: 'a' }, certificateFile: 'a.pem', keyFile: 'a.key' }, {}],
    ["nobody to vouch for the gateway's", { certificate: { pkcs12: 'a.p12' } }, {}],
  ])('%s is said of the profile', (_, eapTls, ipsec) => {
    expect(profile.safeParse(profileOf(eapTls, ipsec)).success).toBe(false);
  });
});
