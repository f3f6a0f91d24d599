import { expect, test } from 'vitest';
import { Traffic } from '../../../main/host/service/online/traffic.ts';
import type { SessionCounters } from '../../../main/session/host/index.ts';

const counted = (receivedBytes: number, sentBytes: number): SessionCounters => ({
  receivedBytes: BigInt(receivedBytes),
  sentBytes: BigInt(sentBytes),
  receivedPackets: 0n,
  sentPackets: 0n,
});
const sessions = (...all: readonly (readonly [number, SessionCounters])[]) => new Map(all);

test('a sample is what was carried since the count before, a second', () => {
  const traffic = new Traffic(0);
  traffic.observe(sessions([1, counted(5000, 10_000)]), 5000);
  traffic.observe(sessions([1, counted(5000, 20_000)], [2, counted(500, 0)]), 10_000);
  expect(traffic.history.hour).toEqual([
    { atMs: 5000, sessions: 1, receivedBytesPerSecond: 1000, sentBytesPerSecond: 2000 },
    { atMs: 10_000, sessions: 2, receivedBytesPerSecond: 100, sentBytesPerSecond: 2000 },
  ]);
  expect(traffic.now?.sessions).toBe(2);
});

test('a session that ended, or one of its number that began anew, takes nothing away', () => {
  const traffic = new Traffic(0);
  traffic.observe(sessions([1, counted(9000, 0)], [2, counted(4000, 0)]), 1000);
  traffic.observe(sessions([2, counted(1000, 0)]), 2000);
  expect(traffic.now).toMatchObject({ sessions: 1, receivedBytesPerSecond: 0 });
});

test('a clock that is set back spoils no sample', () => {
  const traffic = new Traffic(100_000);
  traffic.observe(sessions([1, counted(1000, 0)]), 50_000);
  expect(traffic.history.hour).toEqual([]);
  traffic.observe(sessions([1, counted(2000, 0)]), 51_000);
  expect(traffic.now?.receivedBytesPerSecond).toBe(1000);
});

test('an hour of counts and a day of averages are kept, and no more', () => {
  const traffic = new Traffic(0);
  const everyMs = 5000;
  const days = 2;
  for (let atMs = everyMs; atMs <= days * 86_400_000; atMs += everyMs) {
    traffic.observe(sessions([1, counted(atMs, 2 * atMs)]), atMs);
  }
  const { hour, day } = traffic.history;
  expect([hour.length, day.length]).toEqual([720, 288]);
  expect(day.at(-1)).toEqual({
    atMs: days * 86_400_000,
    sessions: 1,
    receivedBytesPerSecond: 1000,
    sentBytesPerSecond: 2000,
  });
});
