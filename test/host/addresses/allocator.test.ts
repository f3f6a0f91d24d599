import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { hostConfig } from '../../../main/contracts/host-config.ts';
import {
  addressPlan,
  createAllocator,
  ipv6PrefixFor,
  type AddressAllocator,
  type AddressPlan,
  type Allocation,
} from '../../../main/host/addresses/index.ts';

vi.setConfig({ testTimeout: 60_000 });

function plan(pools: object, members: object = {}, alsoReserved: string[] = []): AddressPlan {
  return addressPlan(hostConfig.parse({ preSharedKey: 'x', pools, ...members }), alsoReserved);
}

const address = (allocation: Allocation): string => (allocation.ok ? allocation.lease.address : allocation.reason);
const ask = (allocator: AddressAllocator, user: string, hint = '', pools = ['a']): string =>
  address(allocator.allocate({ user, hint, pools }));

describe('a pool', () => {
  test('gives its addresses without network, broadcast, exclusions, the host and fixed ones', () => {
    const allocator = createAllocator(
      plan(
        { a: { ranges: ['10.91.0.0/29', '10.91.1.7-10.91.1.8'], exclude: ['10.91.0.3'] } },
        { users: [{ name: 'ada', address: '10.91.0.4' }] },
        ['10.91.1.8'],
      ),
    );
    const given = Array.from({ length: 5 }, (_, i) => ask(allocator, `user${i}`));
    expect(given).toEqual(['10.91.0.2', '10.91.0.5', '10.91.0.6', '10.91.1.7', 'exhausted']);
  });

  test('gives a returning user the address of last time, by device', () => {
    const allocator = createAllocator(plan({ a: { ranges: ['10.91.0.0/24'] } }));
    const [laptop, phone] = [ask(allocator, 'ada', 'laptop'), ask(allocator, 'ada', 'phone')];
    allocator.release(laptop);
    allocator.release(phone);
    ask(allocator, 'bob');
    expect([ask(allocator, 'ada', 'phone'), ask(allocator, 'ada', 'laptop')]).toEqual([phone, laptop]);
  });

  test('that is not sticky gives what was given back longest ago, once all were given', () => {
    const allocator = createAllocator(plan({ a: { ranges: ['10.91.0.1-10.91.0.4'], sticky: false } }));
    const [first, second] = [ask(allocator, 'ada'), ask(allocator, 'bob')];
    allocator.release(second);
    allocator.release(first);
    const third = ask(allocator, 'ada');
    expect([third, ask(allocator, 'ada'), ask(allocator, 'ada')]).toEqual(['10.91.0.4', second, first]);
  });

  test('that is full takes from who left longest ago, and then says so', () => {
    const allocator = createAllocator(plan({ a: { ranges: ['10.91.0.1-10.91.0.3'] } }));
    const [ada, bob] = [ask(allocator, 'ada'), ask(allocator, 'bob')];
    allocator.release(bob);
    allocator.release(ada);
    expect([ask(allocator, 'eve'), ask(allocator, 'bob'), ask(allocator, 'ada')]).toEqual([bob, ada, 'exhausted']);
  });

  test('is followed by the next of the group', () => {
    const allocator = createAllocator(
      plan({
        a: { ranges: ['10.91.0.1-10.91.0.2'] },
        b: { ranges: ['10.92.0.1'] },
        c: { source: 'dhcp', interface: 'eth0' },
      }),
    );
    const pools = ['a', 'c', 'b', 'unknown'];
    const given = ['ada', 'bob', 'eve'].map((user) => ask(allocator, user, '', pools));
    expect(given).toEqual(['10.91.0.2', '10.92.0.1', 'exhausted']);
  });
});

describe('a fixed address', () => {
  const fixed = (allocator: AddressAllocator, to: string, user = 'ada'): Allocation =>
    allocator.allocate({ user, hint: '', pools: ['a'], fixed: to });

  test('is given from within a pool or outside of all, and to one session at a time', () => {
    const allocator = createAllocator(plan({ a: { ranges: ['10.91.0.0/24'] } }));
    expect(fixed(allocator, '10.91.0.9')).toMatchObject({ how: 'fixed', lease: { pool: 'a' } });
    expect(fixed(allocator, '10.77.0.1')).toEqual({
      ok: true,
      how: 'fixed',
      lease: { address: '10.77.0.1', user: 'ada', hint: '' },
    });
    expect(fixed(allocator, '10.91.0.9', 'bob')).toMatchObject({ reason: 'fixedTaken', by: { user: 'ada' } });
    expect(fixed(allocator, '10.91.0.1')).toEqual({ ok: false, reason: 'fixedIsOwn' });
    expect(allocator.release('10.77.0.1')?.user).toBe('ada');
    expect(allocator.release('10.77.0.1')).toBeUndefined();
    expect(fixed(allocator, '10.77.0.1')).toMatchObject({ ok: true });
  });
});

