import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hostConfig } from '../../../main/contracts/host-config.ts';
import type { AddressClient, LeaseSource, LeaseSources, Lent } from '../../../main/host/addresses/lease-source.ts';
import { AddressSupply } from '../../../main/host/addresses/supply.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';

const silent = { ok: false, reason: 'dhcpSilent' } as const;
const pools = {
  first: { ranges: ['10.1.0.1-10.1.0.2'], ipv6Prefix: '2001:db8::/64' },
  second: { ranges: ['10.2.0.0/24'] },
  lan: { source: 'dhcp', interface: 'eth0' },
};
const alice: AddressClient = { session: 1, user: 'alice', hint: 'laptop' };
const bob: AddressClient = { session: 2, user: 'bob', hint: 'laptop' };
const carol: AddressClient = { session: 3, user: 'carol', hint: 'laptop' };
const ofPools = (...names: string[]) => ({ kind: 'pools', pools: names }) as const;

let folder: string;
let supply: AddressSupply;
let lent: Lent;
const returned: number[] = [];
const lan: LeaseSource = {
  take: () => Promise.resolve(lent),
  release: ({ session }) => {
    returned.push(session);
  },
};
/** The LAN's while a pool names it. */
const sources: LeaseSources = {
  of: (all) => new Map('lan' in all ? [['lan', lan]] : []),
  close: () => Promise.resolve(),
};

const open = (changes: object = {}): AddressSupply => {
  const config = hostConfig.parse({ pools, ...changes });
  return new AddressSupply(join(folder, 'journal'), config, [], sources, () => undefined);
};
const addressOf = async (client: AddressClient, ...names: string[]): Promise<string | undefined> => {
  const taken = await supply.take(client, ofPools(...names));
  return taken.ok ? taken.address : undefined;
};

beforeEach(() => {
  folder = scratchFolder('supply');
  lent = { ok: true, address: '192.168.7.50' };
  returned.length = 0;
  supply = open();
});
afterEach(async () => {
  await supply.close();
  removeScratch(folder);
});

test('a session that asks again has what it had', async () => {
  expect(await addressOf(alice, 'second')).toBe('10.2.0.1');
  expect(await addressOf(alice, 'second')).toBe('10.2.0.1');
  expect(supply.pools).toContainEqual({ name: 'second', addresses: 254, taken: 1 });
});

test('a full pool is followed by the next', async () => {
  expect(await addressOf(alice, 'first', 'second')).toBe('10.1.0.2'); // the first is the gateway's
  expect(await addressOf(bob, 'first', 'second')).toBe('10.2.0.1');
  expect(await supply.take(carol, ofPools('first'))).toEqual({ ok: false, reason: 'noAddress' });
});

test('who returns finds the address of last time, in whichever of the pools, and after a restart', async () => {
  await addressOf(alice, 'first', 'second');
  const before = await addressOf(bob, 'first', 'second');
  supply.release(alice.session);
  supply.release(bob.session);
  expect(await addressOf({ ...bob, session: 7 }, 'first', 'second')).toBe(before);
  await supply.close();
  supply = open();
  expect(await addressOf({ ...bob, session: 8 }, 'first', 'second')).toBe(before);
});

describe('a pool of the LAN', () => {
  test('is asked in its turn, and gets back what it lent', async () => {
    expect(await addressOf(alice, 'lan', 'second')).toBe('192.168.7.50');
    supply.release(alice.session);
    expect(returned).toEqual([1]);
  });

  test('that does not answer gives way to the next', async () => {
    lent = silent;
    expect(await addressOf(alice, 'lan', 'second')).toBe('10.2.0.1');
    expect(await supply.take(bob, ofPools('lan'))).toEqual(silent);
  });
});

test('a fixed address is one session’s', async () => {
  const fixed = { kind: 'fixed', address: '10.9.0.9' } as const;
  expect(await supply.take(alice, fixed)).toEqual({ ok: true, address: '10.9.0.9' });
  expect(await supply.take(bob, fixed)).toEqual({ ok: false, reason: 'addressTaken' });
  supply.release(alice.session);
  expect(await supply.take(bob, fixed)).toMatchObject({ ok: true });
});

test('a prefix that is a single network is one client’s at a time', async () => {
  await supply.close();
  supply = open({ pools: { wide: { ranges: ['10.1.0.0/24'], ipv6Prefix: '2001:db8::/64' } } });
  expect(await supply.take(alice, ofPools('wide'))).toMatchObject({ ipv6Prefix: '2001:db8::/64' });
  expect(await supply.take(bob, ofPools('wide'))).not.toHaveProperty('ipv6Prefix');
  supply.release(alice.session);
  expect(await supply.take(carol, ofPools('wide'))).toMatchObject({ ipv6Prefix: '2001:db8::/64' });
});

test('another configuration takes no address away, and gives no address twice', async () => {
  await addressOf(alice, 'second');
  await addressOf(bob, 'second');
  supply.release(bob.session);
  supply.configure(hostConfig.parse({ pools: { second: pools.second } }), []);
  expect(await addressOf(alice, 'second')).toBe('10.2.0.1');
  expect(await addressOf({ ...bob, session: 9 }, 'second')).toBe('10.2.0.2');
  expect(await addressOf(carol, 'second')).toBe('10.2.0.3');
});
