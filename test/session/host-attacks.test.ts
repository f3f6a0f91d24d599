import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../main/protocol/ike/index.ts';
import { writeControl } from '../../main/protocol/l2tp/header.ts';
import { writeBody } from '../../main/protocol/l2tp/messages.ts';
import { seededCryptoWithPooledKeys } from '../support/seeded-crypto.ts';
import { forgeries, Stranger } from '../protocol/ike/stranger.ts';
import { clientConfig, MemoryClient } from './support/memory-client.ts';
import { frame, unframe } from './support/memory-datapath.ts';
import { MemoryHost } from './support/memory-host.ts';
import { defaultLimits } from '../../main/session/host/index.ts';
import { Star } from './support/star.ts';

const crypto = seededCryptoWithPooledKeys(4);

function dial(star: Star, seed: number, nat = '203.0.113.77'): MemoryClient {
  const client = new MemoryClient(clientConfig(), seed, crypto);
  star.add(client, nat);
  return client;
}

/** Begins phase 1 as it should, and leaves it there. */
function dialHalfway(host: MemoryHost, remote: Endpoint, nowMs: number): void {
  const stranger = new Stranger(crypto);
  const [second] = host.receive(frame('ike', stranger.first(nowMs)), remote, nowMs);
  for (const third of second === undefined ? [] : stranger.answer(unframe(second.datagram).body, nowMs)) {
    host.receive(frame('ike', third), remote, nowMs);
  }
}

/** Runs the star in steps of a millisecond, with something hostile between. @returns the virtual time it took. */
function underAttack(star: Star, done: () => boolean, attack: (nowMs: number) => void): number {
  const beganMs = star.nowMs;
  while (!done() && star.nowMs < beganMs + 10_000) {
    attack(star.nowMs);
    star.run(() => false, 1);
  }
  return star.nowMs - beganMs;
}

describe('honest clients still connect within two seconds', () => {
  test('in a flood of first messages from everywhere, each with another offer', { timeout: 60_000 }, () => {
    const host = new MemoryHost();
    const star = new Star(host);
    const client = dial(star, 1);
    let count = 0;
    const tookMs = underAttack(
      star,
      () => client.connected,
      (nowMs) => {
        for (let i = 0; i < 5; i++) {
          count += 1;
          const lifetimes = { ikeSeconds: 600 + count, espSeconds: 3600 };
          const remote = { address: `10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`, port: 500 };
          host.receive(frame('ike', new Stranger(crypto, { lifetimes }).first(nowMs)), remote, nowMs);
        }
      },
    );
    expect(tookMs).toBeLessThan(2000);
    expect(host.state.peers.size).toBe(1);
  });

  test('while strangers who are where they say they are leave phase 1 half open', { timeout: 60_000 }, () => {
    const limits = { ...defaultLimits, halfOpen: 64, halfOpenPerSource: 16 };
    const host = new MemoryHost({ config: { limits } });
    const star = new Star(host);
    const client = dial(star, 1);
    let count = 0;
    const tookMs = underAttack(
      star,
      () => client.connected,
      (nowMs) => {
        count += 1;
        dialHalfway(host, { address: `198.51.100.${count % 50}`, port: 1024 + count }, nowMs);
      },
    );
    expect(tookMs).toBeLessThan(2000);
    expect(host.state.halfOpen.size).toBeLessThanOrEqual(64);
    star.run(() => host.state.halfOpen.size === 0, 60_000);
    expect(host.state.halfOpen.size).toBe(0);
  });

  test('while others who know the key take every place and never sign in', () => {
    const host = new MemoryHost({ config: { limits: { ...defaultLimits, peers: 8 } } });
    const star = new Star(host);
    const before = dial(star, 1);
    star.run(() => before.connected);
    for (let i = 1; i <= 20; i++) {
      const index = star.add(new MemoryClient(clientConfig(), 100 + i, crypto), '198.51.100.7');
      star.run(() => host.facts('peerUp').length > i, 2000);
      star.silence(index);
    }
    expect(host.facts('peerUp')).toHaveLength(21);
    const client = dial(star, 2, '203.0.113.78');
    expect(star.run(() => client.connected, 2000)).toBe(true);
    expect([before.connected, host.of('sessionEnded')]).toEqual([true, []]);
    expect(host.state.peers.size).toBeLessThanOrEqual(8);
  });

  test('from the very address that a stranger floods from', () => {
    const host = new MemoryHost();
    const star = new Star(host);
    const client = dial(star, 1, '198.51.100.7');
    let count = 0;
    const tookMs = underAttack(
      star,
      () => client.connected,
      (nowMs) => {
        dialHalfway(host, { address: '198.51.100.7', port: 40_000 + (count++ % 1000) }, nowMs);
      },
    );
    expect(tookMs).toBeLessThan(2000);
  });
});

