import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createDynamicAuthorization,
  dynamicAuthorizationDefaults,
  stepDynamicAuthorization,
  type DynamicAuthorizationConfig,
  type DynamicAuthorizationEffect,
  type DynamicAuthorizationInput,
  type DynamicAuthorizationState,
} from '../../../main/protocol/radius/index.ts';
import { readAttributes } from '../../../main/protocol/radius/wire/attribute-codec.ts';
import type { AttributeValues } from '../../../main/protocol/radius/wire/attributes.ts';
import { judgeAnswer, writeDynamicRequest } from '../../../main/protocol/radius/wire/authenticators.ts';
import { codes, readPacket } from '../../../main/protocol/radius/wire/packet.ts';
import { latin1 } from '../../../main/protocol/wire/bytes.ts';
import { seededCrypto } from '../../support/seeded-crypto.ts';
import { firstUnixSeconds, only, secret } from './support.ts';

const crypto = seededCrypto(3);
const from = { address: '192.0.2.10', port: 40_000 };

class Listener {
  state: DynamicAuthorizationState;
  nowMs = 0;
  logs: string[] = [];

  constructor(changes: Partial<DynamicAuthorizationConfig> = {}) {
    this.state = createDynamicAuthorization({
      ...dynamicAuthorizationDefaults,
      clients: [{ name: 'aaa', address: from.address, secret }],
      nas: { identifier: 'gateway.test', address: '203.0.113.1' },
      ...changes,
    });
  }

  give(input: DynamicAuthorizationInput): DynamicAuthorizationEffect[] {
    const unixSeconds = firstUnixSeconds + this.nowMs / 1000;
    const { state, effects } = stepDynamicAuthorization(this.state, input, { nowMs: this.nowMs, unixSeconds, crypto });
    this.state = state;
    this.logs.push(...effects.flatMap((effect) => (effect.kind === 'log' ? [effect.text] : [])));
    return effects.filter(({ kind }) => kind !== 'log');
  }

  hear(bytes: Uint8Array, sender = from): DynamicAuthorizationEffect[] {
    return this.give({ kind: 'datagram', from: sender, bytes });
  }
}

function request(values: AttributeValues, code: number = codes.disconnectRequest, identifier = 1): Uint8Array {
  return writeDynamicRequest(crypto, secret, { code, identifier }, { eventTimestamp: firstUnixSeconds, ...values });
}

const disconnect = request({ acctSessionId: '4711', userName: 'alice' });

/** What an answer says, once it is known to be one. */
function answerTo(bytes: Uint8Array, effects: readonly DynamicAuthorizationEffect[]) {
  const effect = only(effects);
  if (effect.kind !== 'send') throw new Error(effect.kind);
  expect(effect.to).toEqual(from);
  expect(judgeAnswer(crypto, secret, readPacket(bytes).authenticator, effect.bytes)).toBeUndefined();
  const { code, attributes } = readPacket(effect.bytes);
  return { code, values: readAttributes(attributes).values };
}

describe('a request of a listed server', () => {
  test('to disconnect is handed to the host, and its answer back', () => {
    const listener = new Listener();
    expect(listener.hear(disconnect)).toEqual([
      {
        kind: 'request',
        request: 1,
        client: 'aaa',
        action: 'disconnect',
        selector: { userName: 'alice', sessionId: '4711' },
      },
    ]);
    const answer = listener.give({ kind: 'answer', request: 1, answer: { ok: true } });
    expect(answerTo(disconnect, answer).code).toBe(codes.disconnectAck);
    expect(listener.give({ kind: 'answer', request: 1, answer: { ok: true } })).toEqual([]);
  });

  test('to change a session says what shall be otherwise, and is refused with a cause', () => {
    const listener = new Listener();
    const change = request(
      {
        acctSessionId: '1',
        nasIdentifier: 'gateway.test',
        filterId: ['slow'],
        sessionTimeout: 60,
        proxyState: [latin1('p1'), latin1('p2')],
      },
      codes.coaRequest,
    );
    expect(only(listener.hear(change))).toMatchObject({
      action: 'change',
      selector: { sessionId: '1' },
      policy: { filters: ['slow'], sessionTimeoutSeconds: 60 },
    });
    const said = listener.give({
      kind: 'answer',
      request: 1,
      answer: { ok: false, errorCause: 'sessionContextNotFound' },
    });
    const { code, values } = answerTo(change, said);
    expect(code).toBe(codes.coaNak);
    expect(values).toMatchObject({ errorCause: 503, proxyState: [latin1('p1'), latin1('p2')] });
  });

  test.each<[string, AttributeValues, number, number]>([
    ['that names no session', {}, codes.disconnectRequest, 402],
    ['that names another gateway', { acctSessionId: '1', nasIdentifier: 'other' }, codes.disconnectRequest, 403],
    ['that names another address', { acctSessionId: '1', nasIpAddress: '203.0.113.2' }, codes.coaRequest, 403],
    ['that has us ask anew', { acctSessionId: '1', serviceType: 17 }, codes.coaRequest, 405],
    ['with what a session cannot be told', { acctSessionId: '1', framedMtu: 1400 }, codes.coaRequest, 401],
    ['to disconnect, with a policy', { acctSessionId: '1', filterId: ['x'] }, codes.disconnectRequest, 401],
    ['with a rate that is none', { acctSessionId: '1', mikrotikRateLimit: 'fast' }, codes.coaRequest, 407],
  ])('%s is refused', (_, values, code, errorCause) => {
    const listener = new Listener();
    const bytes = request(values, code);
    const answer = answerTo(bytes, listener.hear(bytes));
    expect([answer.code, answer.values.errorCause]).toEqual([code + 2, errorCause]);
    expect(answerTo(bytes, listener.hear(bytes))).toEqual(answer);
  });

  test('that comes again gets the same answer, and is not carried out again', () => {
    const listener = new Listener();
    listener.hear(disconnect);
    expect(listener.hear(disconnect)).toEqual([]);
    const first = listener.give({ kind: 'answer', request: 1, answer: { ok: true } });
    expect(listener.hear(disconnect)).toEqual(first);
  });
});

