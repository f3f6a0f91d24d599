import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import {
  freePort,
  loopback,
  radclient,
  radiusSecret,
  startFreeRadius,
  type FreeRadius,
} from '../support/peers/freeradius.ts';
import { people, reader, startOpenLdap, suffix, type OpenLdap } from '../support/peers/openldap.ts';
import { scratchFolder } from '../support/scratch.ts';
import { counted, Scene } from '../host/authority/support.ts';

let radius: FreeRadius;
let ldap: OpenLdap;
let pem: string;
const cleanUps: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  const authority = await createAuthority(scratchFolder('certificates'), 'right');
  pem = authority.pem;
  const certificate = await authority.issue('DNS:localhost');
  [radius, ldap] = await Promise.all([startFreeRadius(), startOpenLdap({ certificate })]);
});
afterAll(() => Promise.all([radius.stop(), ldap.stop()]));
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const pools = { office: { ranges: ['10.91.37.0/24'] }, 'staff-pool': { ranges: ['10.99.0.0/24'] } };
const groups = { default: {}, staff: {}, printers: {}, guests: { rate: { up: 64, down: 64 } } };

const at = ({ authenticationPort, accountingPort }: FreeRadius) => {
  return { address: loopback, authenticationPort, accountingPort, secret: radiusSecret, timeout: 1, tries: 2 };
};

/** A host whose RADIUS servers are these. */
function withRadius(servers: readonly FreeRadius[], dynamicAuthorization?: object) {
  return {
    authentication: { methods: ['mschapv2', 'chap-md5', 'pap'], sources: ['local', 'radius'] },
    pools,
    groups,
    radius: {
      servers: servers.map(at),
      groups: ['staff', 'printers', 'guests'].map((name) => ({ value: name, group: name })),
      ...(dynamicAuthorization !== undefined && { dynamicAuthorization }),
    },
  };
}

