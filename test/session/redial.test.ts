import { expect, test } from 'vitest';
import { failure } from '../../main/contracts/failure.ts';
import { redial } from '../../main/session/redial.ts';

const policy = { enabled: true, longestPause: 60 };
const lost = failure('gateway.dead', { how: 'dead peer detection' });

test('a connection that was up is dialled again, each pause twice the one before, up to the longest', () => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 100].map((attempt) => redial(lost, attempt, true, policy, 0.999_999));
  expect(pauses.map((next) => (next.kind === 'wait' ? next.seconds : 0))).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
});

test('jitter takes up to half of a pause away', () => {
  expect(redial(lost, 3, true, policy, 0)).toEqual({ kind: 'wait', seconds: 4 });
});

test.each([
  ['a first attempt that failed', lost, false, policy],
  ['what the gateway refused on account of the user', failure('auth.rejected', { message: '' }), true, policy],
  ['anything, where the profile says so', lost, true, { ...policy, enabled: false }],
])('%s is not repeated', (_, reason, everConnected, reconnect) => {
  expect(redial(reason, 1, everConnected, reconnect, 0.5)).toEqual({ kind: 'giveUp' });
});
