import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostGroup } from '../../main/contracts/host-group.ts';
import { hostUser, weekdays } from '../../main/contracts/host-user.ts';
import { groupOf, typedOf as typedGroup } from '../../renderer/features/host/groups/typed-group.ts';
import { lastDayOf, membersOf, typedOf as typedUser } from '../../renderer/features/host/users/typed-user.ts';

const network = fc.constantFrom('10.20.0.0/16', '192.168.7.0/24', 'fd00:1::/64');
const minutes = fc.integer({ min: 1, max: 1000 }).map((count) => count * 60);
const anyGroup = fc.record(
  {
    pools: fc.constant(['office']),
    tunnel: fc.constantFrom('full', 'split'),
    routes: fc.array(network, { minLength: 1, maxLength: 3 }),
    dns: fc.record({ servers: fc.constant(['10.20.0.1']), searchDomains: fc.constant(['corp.example']) }),
    wins: fc.constant(['10.20.0.9']),
    reach: fc.array(
      fc.oneof(
        fc.record({ network, protocol: fc.constantFrom('any', 'icmp', 'tcp') }),
        fc.record({ network, protocol: fc.constant('udp'), ports: fc.constant(['53', '8000-8100']) }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
    rate: fc.record({ up: fc.integer({ min: 16, max: 9999 }) }),
    idleTimeout: minutes,
    sessionTimeout: minutes,
    sessionsPerUser: fc.integer({ min: 1, max: 9 }),
    whenSessionsReached: fc.constant('endOldest'),
    isolated: fc.boolean(),
    mtu: fc.constant(1300),
    oneTimeCode: fc.constantFrom('optional', 'required'),
  },
  { requiredKeys: [] },
);

test('a group that is opened and saved is the same, whatever it holds', () => {
  fc.assert(
    fc.property(anyGroup, (made) => {
      const group = hostGroup.parse(made);
      expect(hostGroup.parse(groupOf(typedGroup('staff', group)))).toEqual(group);
    }),
  );
});

test('what is no figure and no network is not taken for one', () => {
  const typed = typedGroup('staff', {});
  for (const wrong of [
    { up: 'much' },
    { idleMinutes: '0.001' },
    { reach: '10.20.0.0/16 tcp 99999' },
    { routes: 'x' },
    { mtu: 'small' },
    { wins: '10.20.0.9\n10.20.0.10\n10.20.0.11' },
    { pools: '1 2' },
  ]) {
    expect(hostGroup.safeParse(groupOf({ ...typed, ...wrong })).success).toBe(false);
  }
});

const window = fc.record({
  days: fc.subarray([...weekdays], { minLength: 1 }),
  from: fc.constantFrom('00:00', '08:00'),
  to: fc.constantFrom('18:30', '24:00'),
});
const anyUser = fc.record(
  {
    groups: fc.constant(['staff']),
    address: fc.constant('10.91.37.9'),
    sessions: fc.integer({ min: 1, max: 9 }),
    disabled: fc.boolean(),
    mustChangePassword: fc.boolean(),
    networks: fc.array(network, { maxLength: 3 }),
    hours: fc.record({
      timeZone: fc.constantFrom('Europe/Berlin', 'UTC'),
      windows: fc.array(window, { minLength: 1, maxLength: 3 }),
    }),
  },
  { requiredKeys: [] },
);

test('a user that is opened and saved is the same, whatever it holds', () => {
  fc.assert(
    fc.property(anyUser, (made) => {
      const user = hostUser.parse({ name: 'bob', ...made });
      expect(hostUser.parse({ name: 'bob', ...membersOf(typedUser(user)) })).toEqual(user);
    }),
  );
});

test('what is no window of hours is not taken for one', () => {
  const typed = typedUser(undefined);
  for (const hours of ['always', 'mon-fri 08:00', 'mon-fri 08:00-25:00', 'noday 08:00-18:00']) {
    expect(hostUser.safeParse({ name: 'bob', ...membersOf({ ...typed, hours }) }).success).toBe(false);
  }
  expect(membersOf({ ...typed, hours: ' \n' })).not.toHaveProperty('hours');
});

test('a last day is meant until its end, and is shown as that day again', () => {
  const { expiresAt } = membersOf({ ...typedUser(undefined), lastDay: '2027-01-31' });
  expect(new Date(expiresAt ?? '').getTime()).toBe(new Date(2027, 1, 1).getTime());
  expect(lastDayOf(expiresAt)).toBe('2027-01-31');
});
