import { expect, test } from 'vitest';
import { HalfOpen } from '../../main/session/host/half-open.ts';

const limits = { halfOpen: 10, halfOpenPerSource: 3 };

function filled(): HalfOpen {
  const halfOpen = new HalfOpen();
  for (const [peer, source] of ['a', 'b', 'b', 'b', 'a'].entries()) halfOpen.add(peer, source);
  return halfOpen;
}

test('a source that has its share gives way to itself, its oldest first', () => {
  expect(filled().inTheWayOf('b', limits)).toBe(1);
  expect(filled().inTheWayOf('a', limits)).toBeUndefined();
});

test('when all is full, the oldest of all gives way', () => {
  expect(filled().inTheWayOf('c', { ...limits, halfOpen: 5 })).toBe(0);
});

test('who is through counts no more, however often it is said', () => {
  const halfOpen = filled();
  for (const peer of [1, 1, 2, 3, 0, 4, 9]) halfOpen.remove(peer);
  expect([halfOpen.size, halfOpen.inTheWayOf('b', limits)]).toEqual([0, undefined]);
});
