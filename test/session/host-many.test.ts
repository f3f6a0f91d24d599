import { describe, expect, test } from 'vitest';
import { seededCryptoWithPooledKeys } from '../support/seeded-crypto.ts';
import { clientConfig, MemoryClient } from './support/memory-client.ts';
import { MemoryHost, type MemoryHostOptions } from './support/memory-host.ts';
import { Star } from './support/star.ts';

/** All clients say that they are 192.168.50.100, and all of one NAT come from one address. */

const crypto = seededCryptoWithPooledKeys(99);

function dial(star: Star, seed: number, userName = `user${seed}`, nat?: string): MemoryClient {
  const client = new MemoryClient(clientConfig(quick, { userName }), seed, crypto);
  star.add(client, nat);
  return client;
}

/** A gateway that dies is found out soon. */
const quick = { ipsec: { deadPeerDetection: { idle: 10, retry: 2, tries: 6 } } };
const nothing = [0, 0, 0];
const isUp = (client: MemoryClient): boolean => client.connected;

test(
  '120 clients behind one NAT come online over a bad line, each with an address and a path of its own',
  { timeout: 120_000 },
  () => {
    const host = new MemoryHost();
    const star = new Star(host, { seed: 5, loss: 0.1, repeat: 0.1, reorder: 0.2, delayMs: 20 });
    const clients = Array.from({ length: 120 }, (_, i) => dial(star, i));
    let redials = 0;
    const settled = () => clients.every(isUp) && host.addressesOnline().length === 120;
    for (let second = 0; second < 120 && !settled(); second++) {
      star.run(settled, 1000);
      // A packet of LCP that comes late renegotiates the link (RFC 1661 §4.3): the client dials again.
      for (const [i, { ended }] of clients.entries()) {
        if (ended?.retry !== 'redial') continue;
        clients[i] = dial(star, 1000 + redials++, `user${i}`);
      }
    }
    expect(settled()).toBe(true);
    expect(redials).toBeLessThan(12);
    expect(new Set(host.addressesOnline()).size).toBe(120);
    expect(host.state.peers.size).toBeGreaterThanOrEqual(120);
    const users = host.of('sessionStarted').map(({ user }) => user);
    expect(new Set(users).size).toBe(120);
  },
);

test('clients of equal private address on different sides, and of one user, leave each other alone', () => {
  const host = new MemoryHost();
  const star = new Star(host);
  const first = dial(star, 1, 'alice', '198.51.100.1');
  expect(star.run(() => isUp(first))).toBe(true);
  const second = dial(star, 2, 'alice', '198.51.100.2');
  const third = dial(star, 3, 'bob', '198.51.100.1');
  star.run(() => isUp(second) && isUp(third));
  star.run(() => false, 60_000);
  expect([first, second, third].map(isUp)).toEqual([true, true, true]);
  expect(host.of('sessionEnded')).toEqual([]);
});

test('a client that died and dials anew takes the place of its own earlier session, and of no other', () => {
  const host = new MemoryHost();
  const star = new Star(host);
  const before = dial(star, 1, 'alice');
  const other = dial(star, 2, 'bob');
  star.run(() => isUp(before) && isUp(other));
  star.silence(0);
  const after = dial(star, 3, 'alice');
  star.run(() => isUp(after));
  const kinds = host.effects.map(({ kind }) => kind);
  expect(kinds.indexOf('sessionEnded')).toBeLessThan(kinds.lastIndexOf('wantAddress')); // the old address is free again
  expect(host.of('sessionEnded')).toMatchObject([{ user: 'alice', end: { code: 'replaced' } }]);
  expect(host.of('authenticate').map(({ replaces }) => replaces)).toEqual([[], [], [1]]);
  star.run(() => false, 120_000);
  expect([after, other].map(isUp)).toEqual([true, true]);
  expect(host.installed).toEqual([2, 2, 2]);
});

test('one user, or everybody, is disconnected', () => {
  const host = new MemoryHost();
  const star = new Star(host);
  const clients = ['alice', 'alice', 'bob', 'carol'].map((user, i) => dial(star, i, user, `198.51.100.${i}`));
  star.run(() => clients.every(isUp));
  star.atHost((at, nowMs) => at.give({ kind: 'disconnect', who: { user: 'alice' }, cause: 'administrator' }, nowMs));
  star.run(() => host.state.peers.size === 2, 10_000);
  expect(clients.map(isUp)).toEqual([false, false, true, true]);
  star.atHost((at, nowMs) => at.give({ kind: 'disconnect', who: 'everybody', cause: 'shutdown' }, nowMs));
  star.run(() => host.state.size === 0, 10_000);
  expect(host.of('sessionEnded').map(({ user, end }) => [user, end.code])).toEqual([
    ['alice', 'administrator'],
    ['alice', 'administrator'],
    ['bob', 'shutdown'],
    ['carol', 'shutdown'],
  ]);
  expect([host.installed, host.state.size]).toEqual([nothing, 0]);
});

test('after a kill and a restart clients find out, and dial again', { timeout: 60_000 }, () => {
  const host = new MemoryHost();
  const star = new Star(host, { seed: 3 });
  const clients = Array.from({ length: 20 }, (_, i) => dial(star, i));
  star.run(() => clients.every(isUp));
  host.restart();
  star.run(() => clients.every(({ ended }) => ended !== undefined), 60_000);
  expect(new Set(clients.map(({ ended }) => ended?.code))).toEqual(new Set(['gateway.dead']));
  const again = Array.from({ length: 20 }, (_, i) => dial(star, 100 + i));
  expect(star.run(() => again.every(isUp), 10_000)).toBe(true);
  expect(host.installed).toEqual([20, 20, 20]);
});

describe('a thousand', () => {
  test('sessions come up and go down, and nothing is left', { timeout: 400_000 }, () => {
    const options: MemoryHostOptions = { crypto: seededCryptoWithPooledKeys(17) };
    const host = new MemoryHost(options);
    const star = new Star(host, { seed: 9 });
    const clients: MemoryClient[] = [];
    for (let batch = 0; batch < 10; batch++) {
      for (let i = 0; i < 100; i++) clients.push(dial(star, batch * 100 + i, undefined, `198.51.100.${batch}`));
      star.run(() => false, 100);
    }
    expect(star.run(() => clients.every(isUp), 30_000)).toBe(true);
    expect(host.installed).toEqual([1000, 1000, 1000]);
    expect(new Set(host.addressesOnline()).size).toBe(1000);
    for (const index of clients.keys()) star.stop(index);
    star.run(() => host.state.size === 0, 30_000);
    expect([host.installed, host.state.size]).toEqual([nothing, 0]);
    expect(host.of('sessionEnded')).toHaveLength(1000);
  });
});