describe('FreeRADIUS and the authority', () => {
  test.each(['pap', 'chap-md5', 'mschapv2'] as const)(
    'a sign-in by %s, from the question to the policy',
    async (method) => {
      const scene = await Scene.open(withRadius([radius]));
      expect(await scene.signIn('alice', 'alice-pass', { method })).toMatchObject({
        verdict: { ok: true, message: 'Welcome, alice' },
        policy: {
          user: 'alice',
          groups: ['staff', 'printers'],
          address: { kind: 'fixed', address: '10.99.0.77' },
          dnsServers: ['10.99.0.1', '10.99.0.2'],
          rateUp: 1000,
          rateDown: 4000,
          sessionTimeout: 3600,
          idleTimeout: 600,
          sessionsPerUser: 2,
          mtu: 1400,
          networks: ['10.77.0.0/24', '10.78.0.0/24', '2001:db8:9900::/56'],
        },
      });
      expect((await scene.signIn('CORP\\Älice', 'pä$$wörd', { method })).verdict.ok).toBe(true);
      expect(await scene.signIn('alice', 'wrong', { method })).toMatchObject({ verdict: { ok: false, code: 691 } });
      expect(await scene.signIn('blocked', 'x', { method })).toMatchObject({
        verdict: { ok: false, message: 'Account disabled' },
      });
      expect(scene.recorded('authenticationFailed')).toMatchObject([
        { user: 'alice', method, reason: 'wrongPassword', judgedBy: 'radius' },
        { user: 'blocked', method, reason: 'wrongPassword', judgedBy: 'radius' },
      ]);
    },
  );

  test('a session is accounted for from its start to its end', async () => {
    const scene = await Scene.open(withRadius([radius]));
    const session = await scene.online('alice', '10.99.0.77');
    scene.authority.counted(new Map([[session, counted(1n, 1n)]]));
    scene.end(session, 'alice', 'sessionTimeout');
    await scene.stop();
    const records = radius.accounting();
    const [, start = '', stop = ''] = records
      .split(/\n\n/)
      .filter((text) => /alice|Accounting-On/.test(text))
      .slice(-3);
    const id = /Acct-Session-Id = "([^"]+)"/.exec(start)?.[1];
    expect(id).toMatch(/^[0-9a-f]+-[0-9a-f]+$/);
    for (const line of [
      'Acct-Status-Type = Stop',
      `Acct-Session-Id = "${id}"`,
      'Acct-Terminate-Cause = Session-Timeout',
      'Acct-Session-Time = 61',
      'Acct-Input-Octets = 705032704',
      'Acct-Input-Gigawords = 1',
      'Class = 0x636c6173732d616c696365',
      'Framed-IP-Address = 10.99.0.77',
      'Calling-Station-Id = "198.51.100.7"',
    ]) {
      expect(stop).toContain(line);
    }
    expect(records.trimEnd().split(/\n\n/).at(-1)).toContain('Acct-Status-Type = Accounting-Off');
  });

  test('a server that dies or hangs: the next one is asked, and the outage is written down', async () => {
    const doomed = await startFreeRadius();
    cleanUps.push(() => doomed.stop());
    const scene = await Scene.open(withRadius([doomed, radius]));
    expect((await scene.signIn('alice')).verdict.ok).toBe(true);
    doomed.signal('SIGSTOP');
    expect((await scene.signIn('alice')).verdict.ok).toBe(true);
    expect(await scene.signIn('alice', 'wrong')).toMatchObject({ verdict: { ok: false, code: 691 } });
    expect(scene.recorded('serverUnavailable')).toContainEqual({
      kind: 'serverUnavailable',
      server: 'radius',
      address: loopback,
    });
    expect(scene.recorded('authenticationFailed')).toMatchObject([{ reason: 'wrongPassword' }]);
  });

  test('no server at all is a cause of its own, and no accept', async () => {
    const doomed = await startFreeRadius();
    cleanUps.push(() => doomed.stop());
    const scene = await Scene.open({ ...withRadius([doomed]), localUsers: { file: 'u', keyFile: 'k' } });
    await doomed.kill();
    expect(await scene.signIn('alice')).toMatchObject({ verdict: { ok: false, retryAllowed: true } });
    expect(scene.reasons()).toEqual(['serversUnavailable']);
    expect(scene.said.join('\n')).toMatch(/RADIUS server .* is unavailable: refused/);
    const servers = [{ ...at(radius), secret: 'another secret' }];
    const wrongSecret = scene.ground({
      ...withRadius([]),
      radius: { servers },
      localUsers: { file: 'u', keyFile: 'k' },
    });
    await scene.authority.reconfigure(wrongSecret, { how: 'reloaded', sessionsEnded: 0 });
    expect((await scene.signIn('alice')).verdict.ok).toBe(false);
    expect(scene.reasons()).toEqual(['serversUnavailable', 'serversUnavailable']);
  });

  test('radclient changes a session, then disconnects it, and is told what cannot be done', async () => {
    const port = await freePort();
    const clients = [{ address: loopback, secret: radiusSecret }];
    const scene = await Scene.open(withRadius([radius], { port, clients }));
    const session = await scene.online('alice', '10.99.0.77');
    const date = (): string => `Event-Timestamp = ${Math.floor(Date.now() / 1000)}`;
    const ask = (what: 'coa' | 'disconnect', ...attributes: string[]) => radclient(port, what, [...attributes, date()]);
    expect(await ask('coa', 'User-Name = "alice"', 'Filter-Id = "guests"', 'Session-Timeout = 60')).toMatch(/CoA-ACK/);
    expect(scene.of('changePolicy')).toMatchObject([
      { session, policy: { groups: ['guests'], sessionTimeout: 60, idleTimeout: 600, rateUp: 1000 } },
    ]);
    expect(await ask('coa', 'User-Name = "alice"', 'Filter-Id = "nonsense"')).toMatch(
      /CoA-NAK[^]*Error-Cause = Invalid-Attribute-Value/,
    );
    expect(await ask('disconnect', 'User-Name = "bob"')).toMatch(/Disconnect-NAK[^]*Session-Context-Not-Found/);
    expect(await ask('disconnect', 'Framed-IP-Address = 10.99.0.77')).toMatch(/Disconnect-ACK/);
    expect(scene.of('disconnect')).toEqual([{ kind: 'disconnect', who: { session }, cause: 'serverRequest' }]);
  });
});

