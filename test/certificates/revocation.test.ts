import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRevocationSources, verifyPeer, type RevocationSources } from '../../main/certificates/index.ts';
import type { RevocationPolicy } from '../../main/contracts/certificates.ts';
import { OpensslAuthority, type Issued } from '../support/openssl-authority.ts';

const pki = new OpensslAuthority();
const dayMs = 86_400_000;
const named = 'subjectAltName=DNS:vpn.example.com';

let root: Issued;
let middle: Issued;
beforeAll(() => {
  root = pki.authority('/CN=Root', { key: 'rsa' });
  middle = pki.authority('/CN=Middle', { issuer: root });
});
afterAll(() => {
  pki.remove();
});

interface Asked {
  readonly policy?: RevocationPolicy;
  readonly lists?: readonly Uint8Array[];
  readonly online?: RevocationSources;
  readonly nowMs?: number;
}

async function judge(
  chain: readonly Issued[],
  { policy = 'require', lists = [], online, nowMs = Date.now() }: Asked,
): Promise<string> {
  const revocation = { policy, lists, ...(online && { online }) };
  const trust = { authorities: [root.der], intermediates: [], allowSha1: false, revocation };
  const verdict = await verifyPeer(
    chain.map(({ der }) => der),
    { role: 'gateway', names: ['vpn.example.com'] },
    trust,
    nowMs,
  );
  return verdict.ok ? 'good' : verdict.reason;
}

describe('lists from files', () => {
  let leaf: Issued;
  let other: Issued;
  beforeAll(() => {
    leaf = pki.issue({ subject: '/CN=g', issuer: root, extensions: [named] });
    other = pki.issue({ subject: '/CN=o', issuer: root, extensions: [named] });
  });

  test('what is on the list is revoked, what is not is good, under every policy that asks', async () => {
    const lists = [pki.revocationList(root, [other])];
    for (const policy of ['require', 'prefer'] as const) {
      expect(await judge([leaf], { lists, policy })).toBe('good');
      expect(await judge([other], { lists, policy })).toBe('revoked');
    }
    expect(await judge([other], { lists, policy: 'ignore' })).toBe('good');
  });

  test('a list that is old, or not of the issuer, says nothing', async () => {
    const list = pki.revocationList(root, [other]);
    const impostor = pki.authority('/CN=Root', { key: 'rsa' });
    const forged = pki.revocationList(impostor, [leaf]);
    for (const asked of [
      { lists: [list], nowMs: Date.now() + 8 * dayMs },
      { lists: [forged] },
      { lists: [Uint8Array.of(1, 2, 3)] },
      {},
    ]) {
      expect(await judge([leaf], { ...asked, policy: 'require' })).toBe('revocationUnknown');
      expect(await judge([leaf], { ...asked, policy: 'prefer' })).toBe('good');
    }
  });

  test('a list signed by an authority that may not sign lists says nothing', async () => {
    const unfit = pki.authority('/CN=Unfit', {
      issuer: root,
      extensions: ['basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign'],
    });
    const below = pki.issue({ subject: '/CN=g', issuer: unfit, extensions: [named] });
    const lists = [pki.revocationList(unfit, []), pki.revocationList(root, [])];
    expect(await judge([below, unfit], { lists })).toBe('revocationUnknown');
  });

  test('each authority of the chain is asked about, and a revoked one ends it', async () => {
    const below = pki.issue({ subject: '/CN=g', issuer: middle, extensions: [named] });
    const ofMiddle = pki.revocationList(middle, []);
    expect(await judge([below, middle], { lists: [ofMiddle] })).toBe('revocationUnknown');
    expect(await judge([below, middle], { lists: [ofMiddle, pki.revocationList(root, [])] })).toBe('good');
    expect(await judge([below, middle], { lists: [ofMiddle, pki.revocationList(root, [middle])] })).toBe('revoked');
  });

  test('a list of a part of what was issued says nothing of the rest', async () => {
    const scoped = (scope: string): Uint8Array =>
      pki.revocationList(root, [other], ['issuingDistributionPoint=critical,@scope', '[scope]', scope]);
    expect(await judge([leaf], { lists: [scoped('onlyuser=TRUE')] })).toBe('good');
    expect(await judge([other], { lists: [scoped('onlyuser=TRUE')] })).toBe('revoked');
    expect(await judge([leaf], { lists: [scoped('onlyCA=TRUE')] })).toBe('revocationUnknown');
    expect(await judge([leaf], { lists: [scoped('indirectCRL=TRUE')] })).toBe('revocationUnknown');
    expect(await judge([leaf], { lists: [scoped('fullname=URI:http://elsewhere.example/1.crl')] })).toBe(
      'revocationUnknown',
    );
  });
});

