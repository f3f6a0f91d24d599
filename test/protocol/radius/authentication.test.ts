import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../../main/protocol/ppp/index.ts';
import { verdictOf, type AuthenticationOutcome, type RadiusInput } from '../../../main/protocol/radius/index.ts';
import { writeAnswer } from '../../../main/protocol/radius/wire/authenticators.ts';
import { codes, readPacket } from '../../../main/protocol/radius/wire/packet.ts';
import { latin1, utf8 } from '../../../main/protocol/wire/bytes.ts';
import { runWire } from '../../support/lossy-wire.ts';
import { seeds } from '../../support/seeded-crypto.ts';
import {
  Client,
  MemoryServer,
  Servers,
  config,
  credentials,
  exchange,
  only,
  secret,
  server,
  session,
} from './support.ts';

const methods = ['pap', 'chap-md5', 'mschapv2'] as const;

describe('a server is asked', () => {
  test.each(methods)('with %s: the right password is accepted, a wrong one refused', (method) => {
    const client = new Client();
    const radius = new MemoryServer();
    exchange(client, radius, client.authenticate(1, credentials(method, 'alice-pass')));
    exchange(client, radius, client.authenticate(2, credentials(method, 'wrong')));
    expect(client.outcome(1)).toMatchObject({ kind: 'accepted', server: 'one' });
    expect(client.outcome(2)).toMatchObject({ kind: 'rejected', server: 'one', message: 'go away' });
    expect(verdictOf(client.outcome(1)).ok).toBe(true);
    expect(verdictOf(client.outcome(2))).toMatchObject({ ok: false, code: 691, message: 'go away' });
  });

  test('MS-CHAPv2: the proof of the server, and what its refusal permits, come back', () => {
    const client = new Client();
    const radius = new MemoryServer();
    exchange(client, radius, client.authenticate(1, credentials('mschapv2', 'alice-pass')));
    exchange(client, radius, client.authenticate(2, credentials('mschapv2', 'wrong')));
    expect(client.outcome(1)).toMatchObject({
      authenticatorResponse: expect.stringMatching(/^[0-9A-F]{40}$/) as string,
    });
    expect(client.outcome(2)).toMatchObject({ msChap: { code: 691, retryAllowed: true, message: 'no' } });
    expect(verdictOf(client.outcome(2))).toMatchObject({ code: 691, retryAllowed: true });
  });

  test('with the user name verbatim, and with what the administrator knows the session by', () => {
    const userName = ' CORP\\Älice@Realm.TEST ';
    const client = new Client();
    const radius = new MemoryServer({ [userName]: 'p' });
    const sends = client.authenticate(1, credentials('mschapv2', 'p', userName));
    exchange(client, radius, sends);
    expect(client.outcome().kind).toBe('accepted');
    const [request] = radius.requests;
    expect(request?.values).toMatchObject({
      userName,
      nasIdentifier: 'gateway.test',
      nasIpAddress: '203.0.113.1',
      acctSessionId: '4711',
      nasPort: 3,
      callingStationId: '198.51.100.7',
      serviceType: 2,
      framedProtocol: 1,
      nasPortType: 5,
    });
    expect(only(sends).bytes.subarray(20, 22)).toEqual(Uint8Array.of(80, 18));
  });

  test('a challenge becomes a prompt, whose answer goes back with the State to the server that asked', () => {
    const client = new Client(config({ deadTimeMs: 0 }));
    const second = new MemoryServer();
    second.decide = (_, { state }) =>
      state === undefined
        ? {
            code: codes.accessChallenge,
            values: { state: latin1('s1'), replyMessage: ['Code?'], prompt: 0, sessionTimeout: 30 },
          }
        : { code: codes.accessAccept, values: {} };
    client.authenticate(1);
    client.give({ kind: 'sendFailed', channel: { purpose: 'authentication', server: 0, socket: 0 }, cause: 'refused' });
    exchange(client, second, client.all('send').slice(1));
    const asked = client.outcome(1);
    expect(asked).toEqual({
      kind: 'challenged',
      server: 'two',
      state: latin1('s1'),
      message: 'Code?',
      echo: false,
      timeoutSeconds: 30,
    });
    if (asked.kind !== 'challenged') return;
    client.effects.length = 0;
    const challenge = { server: asked.server, state: asked.state };
    const sends = client.give({
      kind: 'authenticate',
      request: 2,
      credentials: credentials('pap', '123456'),
      session,
      challenge,
    });
    expect(only(sends).channel.server).toBe(1);
    exchange(client, second, sends);
    expect(client.outcome(2).kind).toBe('accepted');
    expect(second.requests.at(-1)?.values.state).toEqual(latin1('s1'));
  });

  test('what it accepts for another service is a refusal, and MS-CHAPv2 without proof is none of its answers', () => {
    const client = new Client();
    const telnet = new MemoryServer(undefined, { serviceType: 1 });
    exchange(client, telnet, client.authenticate(1));
    expect(client.outcome(1)).toMatchObject({ kind: 'rejected', otherService: 1 });
    const silent = new MemoryServer();
    silent.decide = () => ({ code: codes.accessAccept, values: {} });
    const toSecond = exchange(client, silent, client.authenticate(2, credentials('mschapv2', 'x')));
    expect(exchange(client, silent, toSecond)).toEqual([]);
    expect(client.outcome(2)).toMatchObject({ kind: 'noServer', failures: [{ server: 'one' }, { server: 'two' }] });
  });

  test.each([
    ['a password of 129 bytes', credentials('pap', 'x'.repeat(129))],
    ['a name of 254 bytes', credentials('pap', 'x', 'ä'.repeat(127))],
  ])('not at all with %s', (_, shown) => {
    const client = new Client();
    expect(client.authenticate(1, shown)).toEqual([]);
    expect(client.outcome().kind).toBe('unsendable');
    expect(client.deadlineMs()).toBeUndefined();
  });

  test('no more, once the user hung up', () => {
    const client = new Client();
    const sends = client.authenticate(1);
    client.give({ kind: 'cancel', request: 1 });
    expect(client.outcome()).toEqual({ kind: 'cancelled' });
    exchange(client, new MemoryServer(), sends);
    expect(client.all('outcome')).toHaveLength(1);
    expect(client.deadlineMs()).toBeUndefined();
  });
});

