import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { accessReview } from '../../main/contracts/access-review.ts';
import { createCrypto } from '../../main/engine/crypto/index.ts';
import { Secret } from '../../main/contracts/secret.ts';
import { Directory, readServer, type LdapConfig, type LdapOutcome } from '../../main/host/ldap/index.ts';
import { NtlmAuth } from '../../main/host/winbind/index.ts';
import { challengeHash, proofOfPassword } from '../../main/protocol/ppp/index.ts';
import {
  encryptOldHash,
  encryptPassword,
  generateAuthenticatorResponse,
  generateNtResponse,
} from '../../main/protocol/ppp/auth/mschapv2.ts';
import { utf8 } from '../../main/protocol/wire/bytes.ts';
import { createAuthority } from '../support/certificates.ts';
import { startCulvertHost, type CulvertHost } from '../support/culvert-host.ts';
import { startCulvert, startTypedCulvert, type Culvert } from '../support/culvert.ts';
import { createNetwork, type Host, type Network } from '../support/namespaces.ts';
import { loopback, radiusSecret, startFreeRadius } from '../support/peers/freeradius.ts';
import { domain, domainReader, startDomainController, type DomainController } from '../support/peers/samba.ts';
import { eventually } from '../support/processes.ts';
import { scratchFolder } from '../support/scratch.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

const crypto = await createCrypto();
const { signal } = new AbortController();
const controllerAddress = '203.0.113.50';
const hostAddress = '203.0.113.40';
const secret = (text: string): Secret => new Secret(utf8(text));

let network: Network;
let gateway: Host;
let controller: DomainController;
let ca: { readonly pem: string; readonly certificateFile: string };
beforeAll(async () => {
  network = await createNetwork();
  const [machine, authority] = await Promise.all([
    network.addMachine('dc', { address: controllerAddress }),
    createAuthority(scratchFolder('authority'), 'office'),
  ]);
  ca = authority;
  const certificate = await authority.issue(`DNS:localhost,IP:${controllerAddress}`);
  controller = await startDomainController(machine, { ...certificate, caFile: authority.certificateFile });
  gateway = await network.addMachine('gateway', { address: hostAddress });
});
afterAll(async () => {
  await controller.stop();
  await network.remove();
});

function open(changes: Partial<LdapConfig> = {}): Directory {
  const address = `ldaps://localhost:${controller.ldapsPort}`;
  return new Directory({
    servers: [readServer(address) ?? expect.fail(address)],
    ca: ca.pem,
    search: {
      base: domain.base,
      filter: domain,
      as: { dn: domainReader.name, password: secret(domainReader.password) },
    },
    reading: {
      addressAttribute: 'msRADIUSFramedIPAddress',
      groups: [
        { value: 'vpn users', group: 'staff' },
        { value: `cn=Field \\(North\\),CN=Users,${domain.base}`, group: 'field' },
        { value: 'Field (North)', group: 'field' },
        { value: 'Everywhere', group: 'everybody' },
        { value: 'Domain Users', group: 'primary' },
        { value: 'Printers', group: 'printers' },
        { value: '*', group: 'nobody' },
      ],
    },
    timeoutMs: 20_000,
    ...changes,
  });
}

const gist = (outcome: LdapOutcome): string => (outcome.kind === 'refused' ? outcome.reason : outcome.kind);