describe('lists from distribution points', () => {
  let server: Server;
  let asked: string[] = [];
  let answer: (path: string) => { readonly status?: number; readonly body?: Uint8Array; readonly location?: string };
  let base: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const { status = 200, body, location } = answer(request.url ?? '');
      response.writeHead(location === undefined ? status : 302, location === undefined ? {} : { location });
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  const issueAt = (url: string): Issued =>
    pki.issue({ subject: '/CN=g', issuer: root, extensions: [named, `crlDistributionPoints=URI:${url}`] });
  const open = (): RevocationSources => openRevocationSources({ allowLoopback: true, timeoutMs: 2000 });

  test('the list is fetched once, and kept until the next one is due', async () => {
    const [leaf, revoked] = [issueAt(`${base}/root.crl`), issueAt(`${base}/root.crl`)];
    const body = pki.revocationList(root, [revoked]);
    answer = () => ({ body });
    asked = [];
    const online = open();
    expect(await judge([leaf], { online })).toBe('good');
    expect(await judge([revoked], { online })).toBe('revoked');
    expect(asked).toEqual(['/root.crl']);
    expect(await judge([leaf], { online, nowMs: Date.now() + 8 * dayMs })).toBe('revocationUnknown');
    expect(asked).toHaveLength(2);
  });

  test('nothing is fetched for a chain that no authority stands for, or that is wrong in all else', async () => {
    asked = [];
    const online = open();
    const stranger = pki.issue({ subject: '/CN=g', extensions: [named, `crlDistributionPoints=URI:${base}/x.crl`] });
    expect(await judge([stranger], { online })).toBe('unknownAuthority');
    const misnamed = pki.issue({
      subject: '/CN=g',
      issuer: root,
      extensions: [`crlDistributionPoints=URI:${base}/x.crl`],
    });
    expect(await judge([misnamed], { online })).toBe('wrongName');
    expect(asked).toEqual([]);
  });

  test('a silent or broken place is not asked again at once', async () => {
    asked = [];
    answer = () => ({ status: 500 });
    const online = open();
    const leaf = issueAt(`${base}/gone.crl`);
    expect(await judge([leaf], { online, policy: 'prefer' })).toBe('good');
    expect(await judge([leaf], { online })).toBe('revocationUnknown');
    expect(asked).toEqual(['/gone.crl']);
  });

  test('redirects are followed, but not for ever, nor away from http', async () => {
    const leaf = issueAt(`${base}/moved.crl`);
    const body = pki.revocationList(root, []);
    answer = (path) => (path === '/moved.crl' ? { location: '/here.crl' } : { body });
    expect(await judge([leaf], { online: open() })).toBe('good');
    answer = () => ({ location: '/moved.crl' });
    expect(await judge([leaf], { online: open() })).toBe('revocationUnknown');
    answer = () => ({ location: 'file:///etc/passwd' });
    expect(await judge([leaf], { online: open() })).toBe('revocationUnknown');
  });

  test('an answer without end is cut off', async () => {
    answer = () => ({ body: new Uint8Array(3 * 1024 * 1024) });
    expect(await judge([issueAt(`${base}/big.crl`)], { online: open() })).toBe('revocationUnknown');
  });

  test('this machine and its link are never asked, by number or by name', async () => {
    asked = [];
    answer = () => ({ body: pki.revocationList(root, []) });
    const online = openRevocationSources({ timeoutMs: 2000 });
    const { port } = server.address() as AddressInfo;
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0.0.0.0',
      '169.254.169.254',
      '127.1',
    ]) {
      expect(await judge([issueAt(`http://${host}:${port}/root.crl`)], { online })).toBe('revocationUnknown');
    }
    expect(asked).toEqual([]);
  });
});

