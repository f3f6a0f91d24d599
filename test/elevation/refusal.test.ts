import { expect, test } from 'vitest';
import { refusalOf } from '../../main/elevation/refusal.ts';

const denied = 'User did not grant permission.';
const asAnother = 'Error executing command as another user:';

test.each([
  ['the question was dismissed', denied, `${asAnother} Request dismissed\n`, 'elevation.refused'],
  [
    'the user may not',
    denied,
    `${asAnother} Not authorized\n\nThis incident has been reported.\n`,
    'elevation.refused',
  ],
  ['a system that says no more', denied, '', 'elevation.refused'],
  ['no agent', 'No polkit authentication agent found.', '', 'elevation.unavailable'],
  ['no program', 'Unable to find pkexec or kdesudo.', '', 'elevation.unavailable'],
  [
    'no bus',
    denied,
    '(process:7): GLib-WARNING **: x\nError getting authority: Could not connect.\n',
    'elevation.unavailable',
  ],
])('%s', (_, message, stderr, code) => {
  expect(refusalOf(message, stderr, 'sudo x')).toMatchObject({ code, facts: { command: 'sudo x' } });
});

test('what could not be asked is said, without what a terminal would obey', () => {
  expect(refusalOf(denied, 'a\n\u001b[31mno\u0007 bus.', 'sudo x')?.facts).toMatchObject({ reason: '[31mno bus' });
});

test('a command that ran and failed is no refusal', () => {
  expect(refusalOf('Command failed: /usr/bin/x', 'it failed', 'sudo x')).toBeUndefined();
});
