import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { radiusDeadlineMs, type RadiusInput } from '../../../main/protocol/radius/index.ts';
import { readPacket } from '../../../main/protocol/radius/wire/packet.ts';
import { toHex } from '../../../main/protocol/wire/bytes.ts';
import { runWire } from '../../support/lossy-wire.ts';
import {
  Client,
  MemoryServer,
  Servers,
  accounted,
  config,
  credentials,
  exchange,
  only,
  server,
  session,
} from './support.ts';

const retransmission = { firstMs: 1000, maxMs: 3000, sends: 4 };
const alone = (name: string) => ({ authentication: [server(name)], accounting: [] });

describe('a server that does not answer', () => {
  test('is asked again with the same packet, each time after longer, then the next one with its own', () => {
    const client = new Client(config({ retransmission }));
    const first = only(client.authenticate(1));
    const again = [client.wait(), client.wait(), client.wait()].map(only);
    expect(again.map(({ bytes }) => toHex(bytes))).toEqual(Array(3).fill(toHex(first.bytes)));
    expect(client.nowMs).toBeGreaterThan(0.9 * 6000);
    expect(client.nowMs).toBeLessThan(1.1 * 6000);
    const second = only(client.wait());
    expect(second.channel).toEqual({ purpose: 'authentication', server: 1, socket: 0 });
    expect(toHex(readPacket(second.bytes).authenticator)).not.toBe(toHex(readPacket(first.bytes).authenticator));
    while (client.deadlineMs() !== undefined) client.wait();
    expect(client.outcome()).toEqual({
      kind: 'noServer',
      failures: ['one', 'two'].map((name) => ({ server: name, trouble: { code: 'noAnswer', sends: 4 } })),
    });
  });

  test('is passed over for its dead time, and asked again after it, or when every other is dead too', () => {
    const client = new Client(config({ retransmission, deadTimeMs: 60_000 }));
    const [one, two] = [new MemoryServer(), new MemoryServer()];
    client.authenticate(1);
    while (client.all('send').at(-1)?.channel.server === 0) client.wait();
    exchange(client, two, client.all('send').slice(-1));
    expect(client.outcome(1)).toMatchObject({ kind: 'accepted', server: 'two' });
    expect(client.all('serverDown')).toMatchObject([
      { purpose: 'authentication', server: 'one', trouble: { code: 'noAnswer' } },
    ]);
    expect(only(client.authenticate(2)).channel.server).toBe(1);
    client.give({ kind: 'sendFailed', channel: { purpose: 'authentication', server: 1, socket: 0 }, cause: 'refused' });
    exchange(client, one, client.all('send').slice(-1));
    expect(client.outcome(2)).toMatchObject({ kind: 'accepted', server: 'one' });
    expect(client.all('serverUp')).toMatchObject([{ server: 'one' }]);
    expect(only(client.authenticate(3)).channel.server).toBe(0);
  });

  test('is not given up while it answers others: the one request is to blame', () => {
    const client = new Client(config({ retransmission, servers: alone('one') }));
    const radius = new MemoryServer();
    client.authenticate(1);
    for (let request = 2; !client.outcomes().has(1); request++) {
      exchange(client, radius, client.authenticate(request));
      client.wait();
    }
    expect(client.outcome(1).kind).toBe('noServer');
    expect(client.all('serverDown')).toEqual([]);
  });

  test('has its own patience where the configuration says so', () => {
    const patient = server('one', { retransmission: { firstMs: 60_000, maxMs: 60_000, sends: 1 } });
    const client = new Client(config({ servers: { authentication: [patient, server('two')], accounting: [] } }));
    client.authenticate(1);
    expect(client.deadlineMs()).toBeGreaterThan(0.9 * 60_000);
    expect(only(client.wait()).channel.server).toBe(1);
  });
});

describe('a server whose port is closed', () => {
  const channel = { purpose: 'authentication', server: 0, socket: 0 } as const;

  test('is left at once for the next one', () => {
    const client = new Client();
    client.authenticate(1);
    expect(only(client.give({ kind: 'sendFailed', channel, cause: 'refused' })).channel.server).toBe(1);
    expect(client.all('serverDown')).toMatchObject([{ server: 'one', trouble: { code: 'refused' } }]);
  });

  test('is asked on where it is the only one: it may be starting anew', () => {
    const client = new Client(config({ servers: alone('one') }));
    client.authenticate(1);
    expect(client.give({ kind: 'sendFailed', channel, cause: 'refused' })).toEqual([]);
    const again = client.wait();
    exchange(client, new MemoryServer(), again);
    expect(client.outcome().kind).toBe('accepted');
    client.authenticate(2);
    client.give({ kind: 'sendFailed', channel, cause: 'unreachable' });
    while (client.deadlineMs() !== undefined) client.wait();
    expect(client.outcome(2)).toMatchObject({ failures: [{ server: 'one', trouble: { code: 'unreachable' } }] });
  });
});

