import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  everyServer,
  type LeaseConfig,
  leaseDeadlineMs,
  type LeaseEffect,
  type LeaseInput,
  type LeaseState,
  messageTypes,
  readDhcp,
  startLease,
  stepLease,
} from '../../../main/protocol/dhcp/index.ts';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';
import { WireError } from '../../../main/protocol/wire/error.ts';
import { runWire, type WireEnd, type WireFaults } from '../../support/lossy-wire.ts';
import { seededCrypto, seeds } from '../../support/seeded-crypto.ts';
import { OfficeServer, type ServerOptions } from './office-server.ts';

const config: LeaseConfig = {
  relayAddress: '10.20.0.5',
  clientId: utf8('\0culvert alice 1'),
  hardwareAddress: Uint8Array.of(2, 0, 0, 1, 2, 3),
  patienceMs: 15_000,
};

/** A lease and what became of it. */
class Client implements WireEnd {
  readonly effects: LeaseEffect[] = [];
  readonly #crypto;
  readonly #config: LeaseConfig;
  readonly #from: string;
  state: LeaseState | undefined;

  constructor(seed = 1, changes: Partial<LeaseConfig> = {}, from = '10.20.0.1') {
    this.#crypto = seededCrypto(seed);
    this.#config = { ...config, ...changes };
    this.#from = from;
  }

  start(nowMs: number): Uint8Array[] {
    return this.#take(startLease(this.#config, { nowMs, crypto: this.#crypto }));
  }