test.each<[AuthenticationOutcome, Verdict]>([
  [
    {
      kind: 'challenged',
      server: 's',
      state: latin1('x'),
      message: 'Code?',
      echo: true,
      timeoutSeconds: undefined,
      eap: undefined,
    },
    { ok: false, code: 691, message: 'Code?', retryAllowed: false },
  ],
  [
    { kind: 'noServer', failures: [] },
    { ok: false, code: 691, message: 'no authentication server answers', retryAllowed: true },
  ],
  [
    { kind: 'rejected', server: 's', message: 'no', msChap: undefined, otherService: 1 },
    { ok: false, code: 649, message: 'no', retryAllowed: false },
  ],
  [
    { kind: 'unsendable', what: '' },
    { ok: false, code: 691, retryAllowed: false },
  ],
  [{ kind: 'cancelled' }, { ok: false, code: 691, retryAllowed: false }],
])('to the PPP peer %o is %o', (outcome, verdict) => {
  expect(verdictOf(outcome)).toEqual(verdict);
});

describe('nobody else can answer', () => {
  const forgeries: readonly (readonly [string, (request: Uint8Array) => Uint8Array, object])[] = [
    ['with another secret', (bytes) => accept(bytes, latin1('other')), { code: 'wrongSecret' }],
    ['without a Message-Authenticator', (bytes) => unsigned(bytes), { code: 'unsigned' }],
    ['to another request', (bytes) => accept(bytes.with(4, (bytes[4] ?? 0) ^ 1), secret), { code: 'wrongSecret' }],
    ['with garbage', () => utf8('lorem ipsum dolor sit amet'), { code: 'malformed' }],
    ['with the request itself', (bytes) => bytes, { code: 'wrongSecret' }],
  ];

  test.each(forgeries)(
    '%s: it is dropped, the true answer still counts, and the cause is named',
    (_, forge, trouble) => {
      const client = new Client(config({ servers: { authentication: [server('one')], accounting: [] } }));
      const radius = new MemoryServer();
      const sends = client.authenticate(1);
      const { channel, bytes } = only(sends);
      client.give({ kind: 'datagram', channel, bytes: forge(bytes) });
      expect(client.all('outcome')).toEqual([]);
      exchange(client, radius, sends);
      expect(client.outcome(1).kind).toBe('accepted');
      const second = only(client.authenticate(2));
      client.give({ kind: 'datagram', channel: second.channel, bytes: forge(second.bytes) });
      while (client.deadlineMs() !== undefined) client.wait();
      expect(client.outcome(2)).toMatchObject({ kind: 'noServer', failures: [{ server: 'one', trouble }] });
    },
  );

  test('an answer that comes again, or late, or to one that was answered, changes nothing', () => {
    const client = new Client();
    const radius = new MemoryServer();
    const { channel, bytes } = only(client.authenticate(1));
    const answer = radius.answer(bytes) ?? new Uint8Array();
    for (let i = 0; i < 3; i++) client.give({ kind: 'datagram', channel, bytes: answer });
    expect(client.all('outcome')).toHaveLength(1);
    const late = only(client.authenticate(2));
    const lateAnswer = radius.answer(late.bytes) ?? new Uint8Array();
    while (!client.outcomes().has(2)) client.wait();
    expect(client.outcome(2).kind).toBe('noServer');
    client.give({ kind: 'datagram', channel: late.channel, bytes: lateAnswer });
    client.give({ kind: 'datagram', channel, bytes: answer });
    expect(client.all('outcome')).toHaveLength(2);
  });

  test('a late answer to one request says nothing against another', () => {
    const client = new Client(config({ servers: { authentication: [server('one')], accounting: [] } }));
    const radius = new MemoryServer();
    const { channel, bytes } = only(client.authenticate(1));
    const answer = radius.answer(bytes) ?? new Uint8Array();
    client.authenticate(2);
    for (let i = 0; i < 2; i++) client.give({ kind: 'datagram', channel, bytes: answer });
    while (client.deadlineMs() !== undefined) client.wait();
    expect(client.outcome(2)).toMatchObject({ failures: [{ trouble: { code: 'noAnswer' } }] });
  });

  test('an answer with any one bit changed is never accepted, and neither are arbitrary bytes', () => {
    const client = new Client();
    const { channel, bytes } = only(client.authenticate(1, credentials('mschapv2', 'alice-pass')));
    const answer = new MemoryServer().answer(bytes) ?? new Uint8Array();
    const mutations = fc.oneof(
      fc.nat(answer.length * 8 - 1).map((bit) => answer.with(bit >> 3, (answer[bit >> 3] ?? 0) ^ (1 << (bit & 7)))),
      fc.nat(answer.length - 1).map((length) => answer.subarray(0, length)),
      fc.uint8Array({ maxLength: 200 }).map((tail) => Uint8Array.from([2, bytes[1] ?? 0, 0, tail.length + 4, ...tail])),
      fc.uint8Array({ maxLength: 100 }),
    );
    fc.assert(
      fc.property(mutations, (datagram) => {
        client.give({ kind: 'datagram', channel, bytes: datagram });
        expect(client.all('outcome')).toEqual([]);
      }),
      { numRuns: 1500 },
    );
    client.give({ kind: 'datagram', channel, bytes: answer });
    expect(client.outcome().kind).toBe('accepted');
  });
});

