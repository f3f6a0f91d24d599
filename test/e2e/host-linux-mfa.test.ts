import { chmodSync, readFileSync } from 'node:fs';
import { TOTP } from 'otpauth';
import { expect, test, vi } from 'vitest';
import { markSecrets } from '../support/canary/secrets.mjs';
import { createAuthority } from '../support/certificates.ts';
import { password } from '../support/peers/credentials.ts';
import { scratchFolder } from '../support/scratch.ts';
import { useLinuxScene } from './linux-scene.ts';

vi.setConfig({ testTimeout: 240_000 });

const { startHost, stockClient } = useLinuxScene();

test('pppd signs in with a code behind the password, by MS-CHAPv2 and by PAP, and by a certificate instead', async () => {
  const folder = scratchFolder('host-linux-mfa');
  const authority = await createAuthority(folder, 'office');
  const server = await authority.issue('DNS:vpn.corp.example');
  const own = await authority.issue('email:bob');
  chmodSync(server.keyFile, 0o600);
  const { host } = await startHost({
    config: {
      authentication: { methods: ['eap-tls', 'mschapv2', 'pap'] },
      eapTls: { ...server, authoritiesFile: authority.certificateFile },
    },
  });
  const enrolled = await host.command('users', 'totp', 'enrol', 'alice', '--json');
  const { uri } = JSON.parse(enrolled.stdout) as { uri: string };
  markSecrets(uri, new URL(uri).searchParams.get('secret') ?? '');
  const telephone = new TOTP({ secret: new URL(uri).searchParams.get('secret') ?? '' });
  const code = (steps = 0): string => telephone.generate({ timestamp: Date.now() + steps * 30_000 });
  const linux = await stockClient();
  const first = code();
  linux.signInAs({ userName: 'alice', password: `${password}${first}` });
  await linux.dial();
  expect(await host.sessions()).toMatchObject([{ user: 'alice', method: 'mschapv2' }]);
  await linux.hangUp();
  linux.signInAs({ userName: 'alice', password: `${password}${code(1)}`, authentication: 'pap' });
  await linux.dial();
  expect(await host.sessions()).toMatchObject([{ user: 'alice', method: 'pap' }]);
  await linux.hangUp();

  linux.guest.writeEtc('ppp/user.pem', readFileSync(own.certificateFile, 'utf8'));
  linux.guest.writeEtc('ppp/user.key', readFileSync(own.keyFile, 'utf8'));
  linux.guest.writeEtc('ppp/office.pem', authority.pem);
  linux.guest.writeEtc('ppp/eaptls-client', 'bob * /etc/ppp/user.pem - /etc/ppp/office.pem /etc/ppp/user.key\n');
  linux.signInAs({ userName: 'bob', password: 'not asked for', authentication: 'eap' });
  await linux.dial();
  expect(await host.sessions()).toMatchObject([{ user: 'bob', method: 'eap-tls' }]);
  await linux.hangUp();

  // pppd 2.4.9 knows no Change-Password (RFC 2759 §7): it says why it is refused, and hangs up.
  await host.command('users', 'set', 'carol', '--must-change-password');
  linux.signInAs({ userName: 'carol', password });
  await expect(linux.dial()).rejects.toThrow(/authentication failed: your password has to be changed/);
  const { stdout } = await host.command('audit', 'show', '--json', '--last', '5');
  expect(stdout).toMatch(/"reason":"passwordExpired"[^\n]*"carol"|"carol"[^\n]*"reason":"passwordExpired"/);
});
