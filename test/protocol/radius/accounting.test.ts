import { describe, expect, test } from 'vitest';
import { unaccounted, type AccountingRecord, type RadiusInput } from '../../../main/protocol/radius/index.ts';
import { latin1 } from '../../../main/protocol/wire/bytes.ts';
import { runWire } from '../../support/lossy-wire.ts';
import { seeds } from '../../support/seeded-crypto.ts';
import {
  Client,
  MemoryServer,
  Servers,
  accounted,
  config,
  exchange,
  firstUnixSeconds,
  only,
  server,
  valuesOf,
} from './support.ts';

const usage = {
  seconds: 3661.5,
  fromUser: { octets: 5_000_000_000n, packets: 7n },
  toUser: { octets: 1n, packets: 0x1_0000_0002n },
};
const account = (record: AccountingRecord): RadiusInput => ({ kind: 'account', record });
const start = (sessionId: string): AccountingRecord => ({ kind: 'start', session: accounted({ sessionId }) });
const interim = (sessionId: string, seconds: number): AccountingRecord => {
  return { kind: 'interim', session: accounted({ sessionId }), usage: { ...usage, seconds } };
};
const stop = (sessionId: string): AccountingRecord => {
  return { kind: 'stop', session: accounted({ sessionId }), usage, cause: 'idleTimeout' };
};
const quick = { retransmission: { firstMs: 1000, maxMs: 1000, sends: 2 }, accountingRetryMs: 10_000 };

/** Lets time pass until a server is sent something. */
function waitForSend(client: Client) {
  for (;;) {
    const sends = client.wait();
    if (sends.length > 0) return sends;
  }
}

describe('a record', () => {
  test('of a session’s end says what was carried, in 64 bits, how long, why, and to which class it belongs', () => {
    const client = new Client();
    const session = accounted({ class: [latin1('a'), latin1('b')], framedAddress: '10.99.0.7' });
    const sends = client.give(account({ kind: 'stop', session, usage, cause: 'idleTimeout' }), 2000);
    expect(valuesOf(only(sends).bytes)).toEqual({
      nasIdentifier: 'gateway.test',
      nasIpAddress: '203.0.113.1',
      userName: 'alice',
      acctStatusType: 2,
      acctSessionId: '4711',
      nasPort: 3,
      callingStationId: '198.51.100.7',
      serviceType: 2,
      framedProtocol: 1,
      nasPortType: 5,
      framedIpAddress: '10.99.0.7',
      class: [latin1('a'), latin1('b')],
      acctAuthentic: 1,
      acctSessionTime: 3661,
      acctInputOctets: 5_000_000_000 - 2 ** 32,
      acctInputGigawords: 1,
      acctInputPackets: 7,
      acctOutputOctets: 1,
      acctOutputGigawords: 0,
      acctOutputPackets: 2,
      acctTerminateCause: 4,
      eventTimestamp: firstUnixSeconds + 2,
      acctDelayTime: 0,
    });
  });

  test('stays until a server takes it, and says each time how late it is', () => {
    const client = new Client(config(quick));
    client.give(account(start('1')));
    const delays: (number | undefined)[] = [];
    let sends = client.all('send');
    while (delays.length < 3) {
      delays.push(valuesOf(only(sends.slice(-1)).bytes).acctDelayTime);
      for (let again = 1; again < quick.retransmission.sends; again++) waitForSend(client);
      sends = waitForSend(client);
    }
    expect(delays[0]).toBe(0);
    expect(delays[1]).toBeGreaterThanOrEqual(11);
    expect(delays[2]).toBeGreaterThanOrEqual(23);
    expect(client.all('accountingDelayed')[0]).toMatchObject({
      failures: [{ server: 'books', trouble: { code: 'noAnswer' } }],
    });
    expect(valuesOf(only(sends).bytes).eventTimestamp).toBe(firstUnixSeconds);
    expect(unaccounted(client.state)).toBe(1);
    exchange(client, new MemoryServer(), sends);
    expect(client.all('accounted')).toMatchObject([{ server: 'books', record: { kind: 'start' } }]);
    expect(unaccounted(client.state)).toBe(0);
    expect(client.deadlineMs()).toBeUndefined();
  });

  test('goes to the next server when the first is silent, and that server is named', () => {
    const servers = { authentication: [], accounting: [server('one'), server('two')] };
    const client = new Client(config({ ...quick, servers }));
    client.give(account(start('1')));
    waitForSend(client);
    const second = waitForSend(client);
    expect(only(second).channel).toMatchObject({ purpose: 'accounting', server: 1 });
    exchange(client, new MemoryServer(), second);
    expect(client.all('accounted')).toMatchObject([{ server: 'two' }]);
  });
});