describe('OpenLDAP and the authority', () => {
  const withLdap = (scene: { readonly caFile: string }, server: string, methods: readonly string[] = ['pap']) => ({
    authentication: { methods, sources: ['local', 'ldap'] },
    groups,
    ldap: {
      servers: [server],
      caFile: scene.caFile,
      search: { base: suffix, filter: '(uid={user})', bindDn: reader.dn, bindPassword: reader.password },
      groups: [{ value: `cn=vpn users,ou=groups,${suffix}`, group: 'staff' }],
    },
  });

  async function open(server: string, methods?: readonly string[]) {
    const scene = await Scene.open({}, [{ name: 'local' }]);
    scene.write('ca.pem', pem);
    const members = withLdap({ caFile: 'ca.pem' }, server, methods);
    expect(
      await scene.authority.reconfigure(scene.ground(members), { how: 'reloaded', sessionsEnded: 0 }),
    ).toMatchObject({ ok: true });
    return scene;
  }

  test('who is not in the local store is looked for in the directory, by PAP alone', async () => {
    const scene = await open(`ldaps://localhost:${ldap.ldapsPort}`, ['pap', 'mschapv2']);
    expect(await scene.signIn('alice', 'alice-pass', { method: 'pap' })).toMatchObject({
      verdict: { ok: true },
      policy: { groups: ['staff'] },
    });
    expect((await scene.signIn('local', 'local-pass', { method: 'mschapv2' })).verdict.ok).toBe(true);
    for (const [user, password, method] of [
      ['alice', 'wrong', 'pap'],
      ['alice', '', 'pap'],
      ['nobody', 'x', 'pap'],
      ['alice', 'alice-pass', 'mschapv2'],
      ['*', 'alice-pass', 'pap'],
    ] as const) {
      expect((await scene.signIn(user, password, { method })).verdict).toMatchObject({ ok: false, code: 691 });
    }
    expect(scene.reasons()).toEqual(['wrongPassword', 'wrongPassword', 'unknownUser', 'noCommonMethod', 'unknownUser']);
  });

  test('a server that is away is a cause of its own, and no wrong password', async () => {
    const gone = await open('ldaps://localhost:1');
    expect((await gone.signIn('alice', 'alice-pass', { method: 'pap' })).verdict.ok).toBe(false);
    expect(gone.reasons()).toEqual(['serversUnavailable']);
    expect(gone.recorded('serverUnavailable')).toEqual([
      { kind: 'serverUnavailable', server: 'ldap', address: 'localhost' },
    ]);
  });

  test('whose entry is removed loses the session at the next check', async () => {
    const scene = await open(`ldaps://localhost:${ldap.ldapsPort}`);
    const dn = `uid=shortlived,${people}`;
    const entry = ['objectClass: inetOrgPerson', 'cn: s', 'sn: s', 'userPassword: shortlived-pass'];
    await ldap.modify([`dn: ${dn}`, 'changetype: add', ...entry, ''].join('\n'));
    const session = await scene.online('shortlived', '10.91.37.9', { method: 'pap' });
    await ldap.modify([`dn: ${dn}`, 'changetype: delete', ''].join('\n'));
    const members = withLdap({ caFile: 'ca.pem' }, `ldaps://localhost:${ldap.ldapsPort}`);
    await scene.authority.reconfigure(scene.ground(members), { how: 'reloaded', sessionsEnded: 0 });
    await scene.until('it ends', () => scene.of('disconnect').length === 1);
    expect(scene.of('disconnect')).toEqual([{ kind: 'disconnect', who: { session }, cause: 'accountClosed' }]);
  });
});