  receive(datagram: Uint8Array, nowMs: number): Uint8Array[] {
    try {
      return this.give({ kind: 'message', from: this.#from, message: readDhcp(datagram) }, nowMs);
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
      return [];
    }
  }

  tick(nowMs: number): Uint8Array[] {
    return this.give({ kind: 'tick' }, nowMs);
  }

  deadlineMs(): number | undefined {
    return this.state && leaseDeadlineMs(this.state);
  }

  give(input: LeaseInput, nowMs: number): Uint8Array[] {
    return this.state === undefined ? [] : this.#take(stepLease(this.state, input, { nowMs, crypto: this.#crypto }));
  }

  of<Kind extends LeaseEffect['kind']>(kind: Kind): Extract<LeaseEffect, { kind: Kind }>[] {
    return this.effects.filter((effect): effect is Extract<LeaseEffect, { kind: Kind }> => effect.kind === kind);
  }

  get address(): string | undefined {
    return this.state !== undefined && 'lease' in this.state ? this.state.lease.address : undefined;
  }

  #take({ state, effects }: ReturnType<typeof startLease>): Uint8Array[] {
    this.state = state;
    this.effects.push(...effects);
    return effects.flatMap((effect) => (effect.kind === 'send' ? [effect.bytes] : []));
  }
}

function wireServer(server: OfficeServer): WireEnd {
  return {
    start: () => [],
    receive: (datagram) => {
      try {
        const answer = server.receive(datagram);
        return answer === undefined ? [] : [answer];
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
        return [];
      }
    },
    tick: () => [],
    deadlineMs: () => undefined,
  };
}

function meet(options: ServerOptions = {}, changes: Partial<LeaseConfig> = {}, faults: WireFaults = { seed: 1 }) {
  const server = new OfficeServer(options);
  const client = new Client(faults.seed, changes);
  let startMs = 0;
  const run = (done: () => boolean, timeoutMs: number) => {
    const begin = client.state === undefined;
    const ends: [WireEnd, WireEnd] = [
      {
        start: () => (begin ? client.start(startMs) : []),
        receive: (datagram, nowMs) => client.receive(datagram, startMs + nowMs),
        tick: (nowMs) => client.tick(startMs + nowMs),
        deadlineMs: () => {
          const dueMs = client.deadlineMs();
          return dueMs === undefined ? undefined : Math.max(0, dueMs - startMs);
        },
      },
      wireServer(server),
    ];
    const result = runWire(ends, faults, { done, timeoutMs });
    startMs += result.nowMs;
    return result;
  };
  return { server, client, run, now: () => startMs };
}

const kinds = (server: OfficeServer) => server.heard.map(({ kind }) => kind);
const { discover, request, release, decline } = messageTypes;

describe('a lease', () => {
  test('is asked for as a relay does, so that the answers come to us', () => {
    const { server, client, run } = meet();
    run(() => client.address !== undefined, 20_000);
    expect(client.of('bound')).toEqual([{ kind: 'bound', address: '10.20.0.100', server: '10.20.0.1', seconds: 3600 }]);
    expect(kinds(server)).toEqual([discover, request]);
    for (const { message } of server.heard) {
      expect(message).toMatchObject({ op: 'request', hops: 1, ciaddr: '0.0.0.0', giaddr: '10.20.0.5' });
      expect(message.hardware).toEqual({ type: 1, address: config.hardwareAddress });
      expect(message.options.get(61)).toEqual(config.clientId);
    }
    expect(client.of('send').map(({ to }) => to)).toEqual([everyServer, everyServer]);
  });

  test('is asked for at one server alone where that is configured, and no other is believed', () => {
    const own = meet({}, { server: '10.20.0.1' });
    own.run(() => own.client.address !== undefined, 20_000);
    expect(own.client.of('send').map(({ to }) => to)).toEqual(['10.20.0.1', '10.20.0.1']);
    const client = new Client(1, { server: '10.20.0.9' }, '10.20.0.66');
    const answer = new OfficeServer({ server: '10.20.0.66' }).receive(client.start(0)[0] ?? new Uint8Array());
    expect(client.receive(answer ?? new Uint8Array(), 10)).toEqual([]);
    expect(client.state?.at).toBe('selecting');
  });

  test('is renewed halfway by unicast, again and again, and the address stays', () => {
    const { server, client, run, now } = meet();
    run(() => false, 24 * 3_600_000);
    expect(client.address).toBe('10.20.0.100');
    expect(client.of('bound')).toHaveLength(1);
    expect(client.of('lost')).toEqual([]);
    const renewals = server.heard.slice(2);
    expect(renewals.length).toBe(47);
    for (const { kind, message } of renewals) {
      expect(kind).toBe(request);
      expect(message).toMatchObject({ ciaddr: '10.20.0.100', giaddr: '10.20.0.5' });
      expect(message.options.has(50)).toBe(false);
    }
    expect(client.of('send').at(-1)?.to).toBe('10.20.0.1');
    expect(now()).toBe(24 * 3_600_000);
  });

  test("takes the server's own times, unless they make no sense", () => {
    const short = meet({ more: { renewalSeconds: 600, rebindingSeconds: 1000 } });
    short.run(() => short.client.address !== undefined, 20_000);
    expect(short.client.deadlineMs()).toBeLessThan(610_000);
    const odd = meet({ more: { renewalSeconds: 5000, rebindingSeconds: 4000 } });
    odd.run(() => odd.client.address !== undefined, 20_000);
    expect(odd.client.deadlineMs()).toBeGreaterThanOrEqual(1_800_000);
  });

  test('without end is never asked about again', () => {
    const { client, run } = meet({ seconds: 0xffff_ffff });
    run(() => client.address !== undefined, 20_000);
    expect(client.deadlineMs()).toBeUndefined();
  });

  test('is taken from another server when its own is gone, in time', () => {
    const { server, client, run } = meet();
    run(() => client.address !== undefined, 20_000);
    server.silent = true;
    run(() => client.state?.at === 'rebinding', 3_600_000);
    expect(client.of('send').at(-1)?.to).toBe(everyServer);
    server.silent = false;
    run(() => client.state?.at === 'bound', 450_000);
    expect(client.address).toBe('10.20.0.100');
  });
});

describe('there is none', () => {
  test('where nobody answers: known within the patience of a user, after a few questions', () => {
    const { server, client, run } = meet();
    server.silent = true;
    const { nowMs } = run(() => client.state?.at === 'over', 60_000);
    expect(client.of('failed')).toEqual([{ kind: 'failed', why: 'silent' }]);
    expect(nowMs).toBe(15_000);
    expect(server.heard.length).toBeGreaterThanOrEqual(3);
    expect(server.heard.length).toBeLessThanOrEqual(5);
  });

  test('where all addresses are taken', () => {
    const { client, run } = meet({ addresses: [] });
    run(() => client.state?.at === 'over', 60_000);
    expect(client.of('failed')).toEqual([{ kind: 'failed', why: 'silent' }]);
  });

  test('where the server refuses what it offered, each time', () => {
    const { server, client, run } = meet();
    server.refuses = true;
    run(() => client.state?.at === 'over', 60_000);
    expect(client.of('failed')).toEqual([{ kind: 'failed', why: 'refused' }]);
    expect(kinds(server)).toEqual([discover, request, discover, request, discover, request]);
  });
});

describe('the address is lost', () => {
  test('at its expiry and not before, when no server answers any more', () => {
    const { server, client, run, now } = meet();
    run(() => client.address !== undefined, 20_000);
    server.silent = true;
    run(() => client.state?.at === 'over', 2 * 3_600_000);
    expect(client.of('lost')).toEqual([{ kind: 'lost', address: '10.20.0.100', why: 'expired' }]);
    expect(Math.abs(now() - 3_600_000)).toBeLessThan(1000);
    expect(server.heard.length).toBeLessThan(30);
  });

  test('when the server refuses to renew it', () => {
    const { server, client, run } = meet();
    run(() => client.address !== undefined, 20_000);
    server.refuses = true;
    run(() => client.state?.at === 'over', 3_600_000);
    expect(client.of('lost')).toEqual([{ kind: 'lost', address: '10.20.0.100', why: 'refused' }]);
  });

  test('but not because another server says so while ours is asked', () => {
    const { client, run, now } = meet();
    run(() => client.address !== undefined, 20_000);
    const rogue = new OfficeServer({ server: '10.20.0.66' });
    const [question] = client.tick(client.deadlineMs() ?? 0);
    client.receive(rogue.receive(question ?? new Uint8Array()) ?? new Uint8Array(), now());
    expect(rogue.heard).toHaveLength(1);
    expect(client.state?.at).toBe('renewing');
  });
});

test('what is given back is free, and what is declined is given to nobody', () => {
  const { server, client, run } = meet();
  run(() => client.address !== undefined, 20_000);
  client.give({ kind: 'release' }, 30_000).forEach((bytes) => server.receive(bytes));
  expect(kinds(server).at(-1)).toBe(release);
  expect(server.bound.size).toBe(0);
  expect(client.of('send').at(-1)?.to).toBe('10.20.0.1');
  expect(client.deadlineMs()).toBeUndefined();

  const second = meet();
  second.run(() => second.client.address !== undefined, 20_000);
  second.client.give({ kind: 'decline' }, 30_000).forEach((bytes) => second.server.receive(bytes));
  expect(kinds(second.server).at(-1)).toBe(decline);
  expect([...second.server.declined]).toEqual(['10.20.0.100']);
});

test('the same client finds the same address, and another client another', () => {
  const server = new OfficeServer();
  const lease = (clientId: string, seed: number): string | undefined => {
    const client = new Client(seed, { clientId: utf8(clientId) });
    runWire([client, wireServer(server)], { seed }, { done: () => client.address !== undefined, timeoutMs: 20_000 });
    return client.address;
  };
  const first = lease('alice 1', 1);
  expect(lease('alice 2', 2)).not.toBe(first);
  expect(lease('alice 1', 3)).toBe(first);
});

test('over a wire that loses, repeats and reorders, both sides agree in the end', { timeout: 120_000 }, () => {
  let bound = 0;
  for (const seed of seeds(60)) {
    const { server, client, run } = meet({}, { patienceMs: 60_000 }, { seed, loss: 0.3, repeat: 0.2, reorder: 0.3 });
    run(() => client.state?.at === 'over', 4 * 3_600_000);
    if (client.address === undefined) continue;
    bound++;
    expect([...server.bound.values()]).toEqual([client.address]);
    expect(client.of('bound')).toHaveLength(1);
  }
  expect(bound).toBeGreaterThan(seeds(60).length * 0.9);
});

test('whatever arrives, in any state, nothing is thrown, and time goes on', { timeout: 60_000 }, () => {
  const answers = fc.record({
    kind: fc.constantFrom('offer', 'ack', 'nak', 'noise'),
    at: fc.nat(299),
    value: fc.nat(255),
    afterMs: fc.nat(2_000_000),
  });
  fc.assert(
    fc.property(fc.nat(1000), fc.array(answers, { maxLength: 12 }), (seed, steps) => {
      const server = new OfficeServer();
      const client = new Client(seed);
      let [last] = client.start(0);
      let nowMs = 0;
      for (const { at, value, afterMs } of steps) {
        const answer = server.receive(last ?? new Uint8Array(0)) ?? last ?? new Uint8Array(300);
        const patched = answer.slice();
        if (value % 3 === 0) patched[at] = value;
        nowMs += afterMs;
        const said = [...client.receive(patched, nowMs), ...client.tick(nowMs)];
        last = said.at(-1) ?? last;
        for (let i = 0; i < 10 && (client.deadlineMs() ?? Infinity) <= nowMs; i++) client.tick(nowMs);
        expect(client.deadlineMs() ?? Infinity).toBeGreaterThan(nowMs);
      }
    }),
    { numRuns: 300 },
  );
});
