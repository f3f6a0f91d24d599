import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOTP } from 'otpauth';
import { expect, test, vi } from 'vitest';
import { hostUser } from '../../main/contracts/host-user.ts';
import { Secret } from '../../main/contracts/secret.ts';
import { createAuthority, type Authority } from '../support/certificates.ts';
import { startCulvertHost, type CulvertHost } from '../support/culvert-host.ts';
import { startTypedCulvert, type Culvert, type TypedCulvert } from '../support/culvert.ts';
import { markSecrets } from '../support/canary/secrets.mjs';
import type { Machine } from '../support/namespaces.ts';
import { loopback, radiusSecret, startFreeRadius } from '../support/peers/freeradius.ts';
import { scratchFolder } from '../support/scratch.ts';
import { useScene } from './scene.ts';

// Each signs in several times, one after the other, at one host.
vi.setConfig({ testTimeout: 240_000 });

const scene = useScene();
const hostAddress = '203.0.113.40';
const insideAddress = '10.64.0.1';
const network = { mode: 'split', routes: [`${insideAddress}/32`] } as const;

interface Sides {
  readonly client: Machine;
  readonly host: CulvertHost;
  readonly authority: Authority;
  readonly profileOf: (method: string, more?: object) => Readonly<Record<string, unknown>>;
}

/** A host with FreeRADIUS beside it, and a client's machine with a certificate of the office's authority. */
async function startSides(methods: readonly string[]): Promise<Sides> {
  const folder = scratchFolder('host-mfa');
  const authority = await createAuthority(folder, 'office');
  const server = await authority.issue('DNS:vpn.corp.example');
  const own = await authority.issue('email:alice');
  chmodSync(own.keyFile, 0o600);
  const machine = await scene.network.addMachine('gateway', { address: hostAddress });
  const radius = await startFreeRadius({
    on: machine,
    eap: { ...server, authorityFile: authority.certificateFile },
  });
  scene.afterwards(() => radius.stop());
  const { authenticationPort, accountingPort } = radius;
  chmodSync(server.keyFile, 0o600);
  const host = await startCulvertHost(machine, {
    users: [{ user: { name: 'ada' }, password: 'ada-pass' }],
    config: {
      authentication: { methods, sources: ['local', 'radius'] },
      eapTls: { ...server, authoritiesFile: authority.certificateFile },
      pools: { clients: { ranges: ['10.64.0.0/18'] }, 'staff-pool': { ranges: ['10.99.0.0/24'] } },
      radius: {
        servers: [{ address: loopback, authenticationPort, accountingPort, secret: radiusSecret }],
        groups: [{ value: 'staff', group: 'staff' }],
      },
      groups: { staff: {} },
    },
  });
  scene.afterwards(() => host.cleanUp());
  const client = await scene.client();
  const eapTls = { ...own, authoritiesFile: authority.certificateFile, serverName: 'vpn.corp.example' };
  const profileOf: Sides['profileOf'] = (method, more = {}) => {
    const certificate = method === 'eap-tls' ? { eapTls } : {};
    return { network, ppp: { authentication: [method], ...certificate, ...more } };
  };
  return { client, host, authority, profileOf };
}

function typed({ client, profileOf }: Sides, user: string, method: string): TypedCulvert {
  const culvert = startTypedCulvert(client, { gateway: hostAddress, user, profile: profileOf(method) });
  scene.afterwards(() => culvert.cleanUp());
  return culvert;
}

function piped({ client, profileOf }: Sides, user: string, password: string, method: string, more?: object): Culvert {
  return scene.culvert(client, { gateway: hostAddress, user, password, profile: profileOf(method, more) });
}

async function end(culvert: TypedCulvert): Promise<void> {
  culvert.process.write('\u0003');
  await culvert.process.exited;
}

const reasonsOf = async ({ host }: Sides): Promise<string[]> => {
  const answer = await host.ask({ request: 'failures' });
  return answer.answer === 'failures' ? answer.failures.map(({ reason }) => reason) : [];
};

test('EAP goes through to FreeRADIUS: MSCHAPv2, TLS, and a client that would rather have GTC', async () => {
  const sides = await startSides(['eap', 'eap-tls']);
  for (const method of ['eap-mschapv2', 'eap-tls', 'eap-gtc']) {
    const culvert = piped(sides, 'alice', 'alice-pass', method);
    const connection = await culvert.connected();
    expect(connection).toMatchObject({ localAddress: '10.99.0.77', authentication: method });
    expect(await sides.host.sessions()).toMatchObject([{ user: 'alice', method, groups: ['staff'] }]);
    await culvert.stop();
  }
  const refused = piped(sides, 'alice', 'wrong', 'eap-mschapv2');
  expect((await refused.failed()).code).toBe('auth.rejected');
  await refused.stop();
  const elsewhere = piped(sides, 'alice', 'alice-pass', 'eap-tls', {
    eapTls: { ...(sides.profileOf('eap-tls')['ppp'] as { eapTls: object }).eapTls, serverName: 'vpn.other.example' },
  });
  expect((await elsewhere.failed()).code).toBe('auth.gatewayCertificate');
  await elsewhere.stop();
});

