import { expect, test } from 'vitest';
import type { HostKey } from '../../main/session/host/index.ts';
import { keysFor } from '../../main/session/host/keys.ts';

const named = (name: string, ...from: string[]): HostKey => ({
  name,
  key: new Uint8Array(),
  ...(from.length > 0 && { from }),
});

const keys = [
  named('all'),
  named('branch', '192.0.2.0/25', '2001:db8:1::/48'),
  named('office', '198.51.100.7'),
  named('others'),
];

test.each([
  ['192.0.2.1', ['branch', 'all', 'others']],
  ['192.0.2.127', ['branch', 'all', 'others']],
  ['192.0.2.128', ['all', 'others']],
  ['198.51.100.7', ['office', 'all', 'others']],
  ['198.51.100.8', ['all', 'others']],
  ['2001:db8:1:ffff::9', ['branch', 'all', 'others']],
  ['2001:db8:2::9', ['all', 'others']],
])('%s is tried with %j', (address, expected) => {
  expect(keysFor(keys, address).map(({ name }) => name)).toEqual(expected);
});
