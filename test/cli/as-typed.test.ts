import { expect, test } from 'vitest';
import { asTyped } from '../../main/cli/as-typed.ts';
import { failureKinds } from '../../main/contracts/failure.ts';

test.each([
  ['Run "culvert host check" first.', 'Run "npx culvert host check" first.'],
  ['Once: sudo culvert service install', 'Once: sudo npx culvert service install'],
  ['Usage: culvert host [options]', 'Usage: npx culvert host [options]'],
  ['Examples:\n  culvert try', 'Examples:\n  npx culvert try'],
  ['printf x | sudo culvert connect a.json', 'printf x | sudo npx culvert connect a.json'],
  ['(culvert host --help shows what there is)', '(npx culvert host --help shows what there is)'],
])('by npx, %j is %j', (text, typed) => {
  expect(asTyped(text, true)).toBe(typed);
  expect(asTyped(text, false)).toBe(text);
});

test.each(['members of the group culvert may connect', 'npx culvert try', '/usr/lib/culvert is there'])(
  '%j names no command',
  (text) => {
    expect(asTyped(text, true)).toBe(text);
  },
);

test('every command that a failure advises is found', () => {
  const advised = Object.values(failureKinds).flatMap(
    ({ fix }) => fix.match(/culvert (?:connect|service|try|host|profile|certificates)\b/g) ?? [],
  );
  const typed = Object.values(failureKinds).flatMap(({ fix }) => asTyped(fix, true).match(/npx culvert /g) ?? []);
  expect(advised.length).toBeGreaterThan(10);
  expect(typed.length).toBeGreaterThanOrEqual(advised.length);
});