function connected() {
  const host = new MemoryHost();
  const star = new Star(host);
  const client = dial(star, 1);
  expect(star.run(() => client.connected)).toBe(true);
  return { host, star, client };
}

const elsewhere = { address: '198.51.100.200', port: 666 };

describe('what stands is not moved', () => {
  test('by deletes and the like that are forged, from anywhere', () => {
    const { host, star, client } = connected();
    const seen = star.heardByHost.filter(({ datagram }) => ['ike', 'natt'].includes(unframe(datagram).kind ?? ''));
    for (const { from, datagram } of seen) {
      for (const forged of forgeries(unframe(datagram).body, crypto)) {
        for (const remote of [from, elsewhere])
          star.atHost((at, nowMs) => at.receive(frame('natt', forged), remote, nowMs));
      }
    }
    star.run(() => false, 90_000);
    expect(client.connected).toBe(true);
    expect(host.installed).toEqual([1, 1, 1]);
    expect(host.of('sessionEnded')).toEqual([]);
  });

  test('by everything that it said, said again by anybody', () => {
    const { host, star, client } = connected();
    star.run(() => false, 40_000);
    const before = [...host.state.peers.values()].map(({ path, sessions }) => [path?.remote, sessions.size]);
    for (const { from, datagram } of [...star.heardByHost]) {
      for (const remote of [from, elsewhere]) star.atHost((at, nowMs) => at.receive(datagram, remote, nowMs));
    }
    star.run(() => false, 90_000);
    expect(client.connected).toBe(true);
    expect(host.of('sessionStarted')).toHaveLength(1);
    const after = [...host.state.peers.values()].map(({ path, sessions }) => [path?.remote, sessions.size]);
    expect(after.map(([, sessions]) => sessions)).toEqual(before.map(([, sessions]) => sessions));
  });

  test('by bytes of any kind', () => {
    const { host, star, client } = connected();
    for (let length = 0; length < 400; length++) {
      for (const kind of ['ike', 'natt', 'sealed'] as const) {
        star.atHost((at, nowMs) => at.receive(frame(kind, crypto.random(length)), elsewhere, nowMs));
      }
    }
    star.run(() => false, 30_000);
    expect(client.connected).toBe(true);
    expect(host.installed).toEqual([1, 1, 1]);
  });
});

test('who signs in with packets from where it is not is known by where it is', () => {
  const host = new MemoryHost();
  const star = new Star(host);
  const receive = host.receive.bind(host);
  host.receive = (datagram, from, nowMs) => {
    const remote = unframe(datagram).kind === 'sealed' ? elsewhere : from;
    // It hears the answer when it repeats itself under its own address.
    return receive(datagram, remote, nowMs).map((outgoing) => ({ ...outgoing, to: from }));
  };
  const client = dial(star, 1);
  expect(star.run(() => client.connected)).toBe(true);
  expect(host.of('authenticate')[0]?.about).toMatchObject({ remote: elsewhere, provenAddress: '203.0.113.77' });
});

test('a peer that opens tunnels without end gets its share, and its session goes on', () => {
  const { host, star, client } = connected();
  for (let i = 1; i <= 200; i++) {
    const body = writeBody('SCCRQ', { hostName: 'flood', framingCapabilities: 3, assignedTunnelId: i }, undefined);
    const sccrq = writeControl({ tunnelId: 0, sessionId: 0, ns: 0, nr: 0 }, body);
    for (const datagram of client.datapath.seal('l2tp', sccrq)) {
      star.atHost((at, nowMs) => at.receive(datagram, { address: '203.0.113.77', port: 1025 }, nowMs));
    }
  }
  const [peer] = [...host.state.peers.values()];
  expect(peer?.tunnels.size).toBe(defaultLimits.tunnelsPerPeer);
  star.run(() => false, 60_000);
  expect(client.connected).toBe(true);
  expect([...host.state.peers.values()][0]?.tunnels.size).toBeLessThanOrEqual(2);
});
