import { expect, test } from 'vitest';
import { readServer } from '../../../main/host/ldap/index.ts';
import { ServerOrder } from '../../../main/host/ldap/server-order.ts';

const servers = ['ldaps://a', 'ldaps://b', 'ldaps://c'].map((name) => readServer(name) ?? expect.fail(name));
const [a, b] = servers as [(typeof servers)[number], (typeof servers)[number]];

test('servers are asked as configured, and those that failed last, for a minute', () => {
  const order = new ServerOrder(servers);
  const names = (nowMs: number): string =>
    order
      .now(nowMs)
      .map(({ host }) => host)
      .join('');
  expect(names(0)).toBe('abc');
  order.failed(a, 1_000);
  expect(names(1_000)).toBe('bca');
  order.failed(b, 2_000);
  expect(names(60_999)).toBe('cab');
  expect(names(61_000)).toBe('acb');
  expect(names(62_000)).toBe('abc');
});