describe('the queue', () => {
  test('keeps each session’s records in order, and sessions apart', () => {
    const client = new Client();
    const radius = new MemoryServer();
    const first = client.give(account(start('1')));
    expect(client.give(account(stop('1')))).toEqual([]);
    expect(client.give(account(start('2')))).toHaveLength(1);
    expect(exchange(client, radius, first).map(({ bytes }) => valuesOf(bytes).acctStatusType)).toEqual([2]);
  });

  test('sends that the gateway came up before, and that it goes down after everything else', () => {
    const client = new Client();
    const radius = new MemoryServer();
    const on = client.give(account({ kind: 'on' }));
    const quiet = [start('1'), start('2'), { kind: 'off' } as const, start('3')].flatMap((each) =>
      client.give(account(each)),
    );
    expect(quiet).toEqual([]);
    const starts = exchange(client, radius, on);
    expect(starts.map(({ bytes }) => valuesOf(bytes).acctSessionId)).toEqual(['1', '2']);
    expect(exchange(client, radius, starts.slice(0, 1))).toEqual([]);
    const off = exchange(client, radius, starts.slice(1));
    expect(valuesOf(only(off).bytes).acctStatusType).toBe(8);
    expect(exchange(client, radius, off)).toHaveLength(1);
  });

  test('forgets an interim record that a later one of its session says better', () => {
    const client = new Client();
    const radius = new MemoryServer();
    const first = client.give(account(start('1')));
    for (const seconds of [60, 120, 180]) client.give(account(interim('1', seconds)));
    client.give(account(interim('2', 60)));
    expect(client.state.queue).toHaveLength(1);
    const next = exchange(client, radius, first);
    expect(valuesOf(only(next).bytes).acctSessionTime).toBe(180);
    client.give(account(stop('1')));
    expect(exchange(client, radius, next).map(({ bytes }) => valuesOf(bytes).acctStatusType)).toEqual([2]);
  });

  test('an interim record that no server took is not put back before a later one', () => {
    const client = new Client(config(quick));
    client.give(account(interim('1', 60)));
    client.give(account(interim('1', 120)));
    while (client.state.exchanges.size > 0) client.wait();
    expect(client.state.queue.map(({ record }) => 'usage' in record && record.usage.seconds)).toEqual([120]);
  });

  test('is bounded: interim records are lost first, then the oldest, and each is told', () => {
    const limits = { socketsPerServer: 1, waiting: 1, accountingInFlight: 1, accountingQueue: 3 };
    const client = new Client(config({ limits }));
    for (const record of [start('0'), start('1'), interim('2', 60), start('3'), start('4'), start('5')]) {
      client.give(account(record));
    }
    const lost = client
      .all('accountingLost')
      .map(({ record, cause }) => [record.kind, 'session' in record && record.session.sessionId, cause]);
    expect(lost).toEqual([
      ['interim', '2', 'queueFull'],
      ['start', '1', 'queueFull'],
    ]);
    expect(client.state.queue).toHaveLength(3);
  });

  test('a record that does not fit RADIUS is lost alone', () => {
    const client = new Client();
    const session = accounted({ class: Array.from({ length: 17 }, () => new Uint8Array(250)) });
    expect(client.give(account({ kind: 'start', session }))).toEqual([]);
    expect(client.all('accountingLost')).toMatchObject([{ cause: 'unsendable' }]);
    expect(client.give(account(start('2')))).toHaveLength(1);
  });
});

test(
  'over a wire that loses, repeats, reorders and corrupts every record arrives, in the order of its session',
  { timeout: 60_000 },
  () => {
    for (const seed of seeds(10)) {
      const sessions = Array.from({ length: 12 }, (_, i) => `s${i}`);
      const opening = [
        { kind: 'on' } as const,
        ...sessions.flatMap((id) => [start(id), stop(id)]),
        { kind: 'off' } as const,
      ].map(account);
      const radius = new MemoryServer();
      const client = new Client(config(quick), opening, seed);
      const wire = { seed, loss: 0.3, repeat: 0.2, reorder: 0.3, corrupt: 0.1 };
      const done = (): boolean => unaccounted(client.state) === 0;
      const servers = new Servers({ authentication: [], accounting: [radius] });
      expect(runWire([client, servers], wire, { done, timeoutMs: 3_600_000 }).ended).toBe('done');
      const heard = radius.requests.map(({ values }) => [values.acctSessionId, values.acctStatusType] as const);
      for (const id of sessions) {
        const kinds = heard.filter(([session]) => session === id).map(([, kind]) => kind);
        expect([...new Set(kinds)]).toEqual([1, 2]);
      }
      expect([heard[0]?.[1], heard.at(-1)?.[1]]).toEqual([7, 8]);
      expect(client.all('accountingLost')).toEqual([]);
    }
  },
);
