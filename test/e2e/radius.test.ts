import { createSocket } from 'node:dgram';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCrypto } from '../../main/engine/crypto/index.ts';
import { DynamicAuthorizationListener, RadiusClient, type RadiusEvent } from '../../main/host/radius/index.ts';
import { verifyPassword } from '../../main/protocol/ppp/index.ts';
import {
  dynamicAuthorizationDefaults,
  radiusDefaults,
  type AuthenticationOutcome,
  type DynamicAuthorizationRequest,
  type RadiusConfig,
  type RadiusServer,
} from '../../main/protocol/radius/index.ts';
import { latin1, utf8 } from '../../main/protocol/wire/bytes.ts';
import { accounted, credentials, session } from '../protocol/radius/support.ts';
import {
  freePort,
  loopback,
  radclient,
  radiusSecret,
  startFreeRadius,
  type FreeRadius,
} from '../support/peers/freeradius.ts';

const crypto = await createCrypto();
const methods = ['pap', 'chap-md5', 'mschapv2'] as const;
const nas = { identifier: 'gateway.test', address: '203.0.113.1' };
const impatient = { firstMs: 150, maxMs: 300, sends: 3 };

let radius: FreeRadius;
const cleanUps: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  radius = await startFreeRadius();
});
afterAll(() => radius.stop());
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function at(name: string, port: number, secret = radiusSecret): RadiusServer {
  return { name, address: loopback, port, secret: utf8(secret) };
}

function open(authentication: readonly RadiusServer[], changes: Partial<RadiusConfig> = {}) {
  const events: RadiusEvent[] = [];
  const config = { ...radiusDefaults, servers: { authentication, accounting: [] }, nas, ...changes };
  const client = new RadiusClient(config, crypto, (event) => events.push(event));
  cleanUps.push(() => client.close());
  return { client, events };
}

function signIn(
  client: RadiusClient,
  method: (typeof methods)[number] = 'mschapv2',
  password = 'alice-pass',
  userName = 'alice',
): Promise<AuthenticationOutcome> {
  return client.authenticate({ credentials: credentials(method, password, userName, crypto), session });
}

/** The one that works has time, whatever else this machine does. */
const here = (): RadiusServer => {
  return { ...at('free', radius.authenticationPort), retransmission: radiusDefaults.retransmission };
};

