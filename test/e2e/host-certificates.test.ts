import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { FailureCode } from '../../main/contracts/failure.ts';
import { type CulvertHost, startCulvertHost } from '../support/culvert-host.ts';
import { password } from '../support/peers/credentials.ts';
import { IkeCertificates } from '../support/ike-certificates.ts';
import type { Issued } from '../support/openssl-authority.ts';
import { eventually } from '../support/processes.ts';
import { useScene } from './scene.ts';

vi.setConfig({ testTimeout: 180_000 });

const scene = useScene();
const hostAddress = '203.0.113.40';
const network = { mode: 'split', routes: ['10.64.0.1/32'] } as const;

let made: IkeCertificates;
beforeAll(() => {
  made = new IkeCertificates();
}, 60_000);
afterAll(() => {
  made.remove();
});

async function startHost(config: object): Promise<CulvertHost> {
  const machine = await scene.network.addMachine('gateway', { address: hostAddress });
  const users = ['alice', 'bob'].map((name) => ({ user: { name }, password }));
  const host = await startCulvertHost(machine, { users, config: { ...config } });
  scene.afterwards(() => host.cleanUp());
  return host;
}

async function reconfigure(host: CulvertHost, changes: object): Promise<void> {
  const file = join(host.folder, 'host.json');
  const before = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...before, ...changes }));
  expect(await host.command('reload')).toMatchObject({ exitCode: 0, stderr: '' });
}

test('whose certificate the host’s own authority revokes is gone at once and refused from then on, and nobody else', async () => {
  const host = await startHost({ certificateAuthority: { folder: 'ca' } });
  const ca = async (...argv: string[]): Promise<string> => {
    const done = await host.command('ca', ...argv, '--config', join(host.folder, 'host.json'));
    expect({ argv, ...done }).toMatchObject({ exitCode: 0 });
    return done.stdout;
  };
  const of = (name: string): string => join(host.folder, 'ca', name);
  await ca('create', '--key', 'ecdsa');
  await ca('server', hostAddress);
  await reconfigure(host, {
    certificates: {
      own: [{ pem: 'ca/server.pem', key: 'ca/server.key' }],
      trust: { authorities: ['ca/ca.pem'], revocation: 'require', revocationLists: ['ca/ca.crl'], askOnline: false },
      userBinding: 'commonName',
    },
  });
  const dial = async (user: string, label = user) => {
    const out = join(host.folder, `${user}.p12`);
    const client = await scene.client(label, {
      address: `203.0.113.${label === 'again' ? 33 : user === 'bob' ? 32 : 31}`,
    });
    const profile = {
      network,
      ipsec: {
        preSharedKey: undefined,
        certificate: { pkcs12: out, passphrase: `${user}-secret-9` },
        trust: { authorities: [of('ca.pem')], askOnline: false },
      },
    };
    return scene.culvert(client, { gateway: hostAddress, user, profile });
  };
  for (const user of ['alice', 'bob']) {
    const argv = ['ca', 'issue', user, '--out', join(host.folder, `${user}.p12`), '--passphrase-stdin'];
    expect(await host.commandWith(`${user}-secret-9\n`, ...argv)).toMatchObject({ exitCode: 0 });
  }
  const [alice, bob] = [await dial('alice'), await dial('bob')];
  await alice.connected();
  await bob.connected();

  expect(await ca('revoke', '--user', 'alice')).toMatch(/^Revoked alice/);
  await alice.until(({ event }) => event === 'disconnected');
  await eventually('the end of the session', 10_000, async () => (await host.sessions()).length === 1);
  expect(await host.sessions()).toMatchObject([{ user: 'bob' }]);
  const again = await dial('alice', 'again');
  expect(await again.failed()).toMatchObject({ code: 'ike.certificateRefused' });
  const { stdout } = await host.command('audit', 'show', '--json', '--last', '40');
  expect(stdout).toMatch(/"kind":"sessionStopped"[^\n]*"cause":"certificateEnded"/);
  expect(stdout).toContain('"reason":"certificateRevoked"');
});

test('every fault of the host’s certificate is told to its client by its own name', async () => {
  const names = `IP:${hostAddress}`;
  const own = made.gateway(names, 'rsa');
  const user = made.user('alice', 'rsa');
  const hostTrust = { authorities: [made.root.certificateFile], intermediates: [made.middle.certificateFile] };
  const presenting = (each: Issued) => ({
    certificates: {
      own: [{ pem: made.chainFile(each), key: each.keyFile }],
      trust: { ...hostTrust, askOnline: false },
    },
  });
  const host = await startHost(presenting(own));
  const client = await scene.client();
  const outcome = async (trust: object): Promise<string> => {
    const culvert = scene.culvert(client, {
      gateway: hostAddress,
      profile: {
        network,
        ipsec: {
          preSharedKey: undefined,
          certificate: { pem: made.chainFile(user), key: user.keyFile },
          trust: { authorities: [made.root.certificateFile], askOnline: false, ...trust },
        },
      },
    });
    const event = await culvert.until(({ event: name }) => name === 'connected' || name === 'failed');
    await culvert.stop();
    return event.event === 'failed' ? event.failure.code : event.event;
  };
  const listing = (...revoked: Issued[]) => ({
    revocation: 'require',
    revocationLists: [made.revocationLists(...revoked)],
  });
  expect(await outcome(listing())).toBe('connected');
  expect(await outcome(listing(own))).toBe('certificate.revoked' satisfies FailureCode);
  expect(await outcome({ revocation: 'require' })).toBe('certificate.revocationUnknown');
  expect(await outcome({ authorities: [made.otherRoot.certificateFile] })).toBe('certificate.unknownAuthority');
  for (const [each, code] of [
    [made.gatewayBetween(names, '20200101000000Z', '20210101000000Z'), 'certificate.expired'],
    [made.gatewayBetween(names, '20600101000000Z', '20610101000000Z'), 'certificate.notYetValid'],
    [made.gateway('IP:203.0.113.99', 'rsa', 'elsewhere'), 'certificate.wrongName'],
  ] as const) {
    await reconfigure(host, presenting(each));
    expect(await outcome({})).toBe(code satisfies FailureCode);
  }
});
