import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createLockOut, type LockOut } from '../../../main/host/users/index.ts';

vi.setConfig({ testTimeout: 60_000 });

const limits = { failures: 5, sourceFailures: 30, firstLock: 30, longestLock: 3600, forget: 7200, entries: 1000 };

function fail(lockOut: LockOut, source: string, user: string, times: number, atMs = 0): void {
  for (let i = 0; i < times; i++) lockOut.failed(source, user, atMs);
}

describe('who guesses', () => {
  test('one user is locked out for that user, and not for others', () => {
    const lockOut = createLockOut(limits);
    fail(lockOut, '198.51.100.7', 'ada', 4);
    expect(lockOut.judge('198.51.100.7', 'ada', 0)).toEqual({ locked: false });
    fail(lockOut, '198.51.100.7', 'ada', 1);
    expect(lockOut.judge('198.51.100.7', 'ada', 0)).toEqual({ locked: true, by: 'userFromSource', untilMs: 30_000 });
    expect(lockOut.judge('198.51.100.7', 'bob', 0)).toEqual({ locked: false });
    expect(lockOut.judge('198.51.100.7', 'ada', 30_000)).toEqual({ locked: false });
  });

  test('many users is locked out altogether, while they sign in from elsewhere', () => {
    const lockOut = createLockOut(limits);
    for (let i = 0; i < 30; i++) fail(lockOut, '198.51.100.7', `user${i}`, 1);
    expect(lockOut.judge('198.51.100.7', 'nobody', 0)).toEqual({ locked: true, by: 'source', untilMs: 30_000 });
    expect(lockOut.judge('203.0.113.9', 'user0', 0)).toEqual({ locked: false });
  });

  test('10 000 times, at any pace, tries few and locks nobody out elsewhere', () => {
    const lockOut = createLockOut(limits);
    let tried = 0;
    for (let i = 0; i < 10_000; i++) {
      const atMs = i * 100;
      if (lockOut.judge('198.51.100.7', 'ada', atMs).locked) continue;
      tried++;
      lockOut.failed('198.51.100.7', 'ada', atMs);
      expect(lockOut.judge('203.0.113.9', 'ada', atMs)).toEqual({ locked: false });
    }
    expect(tried).toBeLessThan(12);
    expect(lockOut.size).toBe(3);
  });

  test('one user from many addresses has one try at each, and locks nobody out where the password is known', () => {
    const lockOut = createLockOut(limits);
    for (let i = 0; i < 10; i++) fail(lockOut, `198.51.100.${i}`, 'ada', 5);
    expect(lockOut.judge('203.0.113.9', 'ada', 0)).toEqual({ locked: false });
    expect(lockOut.failed('203.0.113.9', 'ada', 0)).toEqual({ locked: true, by: 'userFromSource', untilMs: 30_000 });
    expect(lockOut.failed('203.0.113.9', 'ada', 30_000)).toMatchObject({ locked: true, untilMs: 60_000 });
    expect(lockOut.failed('203.0.113.9', 'bob', 30_000)).toEqual({ locked: false });
    expect(lockOut.failed('203.0.113.10', 'ada', 20_000_000)).toEqual({ locked: false });
  });

  test('goes on waiting twice as long each time, up to the bound', () => {
    const lockOut = createLockOut(limits);
    fail(lockOut, '198.51.100.7', 'ada', 4);
    const locks: number[] = [];
    for (let atMs = 0; locks.length < 9;) {
      const verdict = lockOut.failed('198.51.100.7', 'ada', atMs);
      if (!verdict.locked) throw new Error('not locked');
      locks.push((verdict.untilMs - atMs) / 1000);
      atMs = verdict.untilMs;
    }
    expect(locks).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
  });

  test('is forgotten after a while without', () => {
    const lockOut = createLockOut(limits);
    fail(lockOut, '198.51.100.7', 'ada', 4);
    expect(lockOut.failed('198.51.100.7', 'ada', 7_200_000)).toEqual({ locked: false });
  });

  test('clears the user by the right password, but not the address', () => {
    const lockOut = createLockOut(limits);
    for (let i = 0; i < 29; i++) {
      fail(lockOut, '198.51.100.7', 'ada', 1);
      lockOut.succeeded('198.51.100.7', 'ada');
    }
    expect(lockOut.judge('198.51.100.7', 'ada', 0)).toEqual({ locked: false });
    expect(lockOut.failed('198.51.100.7', 'bob', 0)).toMatchObject({ locked: true, by: 'source' });
  });

  test('cannot change the address within its own IPv6 network, or write IPv4 as IPv6', () => {
    const lockOut = createLockOut(limits);
    for (let i = 0; i < 30; i++) fail(lockOut, `2001:db8:1:2::${i}`, `user${i}`, 1);
    expect(lockOut.judge('2001:db8:1:2:ffff::1', 'x', 0)).toMatchObject({ locked: true });
    expect(lockOut.judge('2001:db8:1:3::1', 'x', 0)).toEqual({ locked: false });
    for (let i = 0; i < 30; i++) fail(lockOut, '::ffff:198.51.100.7', `user${i}`, 1);
    expect(lockOut.judge('198.51.100.7', 'x', 0)).toMatchObject({ locked: true });
    expect(lockOut.judge('::ffff:198.51.100.8', 'x', 0)).toEqual({ locked: false });
  });

  test('from ever new addresses, under ever new names, fills no memory', () => {
    const lockOut = createLockOut(limits);
    fc.assert(
      fc.property(fc.ipV4(), fc.string(), fc.nat(), (source, user, atMs) => {
        fail(lockOut, source, user, 3, atMs);
        expect(lockOut.size).toBeLessThanOrEqual(limits.entries);
      }),
      { numRuns: 2000 },
    );
    expect(lockOut.size).toBe(limits.entries);
  });
});