describe('identifiers', () => {
  const limits = { socketsPerServer: 2, waiting: 10, accountingInFlight: 64, accountingQueue: 100 };

  test('are never shared by two requests of one socket; a further socket, then a bounded queue take what exceeds them', () => {
    const client = new Client(config({ limits, servers: alone('one') }));
    const sends = Array.from({ length: 530 }, (_, i) => client.authenticate(i)).flat();
    const used = sends.map(({ channel, bytes }) => `${channel.socket}/${bytes[1] ?? -1}`);
    expect(used).toHaveLength(512);
    expect(new Set(used).size).toBe(512);
    expect([...client.outcomes().values()]).toEqual(
      Array(530 - 512 - 10).fill({ kind: 'noServer', failures: [{ server: 'one', trouble: { code: 'busy' } }] }),
    );
    const more = exchange(client, new MemoryServer(), sends.slice(0, 4));
    expect(more).toHaveLength(4);
    expect(new Set(more.map(({ channel, bytes }) => `${channel.socket}/${bytes[1] ?? -1}`)).size).toBe(4);
    client.give({ kind: 'cancel', request: sends.length + 9 });
    let queue = [...sends.slice(4), ...more];
    while (queue.length > 0) queue = exchange(client, new MemoryServer(), queue);
    expect([...client.outcomes().values()].filter(({ kind }) => kind === 'accepted')).toHaveLength(521);
    expect(client.state.exchanges.size).toBe(0);
  });

  test('go round, so that a late answer seldom meets another request', () => {
    const client = new Client();
    const radius = new MemoryServer();
    const identifiers = Array.from({ length: 256 }, (_, i) => {
      const sends = client.authenticate(i);
      exchange(client, radius, sends);
      return only(sends).bytes[1];
    });
    expect(new Set(identifiers).size).toBe(256);
  });
});

test('without any server the outcome says so at once', () => {
  const client = new Client(config({ servers: { authentication: [], accounting: [] } }));
  client.authenticate(1);
  client.give({ kind: 'account', record: { kind: 'on' } });
  expect(client.outcome()).toEqual({ kind: 'noServer', failures: [] });
  expect(client.deadlineMs()).toBeUndefined();
  expect(client.all('send')).toEqual([]);
});

test('a request that is under way is not begun again', () => {
  const client = new Client();
  expect(client.authenticate(1)).toHaveLength(1);
  expect(client.authenticate(1)).toEqual([]);
});

test('arbitrary bytes on any channel never make the machine throw, and decide nothing', () => {
  const channel = fc.record({
    purpose: fc.constantFrom('authentication' as const, 'accounting' as const),
    server: fc.constant(0),
    socket: fc.nat(3),
  });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .tuple(fc.constantFrom(2, 3, 5, 11), fc.constantFrom(0, 1, 2), fc.uint8Array({ minLength: 16, maxLength: 90 }))
      .map(([code, identifier, tail]) => Uint8Array.from([code, identifier, 0, tail.length + 4, ...tail])),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(channel, bytes), { maxLength: 20 }), (datagrams) => {
      const client = new Client();
      for (const request of [1, 2]) client.authenticate(request);
      client.give({ kind: 'account', record: { kind: 'start', session: accounted() } });
      for (const [from, datagram] of datagrams) client.give({ kind: 'datagram', channel: from, bytes: datagram });
      expect([...client.all('outcome'), ...client.all('accounted')]).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('after a tick the next one is due later, if ever', () => {
  const inputs: readonly RadiusInput[] = [
    { kind: 'authenticate', request: 1, credentials: credentials('pap', 'alice-pass'), session },
    { kind: 'authenticate', request: 2, credentials: credentials('mschapv2', 'wrong'), session },
    { kind: 'account', record: { kind: 'on' } },
    { kind: 'account', record: { kind: 'start', session: accounted() } },
    { kind: 'sendFailed', channel: { purpose: 'accounting', server: 0, socket: 0 }, cause: 'refused' },
    { kind: 'cancel', request: 1 },
  ];
  const wires = fc.record({ seed: fc.nat(1e6), loss: fc.constantFrom(0, 0.5, 1), corrupt: fc.constantFrom(0, 0.3) });
  fc.assert(
    fc.property(wires, fc.array(fc.constantFrom(...inputs), { maxLength: 8 }), (wire, opening) => {
      const client = new Client(config({ retransmission }), opening, wire.seed);
      const tick = client.tick.bind(client);
      client.tick = (nowMs) => {
        const sent = tick(nowMs);
        expect(radiusDeadlineMs(client.state) ?? Infinity).toBeGreaterThan(nowMs);
        return sent;
      };
      const servers = new Servers({
        authentication: [undefined, new MemoryServer()],
        accounting: [new MemoryServer()],
      });
      runWire([client, servers], wire, { done: () => false, timeoutMs: 120_000 });
    }),
    { numRuns: 60 },
  );
});
