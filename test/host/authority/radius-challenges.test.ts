import { describe, expect, test } from 'vitest';
import { radiusSource } from '../../../main/host/authority/sources/radius.ts';
import type { Answer } from '../../../main/host/authority/sources/source.ts';
import type { Further, LinkEffect, Verdict, VerifyRequest } from '../../../main/protocol/ppp/index.ts';
import { Packet } from '../../../main/protocol/ppp/packet.ts';
import type { AuthenticationOutcome, AuthenticationRequest } from '../../../main/protocol/radius/index.ts';
import { readReplyPolicy } from '../../../main/protocol/radius/policy/policy.ts';
import { fromUtf8, utf8 } from '../../../main/protocol/wire/bytes.ts';
import { decode, encode } from '../../../main/protocol/wire/codec.ts';
import { clientConfig, hostConfig, LinkUnderTest } from '../../protocol/ppp/links.ts';
import { session } from '../../protocol/radius/support.ts';
import { runWire, type WireEnd } from '../../support/lossy-wire.ts';
import { seeds } from '../../support/seeded-crypto.ts';

/** What a RADIUS server asks beyond the first answer, from the server to the client's user and back. */

const { signal } = new AbortController();
const longRunMs = 600_000;

type Respond = (asked: AuthenticationRequest, turn: number) => AuthenticationOutcome;

/** A source whose servers answer so, and what they were asked. */
function serverSaying(respond: Respond) {
  const asked: AuthenticationRequest[] = [];
  const authenticate = (request: AuthenticationRequest): Promise<AuthenticationOutcome> => {
    asked.push(request);
    return Promise.resolve(respond(request, asked.length - 1));
  };
  const source = radiusSource(() => ({ authenticate }), []);
  return { asked, judge: (request: VerifyRequest): Promise<Answer> => source.judge({ request, session }, signal) };
}

const challenged = (state: number, more: { message?: string; eap?: Uint8Array } = {}): AuthenticationOutcome => ({
  kind: 'challenged',
  server: 'second',
  state: Uint8Array.of(state),
  message: more.message ?? '',
  echo: false,
  timeoutSeconds: undefined,
  eap: more.eap,
});
const accepted = (userName?: string): AuthenticationOutcome => ({
  kind: 'accepted',
  server: 'second',
  policy: readReplyPolicy(userName === undefined ? {} : { userName }),
  authenticatorResponse: undefined,
});
const rejected: AuthenticationOutcome = { kind: 'rejected', server: 'second', message: 'no', msChap: undefined };

/** An end of the wire that goes on where the last run left it. */
function from(end: LinkUnderTest, sinceMs: number, first: Uint8Array[]): WireEnd {
  return {
    start: () => first,
    receive: (datagram, nowMs) => end.receive(datagram, nowMs + sinceMs),
    tick: (nowMs) => end.tick(nowMs + sinceMs),
    deadlineMs: () => {
      const deadlineMs = end.deadlineMs();
      return deadlineMs === undefined ? undefined : deadlineMs - sinceMs;
    },
  };
}

/** Client and host on a bad wire, the host asking the server; what is on its way while it is asked is lost. */
async function converse(
  { method, types = [] }: { readonly method: 'eap-gtc'; readonly types?: readonly string[] },
  relays: boolean,
  judge: (request: VerifyRequest) => Promise<Answer>,
  seed: number,
) {
  const client = new LinkUnderTest({ ...clientConfig, methods: [method], userWaitMs: 60_000 }, seed);
  const host = new LinkUnderTest({ ...hostConfig, methods: [relays ? 'eap' : method] }, seed + 1000);
  const waiting: Extract<LinkEffect, { kind: 'verify' }>[] = [];
  const typed = [...types];
  client.react = (effect) => {
    const text = effect.kind === 'challenge' ? typed.shift() : undefined;
    return text === undefined ? undefined : { kind: 'response', text };
  };
  host.react = (effect) => {
    if (effect.kind === 'verify') waiting.push(effect);
    return effect.kind === 'addressWanted' ? { kind: 'assignAddress', address: '10.99.0.10' } : undefined;
  };
  const isSettled = ({ state, up }: LinkUnderTest): boolean => state.at === 'closed' || up !== undefined;
  let nowMs = 0;
  let first: readonly [Uint8Array[], Uint8Array[]] = [client.start(0), host.start(0)];
  for (let turn = 0; turn < 20; turn++) {
    const faults = { seed: seed * 100 + turn, loss: 0.15, repeat: 0.15, reorder: 0.2 };
    const done = (): boolean => waiting.length > 0 || (isSettled(client) && isSettled(host));
    const run = runWire([from(client, nowMs, first[0]), from(host, nowMs, first[1])], faults, {
      done,
      timeoutMs: 200_000,
    });
    nowMs += run.nowMs;
    const effect = waiting.shift();
    if (effect === undefined) break;
    const verdict = verdictOf(await judge(effect.request));
    first = [[], host.input({ kind: 'verdict', attempt: effect.attempt, verdict })];
  }
  return { client, host };
}

function verdictOf(answer: Answer): Verdict | Further {
  if (answer.kind === 'further') return answer.further;
  if (answer.kind === 'accepted' || answer.kind === 'refused') return answer.verdict;
  throw new Error(answer.kind);
}