describe('over LDAPS', () => {
  const ask = (user: string, password: string): Promise<LdapOutcome> =>
    open().judge({ user, password: secret(password) });

  test('a user is found by every form of the name, with an address and with groups through groups', async () => {
    const forms = ['ada', 'ADA', 'CORP\\ada', 'corp.test\\Ada', 'ada@corp.test', 'ada.king@office.test'];
    const outcomes = await Promise.all(forms.map((user) => ask(user, 'ada-pass')));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        kind: 'known',
        dn: `CN=ada,OU=Sales,${domain.base}`,
        account: { domain: 'CORP', account: 'ada' },
        grant: {
          groups: ['staff', 'field', 'everybody', 'primary'],
          address: { chosenBy: 'server', address: '10.91.37.40' },
        },
        remarks: [],
      });
    }
    expect(await ask('bob', 'bob-pass')).toMatchObject({
      kind: 'known',
      grant: { groups: ['everybody', 'primary', 'printers'] },
    });
  });

  test('nobody is found by another domain, an unknown name, or a name that is meant for the filter', async () => {
    const names = [
      'OTHER\\ada',
      'ada@other.test',
      'CORP\\',
      '@corp.test',
      'nobody',
      '*',
      'a*',
      'ada)(objectClass=*',
      '\\61da',
      'CORP\\ada@corp.test',
      // Computers and groups are none.
      'dc1$',
      'VPN Users',
    ];
    const outcomes = await Promise.all(names.map((user) => ask(user, 'ada-pass')));
    expect(outcomes.map((outcome, i) => [names[i], gist(outcome)])).toEqual(names.map((name) => [name, 'unknownUser']));
  });

  test('whoever may not come in is refused with the reason that the domain gives', async () => {
    const reasons = {
      ada: 'wrongPassword',
      disabled: 'accountDisabled',
      expired: 'accountExpired',
      newcomer: 'mustChange',
    } as const;
    for (const [user, reason] of Object.entries(reasons)) {
      const password = user === 'ada' ? 'another' : `${user}-pass`;
      expect([user, gist(await ask(user, password))]).toEqual([user, reason]);
    }
    for (let i = 0; i < 3; i += 1) await ask('guesser', 'wrong');
    expect(gist(await ask('guesser', 'guesser-pass'))).toBe('locked');
  });

  test('an account is known again after it was moved and renamed, and not by another that took its name', async () => {
    const directory = open();
    const known = await directory.judge({ user: 'bob', password: secret('bob-pass') });
    if (known.kind !== 'known') return expect.fail(gist(known));
    const { dn, guid } = known;
    const again = () => directory.recheck({ user: 'bob', dn, ...(guid !== undefined && { guid }) });
    expect(gist(await again())).toBe('known');
    await controller.modify(
      dn,
      `changetype: modrdn\nnewrdn: CN=Robert\ndeleteoldrdn: 1\nnewsuperior: OU=Sales,${domain.base}`,
    );
    expect(gist(await again())).toBe('known');
    expect(gist(await directory.recheck({ user: 'bob', dn }))).toBe('unknownUser');
    return undefined;
  });
});

describe('by ntlm_auth', () => {
  const challenges = (userName: string) => ({
    authenticatorChallenge: crypto.random(16),
    peerChallenge: crypto.random(16),
    userName,
  });
  const ntlm = (program = controller.ntlmAuth): NtlmAuth => new NtlmAuth({ program, timeoutMs: 20_000 });
  async function judged(account: string, password: string, by = ntlm()): Promise<string> {
    const asked = challenges(`CORP\\${account}`);
    const ntResponse = generateNtResponse(crypto, asked, password);
    const challenge = challengeHash(crypto, asked);
    const answer = await by.judge({ domain: 'CORP', account, challenge, ntResponse }, signal);
    if (answer.kind === 'refused') return answer.reason;
    if (answer.kind !== 'accepted') return answer.kind;
    const proof = proofOfPassword(crypto, asked, ntResponse, answer.hashHash.expose());
    return proof === generateAuthenticatorResponse(crypto, asked, ntResponse, password) ? 'proven' : 'not proven';
  }

  test('MS-CHAPv2 is judged, and answered with a proof that the domain knows the password', async () => {
    const cases = [
      ['ada', 'ada-pass', 'proven'],
      ['ada', 'wrong', 'wrongPassword'],
      ['nobody', 'ada-pass', 'unknownUser'],
      ['ada\nUsername: bob', 'bob-pass', 'unknownUser'],
      ['disabled', 'disabled-pass', 'accountDisabled'],
      ['expired', 'expired-pass', 'accountExpired'],
      ['newcomer', 'newcomer-pass', 'passwordExpired'],
      ['guesser', 'guesser-pass', 'locked'],
    ] as const;
    const reasons = await Promise.all(cases.map(([account, password]) => judged(account, password)));
    expect(cases.map(([account, password], i) => [account, password, reasons[i]])).toEqual(cases);
  });

  test('a password that has to be changed is, and the new one is good then', async () => {
    const change = (oldPassword: string, newPassword: string) =>
      ntlm().change(
        {
          domain: 'CORP',
          account: 'newcomer',
          encryptedPassword: encryptPassword(crypto, newPassword, oldPassword),
          encryptedHash: encryptOldHash(crypto, oldPassword, newPassword),
        },
        signal,
      );
    expect(await change('wrong', 'fresh-pass')).toEqual({ kind: 'refused', reason: 'wrongPassword' });
    expect(await change('newcomer-pass', 'x')).toEqual({ kind: 'refused', reason: 'newPasswordRefused' });
    expect(await change('newcomer-pass', 'fresh-pass')).toEqual({ kind: 'changed' });
    expect(await judged('newcomer', 'fresh-pass')).toBe('proven');
  });
});