describe('an allocator made anew', () => {
  test('keeps who has an address, and knows who had one', () => {
    const pools = { a: { ranges: ['10.91.0.1-10.91.0.9'] } };
    const lease = (last: number, user: string) => ({ address: `10.91.0.${last}`, pool: 'a', user, hint: '' });
    const allocator = createAllocator(plan(pools), {
      active: [lease(2, 'ada')],
      past: [lease(3, 'bob'), lease(2, 'eve'), { ...lease(3, 'old'), address: '10.77.0.3' }, lease(1, 'host')],
    });
    expect([ask(allocator, 'eve'), ask(allocator, 'bob'), ask(allocator, 'host')]).toEqual([
      '10.91.0.4',
      '10.91.0.3',
      '10.91.0.5',
    ]);
    expect(allocator.leases.map(({ user }) => user)).toEqual(['ada', 'eve', 'bob', 'host']);
  });
});

test('whatever happens, no address is given twice or from elsewhere, none is withheld, and who returns is recognised', () => {
  const ranges = ['10.91.0.0/28', '10.91.1.5-10.91.1.9'];
  const action = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('ask' as const),
        user: fc.nat(25),
        fixed: fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, fc.nat(15)),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), index: fc.nat(100) }) },
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200, size: 'max' }), (actions) => {
      const allocator = createAllocator(plan({ a: { ranges, exclude: ['10.91.0.7'] } }));
      const every = [2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14].map((last) => `10.91.0.${last}`);
      const pool = new Set([...every, ...[5, 6, 7, 8, 9].map((last) => `10.91.1.${last}`)]);
      const taken = new Map<string, string>();
      /** Who had each free address last. */
      const had = new Map<string, string>();
      for (const next of actions) {
        if (next.kind === 'release') {
          const [held, user] = [...taken][next.index % Math.max(1, taken.size)] ?? [];
          expect(allocator.release(held ?? '10.91.0.2')?.user).toBe(user);
          if (held === undefined || user === undefined) continue;
          taken.delete(held);
          for (const [free, last] of had) if (last === user) had.delete(free);
          if (pool.has(held)) had.set(held, user);
          continue;
        }
        const user = `user${next.user}`;
        const fixed = next.fixed === null ? {} : { fixed: `10.91.0.${next.fixed}` };
        const given = allocator.allocate({ user, hint: '', pools: ['a'], ...fixed });
        if (!given.ok) {
          const isTrue = {
            exhausted: [...pool].every((one) => taken.has(one)),
            fixedTaken: taken.has(fixed.fixed ?? ''),
            fixedIsOwn: fixed.fixed === '10.91.0.1',
          };
          expect(isTrue[given.reason]).toBe(true);
          continue;
        }
        expect(taken.has(given.lease.address)).toBe(false);
        if (next.fixed === null) expect(pool.has(given.lease.address)).toBe(true);
        const known = [...had].find(([, last]) => last === user)?.[0];
        if (next.fixed === null && known !== undefined) expect(given.lease.address).toBe(known);
        taken.set(given.lease.address, user);
        had.delete(given.lease.address);
      }
      expect(new Map(allocator.leases.map((lease) => [lease.address, lease.user]))).toEqual(taken);
    }),
  );
});

test('10 000 users in a wide network get 10 000 addresses, and all of them again', () => {
  const allocator = createAllocator(plan({ a: { ranges: ['10.64.0.0/10'] } }));
  const round = (): string[] => Array.from({ length: 10_000 }, (_, i) => ask(allocator, `user${i}`));
  const first = round();
  expect(new Set(first).size).toBe(10_000);
  for (const given of first.toReversed()) allocator.release(given);
  expect(round()).toEqual(first);
});

describe('an IPv6 prefix', () => {
  const prefixes = (pool: object, addresses: string[]): (string | undefined)[] => {
    const [planned] = plan({ a: pool }).pools;
    return addresses.map((one) => planned && ipv6PrefixFor(planned, one));
  };

  test('belongs to each address of the pool, its own', () => {
    const pool = { ranges: ['10.91.0.0/30', '10.91.4.0-10.91.4.3'], ipv6Prefix: '2001:db8:0:100::/62' };
    expect(prefixes(pool, ['10.91.0.1', '10.91.0.2', '10.91.4.1', '10.91.4.2', '10.77.0.1'])).toEqual([
      '2001:db8:0:100::/64',
      '2001:db8:0:101::/64',
      '2001:db8:0:103::/64',
      undefined,
      undefined,
    ]);
  });

  test('of 64 bits is shared, and none is none', () => {
    const shared = { ranges: ['10.91.0.0/24'], ipv6Prefix: '2001:db8::/64' };
    expect(prefixes(shared, ['10.91.0.1', '10.91.0.99'])).toEqual(['2001:db8::/64', '2001:db8::/64']);
    expect(prefixes({ ranges: ['10.91.0.0/24'] }, ['10.91.0.1'])).toEqual([undefined]);
  });
});

test("the host's own address is the first of the first pool, or what is configured, or none with a DHCP server alone", () => {
  const pools = { lan: { source: 'dhcp', interface: 'eth0' }, a: { ranges: ['10.91.0.0/24'] } };
  expect(plan(pools).gatewayAddress).toBe('10.91.0.1');
  expect(plan(pools, { gatewayAddress: '10.91.0.254' })).toMatchObject({
    gatewayAddress: '10.91.0.254',
    reserved: ['10.91.0.254'],
  });
  expect(plan({ lan: pools.lan })).toEqual({ pools: [], reserved: [] });
});