describe('responders', () => {
  let responder: ChildProcess;
  let delegate: ChildProcess;
  let urls: readonly [string, string];
  let good: Issued;
  let revoked: Issued;
  let unknown: Issued;

  beforeAll(async () => {
    const ports = [await freePort(), await freePort()] as const;
    urls = [`http://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`];
    const issue = (): Issued =>
      pki.issue({ subject: '/CN=g', issuer: middle, extensions: [named, `authorityInfoAccess=OCSP;URI:${urls[0]}`] });
    [good, revoked, unknown] = [issue(), issue(), issue()];
    const { file } = pki.index(middle, [revoked], [good]);
    responder = await startResponder(ports[0], file, middle, middle);
    const signer = pki.issue({
      subject: '/CN=responder',
      issuer: middle,
      extensions: ['extendedKeyUsage=OCSPSigning'],
    });
    delegate = await startResponder(ports[1], file, middle, signer);
  });
  afterAll(() => {
    responder.kill();
    delegate.kill();
  });

  const asking = (extra: Asked = {}): Asked => ({
    lists: [pki.revocationList(root, [])],
    online: openRevocationSources({ allowLoopback: true, timeoutMs: 4000 }),
    ...extra,
  });

  test("openssl's responder says what is good, revoked and unknown", async () => {
    expect(await judge([good, middle], asking())).toBe('good');
    expect(await judge([revoked, middle], asking())).toBe('revoked');
    expect(await judge([unknown, middle], asking())).toBe('revocationUnknown');
    expect(await judge([unknown, middle], asking({ policy: 'prefer' }))).toBe('good');
  });

  test('an answer that is old says nothing', async () => {
    expect(await judge([good, middle], asking({ nowMs: Date.now() + 2 * dayMs }))).toBe('revocationUnknown');
  });

  test('an answer is believed from whom the issuer made its responder, and from nobody else', async () => {
    const redirected = (url: string): RevocationSources => {
      const sources = openRevocationSources({ allowLoopback: true, timeoutMs: 4000 });
      return { ...sources, askResponder: (_, request, nowMs) => sources.askResponder(url, request, nowMs) };
    };
    expect(await judge([good, middle], asking({ online: redirected(urls[1]) }))).toBe('good');
    expect(await judge([revoked, middle], asking({ online: redirected(urls[1]) }))).toBe('revoked');
    const port = await freePort();
    const stranger = pki.issue({ subject: '/CN=stranger', issuer: root, extensions: ['extendedKeyUsage=OCSPSigning'] });
    const unfit = pki.issue({ subject: '/CN=unfit', issuer: middle, extensions: ['extendedKeyUsage=serverAuth'] });
    for (const signer of [stranger, unfit]) {
      const impostor = await startResponder(port, pki.index(middle, [], [good]).file, middle, signer);
      expect(await judge([good, middle], asking({ online: redirected(`http://127.0.0.1:${port}`) }))).toBe(
        'revocationUnknown',
      );
      await stop(impostor);
    }
  });
});

function startResponder(port: number, index: string, issuer: Issued, signer: Issued): Promise<ChildProcess> {
  const files = [
    '-index',
    index,
    '-CA',
    issuer.certificateFile,
    '-rsigner',
    signer.certificateFile,
    '-rkey',
    signer.keyFile,
  ];
  const child = spawn('openssl', ['ocsp', '-port', String(port), '-ndays', '1', ...files], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    const watch = (chunk: Buffer): void => {
      if (chunk.toString().includes('waiting for OCSP client')) resolve(child);
    };
    child.stdout.on('data', watch);
    child.stderr.on('data', watch);
    child.once('exit', (code) => {
      reject(new Error(`openssl ocsp ended with ${code ?? 'a signal'}`));
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