describe('FreeRADIUS judges', () => {
  test.each(methods)('the right and the wrong password by %s', async (method) => {
    const { client } = open([here()]);
    expect(await signIn(client, method)).toMatchObject({ kind: 'accepted', server: 'free' });
    const refused = await signIn(client, method, 'wrong');
    expect(refused).toMatchObject({ kind: 'rejected', server: 'free' });
    if (method === 'mschapv2') expect(refused).toMatchObject({ msChap: { code: 691 } });
  });

  test('and proves by MS-CHAPv2 that it knows the password', async () => {
    const { client } = open([here()]);
    const shown = credentials('mschapv2', 'alice-pass', 'alice', crypto);
    if (shown.method !== 'mschapv2') throw new Error(shown.method);
    const expected = verifyPassword(crypto, shown, 'alice-pass');
    const outcome = await client.authenticate({ credentials: shown, session });
    expect(outcome.kind === 'accepted' && outcome.authenticatorResponse).toBe(
      expected.ok && expected.authenticatorResponse,
    );
  });

  test.each(methods)('a name with a domain and letters beyond ASCII, verbatim, by %s', async (method) => {
    const { client } = open([here()]);
    const outcome = await signIn(client, method, 'pä$$wörd', 'CORP\\Älice');
    expect(outcome).toMatchObject({ kind: 'accepted', policy: { class: [Uint8Array.of(0, 255)] } });
    for (const altered of ['corp\\Älice', 'CORP\\älice', 'CORP\\Älice ', 'Älice']) {
      expect((await signIn(client, method, 'pä$$wörd', altered)).kind).toBe('rejected');
    }
  });

  test('and says what the session shall be', async () => {
    const { client } = open([here()]);
    const outcome = await signIn(client);
    expect(outcome.kind === 'accepted' && outcome.policy).toEqual({
      userName: undefined,
      address: { chosenBy: 'server', address: '10.99.0.77', netmask: '255.255.255.255' },
      pool: 'staff-pool',
      routes: [
        { destination: '10.77.0.0', lengthBits: 24, gateway: undefined, metric: 1 },
        { destination: '10.78.0.0', lengthBits: 24, gateway: undefined, metric: 2 },
      ],
      mtuBytes: 1400,
      ipv6: {
        address: undefined,
        pool: undefined,
        prefixes: [{ address: '2001:db8:99::', lengthBits: 64 }],
        delegatedPrefixes: [{ address: '2001:db8:9900::', lengthBits: 56 }],
        routes: [],
        interfaceId: undefined,
      },
      filters: ['staff', 'printers'],
      class: [latin1('class-alice')],
      sessionTimeoutSeconds: 3600,
      idleTimeoutSeconds: 600,
      portLimit: 2,
      interimSeconds: 300,
      dns: ['10.99.0.1', '10.99.0.2'],
      wins: [],
      rateLimit: {
        fromUser: { bitsPerSecond: 1e6, burst: { bitsPerSecond: 2e6, thresholdBitsPerSecond: 1e6, seconds: 1 } },
        toUser: { bitsPerSecond: 4e6, burst: { bitsPerSecond: 8e6, thresholdBitsPerSecond: 4e6, seconds: 1 } },
      },
      message: 'Welcome, alice',
      unusable: [],
    });
    expect(await signIn(client, 'pap', 'wispr-pass', 'wispr')).toMatchObject({
      policy: { rateLimit: { fromUser: { bitsPerSecond: 512_000 }, toUser: { bitsPerSecond: 2_048_000 } } },
    });
  });

  test('why it refuses, and a service that is not ours', async () => {
    const { client } = open([here()]);
    expect(await signIn(client, 'pap', 'x', 'blocked')).toMatchObject({
      kind: 'rejected',
      message: 'Account disabled',
    });
    expect(await signIn(client, 'pap', 'telnet-pass', 'telnet')).toMatchObject({ kind: 'rejected', otherService: 1 });
  });

  test('an expired password', async () => {
    const { client } = open([here()]);
    const expired = await signIn(client, 'mschapv2', 'old-pass', 'expired');
    expect(expired).toMatchObject({ kind: 'rejected', msChap: { code: 648 } });
  });

  test('a second factor, asked for by a challenge', async () => {
    const { client } = open([here()]);
    for (const [code, kind] of [
      ['000000', 'rejected'],
      ['123456', 'accepted'],
    ] as const) {
      const asked = await signIn(client, 'pap', 'mfa-pass', 'mfa');
      expect(asked).toMatchObject({ kind: 'challenged', message: 'Enter the code', echo: false });
      if (asked.kind !== 'challenged') return;
      const challenge = { server: asked.server, state: asked.state };
      const shown = credentials('pap', code, 'mfa');
      expect((await client.authenticate({ credentials: shown, session, challenge })).kind).toBe(kind);
    }
  });
});

test('FreeRADIUS records the accounting', async () => {
  const accounting = [at('books', radius.accountingPort)];
  const { client, events } = open([], { servers: { authentication: [], accounting } });
  const who = accounted({ userName: 'CORP\\Älice', class: [latin1('class-alice')], framedAddress: '10.99.0.77' });
  const usage = {
    seconds: 7261,
    fromUser: { octets: 5_000_000_000n, packets: 42n },
    toUser: { octets: 99n, packets: 7n },
  };
  client.account({ kind: 'on' });
  client.account({ kind: 'start', session: who });
  expect(await client.drained(10_000)).toBe(true);
  client.account({ kind: 'interim', session: who, usage: { ...usage, seconds: 60 } });
  expect(await client.drained(10_000)).toBe(true);
  client.account({ kind: 'stop', session: who, usage, cause: 'userRequest' });
  client.account({ kind: 'off' });
  expect(await client.drained(10_000)).toBe(true);
  expect(events.flatMap((event) => (event.kind === 'accounted' ? [event.record.kind] : []))).toEqual([
    'on',
    'start',
    'interim',
    'stop',
    'off',
  ]);
  const records = radius.accounting();
  for (const line of [
    'Acct-Status-Type = Accounting-On',
    'Acct-Status-Type = Start',
    'Acct-Status-Type = Interim-Update',
    'Acct-Status-Type = Stop',
    'Acct-Status-Type = Accounting-Off',
    'User-Name = "CORP\\\\Älice"',
    'Acct-Session-Id = "4711"',
    'Class = 0x636c6173732d616c696365',
    'Acct-Session-Time = 7261',
    'Acct-Input-Octets = 705032704',
    'Acct-Input-Gigawords = 1',
    'Acct-Input-Packets = 42',
    'Acct-Output-Octets = 99',
    'Acct-Terminate-Cause = User-Request',
    'Framed-IP-Address = 10.99.0.77',
    'NAS-Identifier = "gateway.test"',
    'NAS-Port-Type = Virtual',
    'Calling-Station-Id = "198.51.100.7"',
  ]) {
    expect(records).toContain(line);
  }
});