function accept(request: Uint8Array, key: Uint8Array): Uint8Array {
  const { crypto } = new MemoryServer();
  return writeAnswer(crypto, key, codes.accessAccept, readPacket(request), {});
}

/** As an old server answers: the digest alone. */
function unsigned(request: Uint8Array): Uint8Array {
  const { crypto } = new MemoryServer();
  const plain = Uint8Array.from([2, request[1] ?? 0, 0, 20, ...request.subarray(4, 20)]);
  return Uint8Array.from([...plain.subarray(0, 4), ...crypto.hash('md5', plain, secret)]);
}

test(
  'over a wire that loses, repeats, reorders and corrupts nobody is accepted or refused wrongly',
  { timeout: 120_000 },
  () => {
    let decided = 0;
    for (const seed of seeds(15)) {
      const users = Array.from({ length: 30 }, (_, i) => `user${i}`);
      const opening = users.map((userName, i): RadiusInput => {
        const password = i % 3 === 0 ? 'wrong' : 'right';
        const shown = credentials(methods[i % 3] ?? 'pap', password, userName);
        return { kind: 'authenticate', request: i, credentials: shown, session };
      });
      const passwords = Object.fromEntries(users.map((name) => [name, 'right']));
      const client = new Client(config(), opening, seed);
      const [one, two] = [new MemoryServer(passwords), new MemoryServer(passwords)];
      const wire = { seed, loss: 0.2, repeat: 0.2, reorder: 0.3, corrupt: 0.1 };
      const done = (): boolean => client.outcomes().size === users.length;
      const servers = new Servers({ authentication: [seed % 4 === 0 ? undefined : one, two], accounting: [] });
      expect(runWire([client, servers], wire, { done, timeoutMs: 300_000 }).ended).toBe('done');
      for (const [request, { kind }] of client.outcomes()) {
        expect([request % 3 === 0 ? 'rejected' : 'accepted', 'noServer']).toContain(kind);
        if (kind !== 'noServer') decided += 1;
      }
      expect(client.all('outcome')).toHaveLength(users.length);
      expect(client.state.exchanges.size).toBe(0);
      expect(client.state.servers.authentication.every(({ slots }) => slots.size === 0)).toBe(true);
    }
    expect(decided).toBeGreaterThan(30 * seeds(15).length * 0.9);
  },
);
