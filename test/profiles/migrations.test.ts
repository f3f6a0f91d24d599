import { expect, test } from 'vitest';
import { migrate, type Migration } from '../../main/profiles/store/migrations.ts';
import { failureOf, valueOf } from './support.ts';

const steps: readonly Migration[] = [
  ({ profile }) => ({ wrapped: { profile } }),
  ({ wrapped }) => ({ wrapped, seen: true }),
];

test.each([
  [
    { storedProfile: 1, profile: 'p' },
    { storedProfile: 3, wrapped: { profile: 'p' }, seen: true },
  ],
  [
    { storedProfile: 2, wrapped: 'w' },
    { storedProfile: 3, wrapped: 'w', seen: true },
  ],
  [
    { storedProfile: 3, seen: false },
    { storedProfile: 3, seen: false },
  ],
])('a record is brought from its format to the newest: %j', (record, expected) => {
  const before = JSON.stringify(record);
  expect(valueOf(migrate(record, 'file', steps))).toEqual(expected);
  expect(JSON.stringify(record)).toBe(before);
});

test('a newer format is not guessed at', () => {
  expect(failureOf(migrate({ storedProfile: 4 }, 'file', steps))).toMatchObject({ code: 'profile.newer' });
});

test.each([undefined, '1', 0, -1, 1.5, null])('%j is no format', (format) => {
  expect(failureOf(migrate({ storedProfile: format }, 'file', steps)).code).toBe('profile.invalid');
});