describe('a server that fails', () => {
  test('since it was killed: the next one is asked, and the cause is named where there is none', async () => {
    const doomed = await startFreeRadius();
    cleanUps.push(() => doomed.stop());
    const servers = [at('doomed', doomed.authenticationPort), here()];
    const { client, events } = open(servers, { retransmission: impatient });
    expect(await signIn(client)).toMatchObject({ kind: 'accepted', server: 'doomed' });
    await doomed.kill();
    expect(await signIn(client)).toMatchObject({ kind: 'accepted', server: 'free' });
    expect(await signIn(client, 'mschapv2', 'wrong')).toMatchObject({ kind: 'rejected', server: 'free' });
    expect(events).toMatchObject([{ kind: 'serverDown', server: 'doomed', trouble: { code: 'refused' } }]);
    const alone = open(servers.slice(0, 1), { retransmission: impatient });
    expect(await signIn(alone.client)).toEqual({
      kind: 'noServer',
      failures: [{ server: 'doomed', trouble: { code: 'refused' } }],
    });
  });

  test('since it hangs: the next one is asked; what it says once it goes on counts no more', async () => {
    const hanging = await startFreeRadius();
    cleanUps.push(() => hanging.stop());
    const servers = [at('hanging', hanging.authenticationPort), here()];
    const { client, events } = open(servers, { retransmission: impatient, deadTimeMs: 500 });
    hanging.signal('SIGSTOP');
    expect(await signIn(client)).toMatchObject({ kind: 'accepted', server: 'free' });
    expect(events).toMatchObject([{ kind: 'serverDown', server: 'hanging', trouble: { code: 'noAnswer', sends: 3 } }]);
    const alone = open(servers.slice(0, 1), { retransmission: impatient });
    expect(await signIn(alone.client)).toEqual({
      kind: 'noServer',
      failures: [{ server: 'hanging', trouble: { code: 'noAnswer', sends: 3 } }],
    });
    hanging.signal('SIGCONT');
    const patient = open(servers.slice(0, 1));
    expect(await signIn(patient.client, 'mschapv2', 'wrong')).toMatchObject({ kind: 'rejected', server: 'hanging' });
    expect(await signIn(patient.client)).toMatchObject({ kind: 'accepted', server: 'hanging' });
  });

  test.each(methods)('since the secrets differ is never believed, and is passed over (%s)', async (method) => {
    const servers = [at('stranger', radius.authenticationPort, 'another secret'), here()];
    const { client } = open(servers, { retransmission: impatient });
    expect(await signIn(client, method)).toMatchObject({ kind: 'accepted', server: 'free' });
    // It says nothing to a Message-Authenticator that it cannot verify (RFC 3579 §3.2).
    const alone = open(servers.slice(0, 1), { retransmission: impatient });
    expect(await signIn(alone.client, method)).toMatchObject({
      failures: [{ server: 'stranger', trouble: { code: 'noAnswer' } }],
    });
    expect(radius.log()).toMatch(/invalid Message-Authenticator/);
  });

  test('since its answers bear no Message-Authenticator is never believed, and the reason is named', async () => {
    const old = await startFreeRadius({ signs: false });
    cleanUps.push(() => old.stop());
    const retransmission = { firstMs: 1500, maxMs: 1500, sends: 1 };
    const { client } = open([at('old', old.authenticationPort)], { retransmission });
    for (const password of ['alice-pass', 'wrong']) {
      expect(await signIn(client, 'pap', password)).toEqual({
        kind: 'noServer',
        failures: [{ server: 'old', trouble: { code: 'unsigned' } }],
      });
    }
  });

  test('since it answers garbage, or with another’s secret, is never believed, and the reason is named', async () => {
    const secretless = (bytes: Uint8Array): Uint8Array =>
      Uint8Array.from([2, bytes[1] ?? 0, 0, 20, ...bytes.subarray(4, 20)]);
    for (const [answer, code] of [
      [() => utf8('HTTP/1.1 400 Bad Request\r\n\r\n'), 'malformed'],
      [() => new Uint8Array(), 'malformed'],
      [secretless, 'wrongSecret'],
    ] as const) {
      const port = await answering(answer);
      const { client } = open([at('odd', port), here()], { retransmission: impatient });
      expect(await signIn(client)).toMatchObject({ kind: 'accepted', server: 'free' });
      const alone = open([at('odd', port)], { retransmission: impatient });
      expect(await signIn(alone.client)).toMatchObject({
        kind: 'noServer',
        failures: [{ server: 'odd', trouble: { code } }],
      });
    }
  });
});