describe('a host of the domain', () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });

  async function connect(label: string, address: string, user: string, password: string, method: string) {
    const machine = await network.addMachine(label, { address });
    const culvert = startCulvert(machine, {
      gateway: hostAddress,
      user,
      password,
      profile: { ppp: { authentication: [method] }, network: { mode: 'split', routes: ['10.64.0.0/24'] } },
    });
    cleanUps.push(() => culvert.cleanUp());
    return culvert;
  }

  async function reasonsOf(host: CulvertHost): Promise<readonly string[]> {
    const answer = await host.ask({ request: 'failures' });
    return answer.answer === 'failures' ? answer.failures.map(({ reason }) => reason) : [];
  }

  test('lets its users in by MS-CHAPv2 and by PAP, and ends their sessions once the domain says so', async () => {
    const host = await startCulvertHost(gateway, {
      users: [],
      config: {
        authentication: { methods: ['mschapv2', 'pap'], sources: ['winbind', 'ldap'], recheck: 5 },
        defaultGroup: null,
        groups: { staff: {}, printers: {} },
        pools: { clients: { ranges: ['10.64.0.0/24'] }, fixed: { ranges: ['10.91.37.0/24'] } },
        ldap: {
          kind: 'activeDirectory',
          domain: domain.dnsName,
          servers: [`ldaps://${controllerAddress}`],
          caFile: ca.certificateFile,
          search: { bindDn: domainReader.name, bindPassword: domainReader.password },
          groups: [
            { value: 'VPN Users', group: 'staff' },
            { value: 'Printers', group: 'printers' },
          ],
          timeout: 20,
        },
        winbind: { program: controller.ntlmAuth, timeout: 20 },
      },
    });
    cleanUps.push(() => host.cleanUp());
    const configFile = join(host.folder, 'host.json');
    const [ada, bob, outsider]: readonly Culvert[] = await Promise.all([
      connect('ada', '203.0.113.31', 'CORP\\ada', 'ada-pass', 'mschapv2'),
      connect('bob', '203.0.113.32', 'bob@corp.test', 'bob-pass', 'pap'),
      connect('outsider', '203.0.113.33', 'outsider', 'outsider-pass', 'mschapv2'),
    ]);
    if (ada === undefined || bob === undefined || outsider === undefined) return expect.fail('no client');
    expect((await ada.connected()).localAddress).toBe('10.91.37.40');
    await bob.connected();
    expect((await outsider.failed()).phase).toBe('userAuthentication');
    const online = (await host.sessions()).map(({ user, groups, method }) => ({ user, groups, method }));
    expect(online).toEqual(
      expect.arrayContaining([
        { user: 'CORP\\ada', groups: ['staff'], method: 'mschapv2' },
        { user: 'bob@corp.test', groups: ['printers'], method: 'pap' },
      ]),
    );
    expect(await reasonsOf(host)).toEqual(['notAllowed']);

    const review = await host.command('access-review', '--format', 'json', '--config', configFile);
    expect(accessReview.parse(JSON.parse(review.stdout)).users).toMatchObject([
      { user: 'CORP\\ada', judgedBy: 'winbind', groups: ['staff'], weaknesses: [] },
      { user: 'bob@corp.test', judgedBy: 'ldap', groups: ['printers'], weaknesses: ['pap'] },
    ]);

    await controller.disable('ada');
    await eventually('the end of the session of a disabled account', 60_000, async () => {
      const names = (await host.sessions()).map(({ user }) => user);
      return !names.includes('CORP\\ada') && names.includes('bob@corp.test');
    });
    const refused = await connect('again', '203.0.113.34', 'ada', 'ada-pass', 'mschapv2');
    expect((await refused.failed()).phase).toBe('userAuthentication');
    expect((await reasonsOf(host))[0]).toBe('accountDisabled');

    const printers = `CN=Printers,CN=Users,${domain.base}`;
    await controller.modify(printers, `changetype: modify\ndelete: member\nmember: ${await controller.dnOf('bob')}`);
    await eventually('the end of the session of who is in no group any more', 60_000, async () => {
      return (await host.sessions()).length === 0;
    });
    const ended = await host.command('audit', 'show', '--kind', 'sessionStopped', '--json', '--config', configFile);
    expect(ended.stdout.match(/"cause":"accountClosed"/g)).toHaveLength(2);
    return undefined;
  });

  test('that asks it through RADIUS passes on who is who, and the password that a user changes', async () => {
    const address = '203.0.113.41';
    const machine = await network.addMachine('beside', { address });
    const radius = await startFreeRadius({
      on: machine,
      domain: { name: domain.netbiosName, ntlmAuth: controller.ntlmAuth },
    });
    cleanUps.push(() => radius.stop());
    const { authenticationPort, accountingPort } = radius;
    const host = await startCulvertHost(machine, {
      users: [],
      config: {
        authentication: { methods: ['mschapv2'], sources: ['radius'] },
        radius: {
          servers: [{ address: loopback, authenticationPort, accountingPort, secret: radiusSecret }],
        },
      },
    });
    cleanUps.push(() => host.cleanUp());
    const client = await network.addMachine('renewing', { address: '203.0.113.35' });
    const options = {
      gateway: address,
      user: 'renewing',
      profile: { ppp: { authentication: ['mschapv2'] }, network: { mode: 'split', routes: ['10.64.0.0/24'] } },
    } as const;
    const typed = startTypedCulvert(client, options);
    cleanUps.push(() => typed.cleanUp());
    await typed.answer(/Password: /, 'renewing-pass');
    for (const chosen of ['x', 'renewed-pass']) {
      await typed.answer(/New password: /, chosen);
      await typed.answer(/The same again: /, chosen);
      await typed.until(chosen === 'x' ? /auth\.passwordChangeFailed/ : /Connected in/);
    }
    typed.process.write('\u0003');
    await typed.process.exited;
    for (const [password, end] of [
      ['renewing-pass', 'auth.rejected'],
      ['renewed-pass', 'connected'],
    ] as const) {
      const culvert = startCulvert(client, { ...options, password });
      cleanUps.push(() => culvert.cleanUp());
      const event = await culvert.until(({ event: name }) => name === 'connected' || name === 'failed');
      expect(event.event === 'failed' ? event.failure.code : event.event).toBe(end);
      await culvert.stop();
    }
    // The right password of who has to change it is no guess.
    expect((await reasonsOf(host)).toReversed()).toEqual([
      'passwordExpired',
      'passwordChangeRefused',
      'passwordExpired',
      'wrongPassword',
    ]);
  });
});