describe('what is dropped without a word', () => {
  const other = latin1('other');
  const dropped: readonly (readonly [
    string,
    Uint8Array,
    { address: string; port: number },
    Partial<DynamicAuthorizationConfig>,
  ])[] = [
    ['a request from elsewhere', disconnect, { ...from, address: '192.0.2.11' }, {}],
    [
      'one that another secret made',
      writeDynamicRequest(crypto, other, { code: 40, identifier: 1 }, { acctSessionId: '1' }),
      from,
      {},
    ],
    ['one without a date', request({ acctSessionId: '1', eventTimestamp: undefined as never }), from, {}],
    ['one of ten minutes ago', request({ acctSessionId: '1', eventTimestamp: firstUnixSeconds - 600 }), from, {}],
    ['one of a time to come', request({ acctSessionId: '1', eventTimestamp: firstUnixSeconds + 600 }), from, {}],
    ['an Access-Request', request({ acctSessionId: '1' }, codes.accessRequest), from, {}],
    [
      'what cannot be answered for its length',
      request({ acctSessionId: '1', proxyState: Array(16).fill(new Uint8Array(250)) as Uint8Array[] }),
      from,
      {},
    ],
    [
      'one without Message-Authenticator, where it must have one',
      unsigned({ acctSessionId: '1' }),
      from,
      { requireMessageAuthenticator: true },
    ],
  ];

  test.each(dropped)('%s', (_, bytes, sender, changes) => {
    const listener = new Listener(changes);
    expect(listener.hear(bytes, sender)).toEqual([]);
    expect(listener.logs).toHaveLength(1);
    expect(listener.state.remembered.size).toBe(0);
  });

  test('a request that was overheard and is repeated: from another port, later, and when it is too old', () => {
    const listener = new Listener();
    listener.hear(disconnect);
    listener.give({ kind: 'answer', request: 1, answer: { ok: true } });
    expect(listener.hear(disconnect, { ...from, port: 40_001 })).toEqual([]);
    for (const seconds of [10, 299, 301, 599, 601, 3600]) {
      listener.nowMs = seconds * 1000;
      expect(listener.hear(disconnect, { ...from, port: 40_001 })).toEqual([]);
    }
    expect(listener.state.remembered.size).toBe(0);
  });

  test('a request with any one bit changed', () => {
    for (let bit = 0; bit < disconnect.length * 8; bit++) {
      const listener = new Listener();
      const altered = disconnect.with(bit >> 3, (disconnect[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
      expect(listener.hear(altered)).toEqual([]);
    }
  });

  test('arbitrary bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc
        .uint8Array({ minLength: 16, maxLength: 80 })
        .map((tail) => Uint8Array.from([43, 1, 0, tail.length + 4, ...tail])),
    );
    fc.assert(
      fc.property(bytes, (datagram) => {
        expect(new Listener().hear(datagram)).toEqual([]);
      }),
    );
  });
});

/** The digest alone, as many servers send it. */
function unsigned(values: AttributeValues): Uint8Array {
  const signed = request(values);
  const blank = Uint8Array.from([
    ...signed.subarray(0, 3),
    signed.length - 18,
    ...new Uint8Array(16),
    ...signed.subarray(38),
  ]);
  return Uint8Array.from([...blank.subarray(0, 4), ...crypto.hash('md5', blank, secret), ...blank.subarray(20)]);
}

test('a request without Message-Authenticator or date is heard where the configuration permits', () => {
  const listener = new Listener({ requireEventTimestamp: false });
  const undated = { acctSessionId: '1', eventTimestamp: undefined as never };
  expect(listener.hear(unsigned(undated))).toHaveLength(1);
});

test('what is remembered is bounded, and forgotten in time', () => {
  const listener = new Listener({ mostRemembered: 2 });
  const requests = [1, 2, 3].map((identifier) => request({ acctSessionId: '1' }, codes.disconnectRequest, identifier));
  const [, , third = new Uint8Array()] = requests;
  const effects = requests.map((bytes) => only(listener.hear(bytes)));
  expect(effects.map(({ kind }) => kind)).toEqual(['request', 'request', 'send']);
  expect(answerTo(third, effects.slice(2)).values.errorCause).toBe(506);
  listener.nowMs = 600_000;
  listener.give({ kind: 'tick' });
  expect(listener.state.remembered.size).toBe(0);
});