async function answering(answer: (bytes: Uint8Array) => Uint8Array): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    socket.send(answer(bytes), from.port, from.address);
  });
  cleanUps.push(() => new Promise<void>((resolve) => void socket.close(resolve)));
  const port = await freePort();
  await new Promise<void>((resolve) => {
    socket.bind(port, loopback, resolve);
  });
  return port;
}

describe('radclient', () => {
  const date = (): string => `Event-Timestamp = ${Math.floor(Date.now() / 1000)}`;

  async function listen() {
    const heard: DynamicAuthorizationRequest[] = [];
    const logs: string[] = [];
    const listener = await DynamicAuthorizationListener.open({
      address: loopback,
      port: 0,
      crypto,
      config: {
        ...dynamicAuthorizationDefaults,
        clients: [{ name: 'aaa', address: loopback, secret: utf8(radiusSecret) }],
        nas,
      },
      onLog: (text) => logs.push(text),
      onRequest: (request) => {
        heard.push(request);
        return Promise.resolve(
          request.selector.sessionId === '4711' ? { ok: true } : { ok: false, errorCause: 'sessionContextNotFound' },
        );
      },
    });
    cleanUps.push(() => listener.close());
    return { port: listener.port, heard, logs };
  }

  test('disconnects a session, and is told of one that there is not', async () => {
    const { port, heard } = await listen();
    const signed = ['Message-Authenticator = 0x00', date()];
    expect(await radclient(port, 'disconnect', ['Acct-Session-Id = "4711"', 'User-Name = "alice"', ...signed])).toMatch(
      /Received Disconnect-ACK/,
    );
    const refused = await radclient(port, 'disconnect', ['Acct-Session-Id = "none"', date()]);
    expect(refused).toMatch(/Received Disconnect-NAK[^]*Error-Cause = Session-Context-Not-Found/);
    expect(heard).toMatchObject([
      { action: 'disconnect', client: 'aaa', selector: { sessionId: '4711', userName: 'alice' } },
      { action: 'disconnect', selector: { sessionId: 'none' } },
    ]);
  });

  test('changes a session, and is told what a session cannot be', async () => {
    const { port, heard } = await listen();
    const change = ['Acct-Session-Id = "4711"', 'Mikrotik-Rate-Limit = "1M"', 'Session-Timeout = 60', date()];
    expect(await radclient(port, 'coa', change)).toMatch(/Received CoA-ACK/);
    expect(heard).toMatchObject([
      { action: 'change', policy: { sessionTimeoutSeconds: 60, rateLimit: { toUser: { bitsPerSecond: 1e6 } } } },
    ]);
    const strange = await radclient(port, 'coa', ['Acct-Session-Id = "4711"', 'Framed-MTU = 1400', date()]);
    expect(strange).toMatch(/Received CoA-NAK[^]*Error-Cause = Unsupported-Attribute/);
  });

  test('is not heard with another secret, without a date, or with an old one', async () => {
    const { port, heard, logs } = await listen();
    const session4711 = 'Acct-Session-Id = "4711"';
    const silences = await Promise.all([
      radclient(port, 'disconnect', [session4711, date()], { secret: 'another secret' }),
      radclient(port, 'disconnect', [session4711]),
      radclient(port, 'disconnect', [session4711, 'Event-Timestamp = 1000000000']),
    ]);
    for (const said of silences) expect(said).toMatch(/No reply from server/);
    expect(heard).toEqual([]);
    expect(logs.join('\n')).toMatch(/another secret made/);
    expect(logs.join('\n')).toMatch(/without an Event-Timestamp/);
    expect(logs.join('\n')).toMatch(/s off/);
  });
});