describe('a server that asks after the password', () => {
  const askTwice: Respond = ({ credentials, challenge }, turn) => {
    const text = credentials.method === 'pap' ? fromUtf8(credentials.password) : '';
    if (challenge === undefined) return text === 'alice-pass' ? challenged(1, { message: 'First code' }) : rejected;
    if (challenge.state[0] === 1) return text === '111' ? challenged(2, { message: 'Second code' }) : rejected;
    if (text === '222') return accepted();
    return turn < 3 ? challenged(3, { message: 'Wrong. Second code' }) : rejected;
  };

  test(
    'reaches the user in its words and order, each question with its own State',
    { timeout: longRunMs },
    async () => {
      for (const seed of seeds(20)) {
        const { asked, judge } = serverSaying(askTwice);
        const { client, host } = await converse(
          { method: 'eap-gtc', types: ['111', '333', '222'] },
          false,
          judge,
          seed,
        );
        expect({ seed, up: client.up?.local }).toEqual({ seed, up: '10.99.0.10' });
        expect(client.all('challenge').map(({ text }) => text)).toEqual([
          'First code',
          'Second code',
          'Wrong. Second code',
        ]);
        expect(asked.map(({ challenge }) => challenge)).toEqual([
          undefined,
          ...[1, 2, 3].map((state) => ({ server: 'second', state: Uint8Array.of(state) })),
        ]);
        expect(host.all('authenticated')).toMatchObject([{ method: 'eap-gtc' }]);
      }
    },
  );

  test('is asked nothing again after its no', { timeout: longRunMs }, async () => {
    for (const seed of seeds(10)) {
      const { asked, judge } = serverSaying(askTwice);
      const { client, host } = await converse({ method: 'eap-gtc', types: ['999'] }, false, judge, seed);
      expect(asked).toHaveLength(2);
      expect(client.up).toBeUndefined();
      expect(host.cause).toMatchObject({ code: 'authenticationRejected' });
    }
  });
});

describe('a server that speaks EAP itself', () => {
  const says = (identifier: number, text: string): Uint8Array =>
    encode(Packet, { code: 1, identifier, data: Uint8Array.of(6, ...utf8(text)) });
  const script: Respond = (_, turn) =>
    [challenged(7, { eap: says(41, 'Password') }), challenged(8, { eap: says(42, 'Token') }), accepted()][turn] ??
    rejected;

  test('hears what the client says, to the bit, and decides', { timeout: longRunMs }, async () => {
    for (const seed of seeds(20)) {
      const { asked, judge } = serverSaying(script);
      const { client } = await converse({ method: 'eap-gtc', types: ['4711'] }, true, judge, seed);
      expect({ seed, up: client.up?.local }).toEqual({ seed, up: '10.99.0.10' });
      const heard = asked.map(({ credentials }) => credentials.method === 'eap' && decode(Packet, credentials.message));
      expect(heard).toMatchObject([
        { code: 2, data: Uint8Array.of(1, ...utf8('CORP\\alice')) },
        { code: 2, identifier: 41, data: Uint8Array.of(6, ...utf8('alice-pass')) },
        { code: 2, identifier: 42, data: Uint8Array.of(6, ...utf8('4711')) },
      ]);
      expect(asked.map(({ challenge }) => challenge?.state[0])).toEqual([undefined, 7, 8]);
    }
  });

  test('is not believed where it asks for nothing', async () => {
    const { judge } = serverSaying(() => challenged(1, { message: 'a code' }));
    const request = { method: 'eap', userName: 'alice', message: new Uint8Array(), mtuBytes: 1400 } as const;
    expect(await judge(request)).toMatchObject({ kind: 'refused', reason: 'approvalDenied' });
  });

  test.each([
    ['alice', 'alice', true],
    ['alice', undefined, true],
    ['CORP\\alice', 'alice@corp.example', true],
    ['CORP\\alice', 'Alice', true],
    ['alice@corp.example', 'ALICE@CORP.EXAMPLE', true],
    ['alice', 'mallory', false],
    ['alice', 'alice.mallory', false],
    ['CORP\\alice', 'OTHER\\alice', false],
    ['CORP\\alice', 'alice@partner.example', false],
    ['alice@partner.example', 'CORP\\alice', false],
    ['alice@corp.example', 'alice@other.example', false],
    ['alice', 'mallory@alice', false],
  ])('%s who is %s to the server comes in: %s', async (claimed, proven, isLetIn) => {
    const { judge } = serverSaying(() => accepted(proven));
    const request = { method: 'eap', userName: claimed, message: new Uint8Array(), mtuBytes: 1400 } as const;
    const answer = await judge(request);
    expect(answer).toMatchObject(
      isLetIn ? { kind: 'accepted' } : { kind: 'refused', reason: 'notAllowed', verdict: { code: 649 } },
    );
  });
});

test.each<[string, VerifyRequest]>([
  ['PAP of a client that knows no question', { method: 'pap', userName: 'alice', password: utf8('alice-pass') }],
  [
    'MS-CHAPv2',
    {
      method: 'mschapv2',
      userName: 'alice',
      identifier: 1,
      authenticatorChallenge: new Uint8Array(16),
      peerChallenge: new Uint8Array(16),
      ntResponse: new Uint8Array(24),
    },
  ],
])('a question is no answer by %s', async (_, request) => {
  const { judge } = serverSaying(() => challenged(1, { message: 'Code' }));
  expect(await judge(request)).toMatchObject({ kind: 'refused', verdict: { ok: false, message: 'Code' } });
});

test('a certificate that the host has verified is nothing for a server', async () => {
  const { asked, judge } = serverSaying(() => accepted());
  expect(await judge({ method: 'eap-tls', userName: 'alice', names: ['alice'] })).toEqual({ kind: 'unable' });
  expect(asked).toEqual([]);
});
