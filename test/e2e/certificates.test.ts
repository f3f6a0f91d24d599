import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FailureCode } from '../../main/contracts/failure.ts';
import { IkeCertificates } from '../support/ike-certificates.ts';
import type { Issued } from '../support/openssl-authority.ts';
import { expectCarried, megabyte, useLinuxScene } from './linux-scene.ts';
import { expectTraffic, useScene } from './scene.ts';

let made: IkeCertificates;
beforeAll(() => {
  made = new IkeCertificates();
}, 60_000);
afterAll(() => {
  made.remove();
});

type Profile = Readonly<Record<string, unknown>>;

/** Members of a profile that goes by this certificate, and trusts the root unless it says otherwise. */
function profileOf(own: Issued, trust: object = {}): Profile & { readonly ipsec: object } {
  return {
    ipsec: {
      preSharedKey: undefined,
      certificate: { pem: made.chainFile(own), key: own.keyFile },
      trust: { authorities: [made.root.certificateFile], askOnline: false, ...trust },
    },
  };
}

describe('strongSwan as the gateway', () => {
  const scene = useScene();
  const names = 'DNS:vpn.example,IP:203.0.113.20';

  test('RSA and ECDSA, each with an authority between; every fault of its certificate is told by its own name', async () => {
    const own = { rsa: made.gateway(names, 'rsa'), ecdsa: made.gateway(names, 'ec', 'gateway with ECDSA') };
    const bad = {
      expired: made.gatewayBetween(names, '20200101000000Z', '20210101000000Z'),
      early: made.gatewayBetween(names, '20600101000000Z', '20610101000000Z'),
      elsewhere: made.gateway('DNS:other.example,IP:203.0.113.99', 'rsa', 'elsewhere'),
    };
    const users = { rsa: made.user('alice', 'rsa'), ecdsa: made.user('alice', 'ec') };
    const stranger = made.user('alice', 'rsa', made.otherRoot);
    // By its subject: of several that hold its address, strongSwan would take one that is valid.
    const subjectOf = ({ der }: Issued): string => new X509Certificate(der).subject.replace('\n', ', ');
    const lines = (each: Issued) => [
      ...['authby=pubkey', `leftcert=${each.name}.pem`, `leftid="${subjectOf(each)}"`],
      ...['leftsendcert=always', 'rightid=%any'],
    ];
    const strongswan = await scene.strongswan({
      ipsecLines: lines(own.rsa),
      ike: 'aes256-sha256-ecp256,aes256-sha256-modp2048',
      etc: made.strongswanFiles(own.rsa, own.ecdsa, ...Object.values(bad)),
    });
    const client = await scene.client();

    const presents = (each: Issued) => strongswan.reconfigure(lines(each), subjectOf(each));
    const dial = (profile: Profile) => scene.culvert(client, { gateway: strongswan.address, profile });
    const connects = async (profile: Profile, identity: string): Promise<void> => {
      const culvert = dial(profile);
      const connection = await culvert.connected();
      expect(connection.gatewayIdentity).toBe(identity);
      await expectTraffic(client, strongswan.innerAddress, megabyte);
      expect((await culvert.stop()).exitCode).toBe(0);
    };
    const fails = async (profile: Profile, code: FailureCode): Promise<void> => {
      const culvert = dial(profile);
      expect((await culvert.failed()).code).toBe(code);
      await culvert.process.exited;
    };

    await connects(profileOf(users.rsa), 'O=Example, CN=gateway');
    await fails(
      profileOf(users.rsa, { authorities: [made.otherRoot.certificateFile] }),
      'certificate.unknownAuthority',
    );
    const lists = { revocation: 'require', revocationLists: [made.revocationLists(own.rsa)] };
    await fails(profileOf(users.rsa, lists), 'certificate.revoked');
    await fails(profileOf(users.rsa, { revocation: 'require' }), 'certificate.revocationUnknown');
    await fails(profileOf(stranger), 'ike.certificateRefused');
    await presents(bad.expired);
    await fails(profileOf(users.rsa), 'certificate.expired');
    await presents(bad.early);
    await fails(profileOf(users.rsa), 'certificate.notYetValid');
    await presents(bad.elsewhere);
    await fails(profileOf(users.rsa), 'certificate.wrongName');
    await presents(own.ecdsa);
    await connects(profileOf(users.ecdsa), 'O=Example, CN=gateway with ECDSA');
  }, 240_000);
});

describe('the host', () => {
  const { scene, startHost, stockClient } = useLinuxScene();
  const names = 'DNS:vpn.example,IP:203.0.113.40';

  test('strongSwan, xl2tpd and pppd with RSA, Culvert with ECDSA and Culvert with the pre-shared key, at the same time', async () => {
    const own = [made.gateway(names, 'rsa'), made.gateway(names, 'ec')];
    const [alice, carol, mallory] = [made.user('alice', 'ec'), made.user('carol', 'rsa'), made.user('mallory', 'ec')];
    const { gateway, host } = await startHost({
      config: {
        certificates: {
          own: own.map((each) => ({ pem: made.chainFile(each), key: each.keyFile })),
          trust: {
            authorities: [made.root.certificateFile],
            revocation: 'require',
            revocationLists: [made.revocationLists(mallory)],
            askOnline: false,
          },
          userBinding: 'commonName',
        },
      },
    });
    const linux = await stockClient({
      userName: 'carol',
      ipsecLines: [
        'authby=pubkey',
        `leftcert=${carol.name}.pem`,
        'leftsendcert=always',
        'rightid="O=Example, CN=gateway"',
      ],
      ike: 'aes256-sha2_256-modp2048',
      etc: made.strongswanFiles(carol),
    });
    await linux.dial();
    const machine = await scene.client('culvert', { address: '203.0.113.31' });
    const passphrase = 'a passphrase';
    const { ipsec } = profileOf(alice);
    const profile = { ipsec: { ...ipsec, certificate: { pkcs12: made.pkcs12(alice, passphrase), passphrase } } };
    const byCertificate = scene.culvert(machine, { gateway: gateway.address, profile });
    await byCertificate.connected();
    const other = await scene.client('key', { address: '203.0.113.32' });
    const byKey = scene.culvert(other, { gateway: gateway.address, user: 'bob' });
    await byKey.connected();

    const sessions = await host.sessions();
    const shown = sessions.map(({ user, client, identity, certificate }) => [
      user,
      client,
      identity,
      certificate?.fingerprint,
    ]);
    expect(shown.toSorted()).toEqual([
      ['alice', 'culvert', 'O=Example, CN=alice', made.fingerprint(alice)],
      ['bob', 'culvert', '203.0.113.32', undefined],
      ['carol', 'linux', 'O=Example, CN=carol', made.fingerprint(carol)],
    ]);
    await expectCarried(linux, megabyte);

    await byKey.stop();
    const revoked = scene.culvert(other, { gateway: gateway.address, profile: profileOf(mallory), user: 'bob' });
    expect((await revoked.failed()).code).toBe('ike.certificateRefused');
    await revoked.process.exited;
    const ofAnother = scene.culvert(other, { gateway: gateway.address, profile: profileOf(alice), user: 'bob' });
    expect((await ofAnother.failed()).code).toBe('auth.notAllowed');
    const { stdout } = await host.command('audit', 'show', '--json', '--last', '40');
    expect(stdout).toContain('"reason":"certificateRevoked"');
    expect(stdout).toContain('"reason":"certificateOfAnother"');
  }, 240_000);
});