test('what FreeRADIUS asks after the password reaches the user in its words and order, and a code is asked again only as it says', async () => {
  const sides = await startSides(['eap-gtc']);
  const culvert = typed(sides, 'twice', 'eap-gtc');
  await culvert.answer(/Password: /, 'twice-pass');
  await culvert.answer(/First code: /, '111');
  await culvert.answer(/Second code: /, '333');
  await culvert.answer(/Wrong\. Second code: /, '222');
  await culvert.until(/Connected in/);
  await sides.client.exec(['ping', '-q', '-c1', '-w5', insideAddress]);
  await end(culvert);
  const wrong = typed(sides, 'twice', 'eap-gtc');
  await wrong.answer(/Password: /, 'twice-pass');
  await wrong.answer(/First code: /, '999');
  // Refused: the user is asked for everything anew, and nothing is sent before that.
  await wrong.until(/auth\.rejected[^]*User name \[twice\]: /);
  expect(wrong.shown().match(/First code: /g)).toHaveLength(1);
  expect(await reasonsOf(sides)).toEqual(['wrongPassword']);
  await end(wrong);
  const nobody = piped(sides, 'twice', 'twice-pass', 'eap-gtc');
  expect(await nobody.failed()).toMatchObject({ code: 'auth.challengeUnanswered', facts: { text: ': "First code"' } });
});

test('a local user enrolled on the command line signs in by what the telephone shows: asked for, appended, once, and by certificate', async () => {
  const sides = await startSides(['eap-gtc', 'mschapv2', 'eap-tls']);
  const { host } = sides;
  const enrolled = await host.command('users', 'totp', 'enrol', 'ada', '--json');
  const { uri, recoveryCodes } = JSON.parse(enrolled.stdout) as { uri: string; recoveryCodes: string[] };
  // The first recovery code is typed where the terminal shows it.
  markSecrets(uri, new URL(uri).searchParams.get('secret') ?? '', ...recoveryCodes.slice(1));
  const telephone = new TOTP({ secret: new URL(uri).searchParams.get('secret') ?? '' });
  const code = (steps = 0): string => telephone.generate({ timestamp: Date.now() + steps * 30_000 });

  const asked = typed(sides, 'ada', 'eap-gtc');
  await asked.answer(/Password: /, 'ada-pass');
  await asked.answer(/One-time code: /, '000 000');
  const first = code();
  await asked.answer(/This code is wrong\. One-time code: /, `${first.slice(0, 3)} ${first.slice(3)}`);
  await asked.until(/Connected in/);
  expect(await host.sessions()).toMatchObject([{ user: 'ada', method: 'eap-gtc' }]);
  await end(asked);

  const again = piped(sides, 'ada', `ada-pass${first}`, 'mschapv2');
  expect((await again.failed()).code).toBe('auth.rejected');
  await again.stop();
  const next = code(1);
  const appended = piped(sides, 'ada', `ada-pass${next}`, 'mschapv2');
  await appended.connected();
  await appended.stop();
  const recovered = typed(sides, 'ada', 'eap-gtc');
  await recovered.answer(/Password: /, 'ada-pass');
  await recovered.answer(/One-time code: /, recoveryCodes[0] ?? '');
  await recovered.until(/Connected in/);
  await end(recovered);
  expect((await reasonsOf(sides)).reverse()).toEqual(['wrongCode', 'codeReused']);
  const audit = await host.command('audit', 'show', '--kind', 'userChanged');
  expect(audit.stdout).toMatch(/ada got one-time codes by an administrator[^]*ada used a recovery code by the user/);

  // Two steps ahead is no drift, but a guess; so is anything else, and who guesses is asked no more.
  const guesses = [code(3), '000000', '000001', '000002', '000003'];
  for (const some of [guesses.slice(0, 3), guesses.slice(3)]) {
    const guessing = typed(sides, 'ada', 'eap-gtc');
    await guessing.answer(/Password: /, 'ada-pass');
    for (const guess of some) await guessing.answer(/One-time code: /, guess);
    await guessing.until(/auth\.rejected/);
    await end(guessing);
  }
  const locked = piped(sides, 'ada', `ada-pass${code(1)}`, 'mschapv2');
  expect((await locked.failed()).code).toBe('auth.rejected');
  await locked.stop();
  expect((await reasonsOf(sides)).slice(0, 6)).toEqual(['lockedOut', ...guesses.map(() => 'wrongCode')]);
  const locks = await host.command('audit', 'show', '--kind', 'lockedOut');
  expect(locks.stdout).toMatch(/ada/);

  // Nothing that was typed or shown once is in what the host writes.
  const secrets = [first, next, ...recoveryCodes, new URL(uri).searchParams.get('secret') ?? '', 'ada-pass'];
  const written = [
    host.process.stdout(),
    host.process.stderr(),
    readFileSync(join(host.folder, 'audit', 'audit.jsonl'), 'utf8'),
    readFileSync(join(host.folder, 'users', 'users.store'), 'utf8'),
  ].join('\n');
  for (const secret of secrets.filter((each) => each.length > 6)) expect(written).not.toContain(secret);
  expect(again.process.stdout() + appended.process.stdout() + asked.shown()).not.toContain('ada-pass');

  await host.ask({
    request: 'addUser',
    user: hostUser.parse({ name: 'alice' }),
    password: new Secret('not asked for'),
  });
  const own = piped(sides, 'alice', 'nor told', 'eap-tls');
  await own.connected();
  expect(await host.sessions()).toMatchObject([{ user: 'alice', method: 'eap-tls' }]);
});
