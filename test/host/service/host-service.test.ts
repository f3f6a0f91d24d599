import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostConfig } from '../../../main/contracts/host-config.ts';
import type { Authority, AuthorityEffect } from '../../../main/host/authority/index.ts';
import { openUserStore } from '../../../main/host/users/index.ts';
import { AddressSupply, type LeaseSource, type Lent } from '../../../main/host/addresses/index.ts';
import { HostService } from '../../../main/host/service/host-service.ts';
import { machineConfig } from '../../../main/host/service/configured/machine-config.ts';
import { hostPlan, isRouted } from '../../../main/host/service/configured/network-plan.ts';
import { verifyPassword } from '../../../main/protocol/ppp/index.ts';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';
import { eventually } from '../../support/processes.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';
import { seededCrypto } from '../../support/seeded-crypto.ts';
import { clientConfig, gatewayAddress, MemoryClient } from '../../session/support/memory-client.ts';
import { sessionPolicy } from '../../session/support/memory-host.ts';
import { FakeHelper } from './fake-helper.ts';

const insideAddress = '10.99.0.1';
let folder: string;
let fake: FakeHelper;
let supply: AddressSupply;
let service: HostService;
let told: AuthorityEffect[];

beforeEach(async () => {
  folder = scratchFolder('host-service');
  mkdirSync(join(folder, 'run'));
  fake = await FakeHelper.open(join(folder, 'run'));
});

afterEach(() => {
  fake.die();
  removeScratch(folder);
});

/** @param lan  who lends the addresses of the pool `lan` */
async function open(lan?: LeaseSource): Promise<void> {
  const config = hostConfig.parse({
    preSharedKey: 'the pre-shared key',
    pools: {
      office: { ranges: ['10.99.0.0/24'] },
      ...(lan !== undefined && { lan: { source: 'dhcp', interface: 'eth0' } }),
    },
  });
  const lenders = new Map(lan === undefined ? [] : [['lan', lan] as const]);
  const sources = { of: () => lenders, close: () => Promise.resolve() };
  const crypto = seededCrypto(1);
  supply = new AddressSupply(join(folder, 'leases', 'journal'), config, [], sources, () => undefined);
  const ground = { localAddress: gatewayAddress, gatewayAddress: insideAddress };
  const key = { name: '*', key: utf8('the pre-shared key') };
  service = new HostService({
    config,
    helper: fake.helper,
    crypto,
    machine: machineConfig(config, [key], ground, Date.now()),
    plan: {
      planWith: (groups) => hostPlan(config, { gatewayAddress: insideAddress, groups, hostNetworks: [] }),
      isRouted: (address) => isRouted(config, address),
    },
    supply,
    tls: undefined,
    log: () => undefined,
  });
  told = [];
  const authority: Authority = {
    perform: (effect) => {
      told.push(effect);
      if (effect.kind !== 'authenticate') return;
      const { session, attempt, request } = effect;
      if (request.method !== 'mschapv2') throw new Error('nobody signs in by anything else here');
      const verdict = verifyPassword(crypto, request, 'alice-pass');
      const pools = lan === undefined ? ['office'] : ['lan'];
      const policy = sessionPolicy({ user: request.userName, address: { kind: 'pools', pools } });
      queueMicrotask(() => {
        const asked = { kind: 'verdict', session, attempt } as const;
        service.give(verdict.ok ? { ...asked, verdict, policy } : { ...asked, verdict });
      });
    },
    counted: () => undefined,
    users: openUserStore(join(folder, 'users'), { kind: 'file', file: join(folder, 'key') }),
    record: () => undefined,
    reconfigure: () => Promise.resolve({ ok: true, value: undefined }),
    stop: () => Promise.resolve(),
  };
  await service.open(authority);
}

const dialled = (): MemoryClient => {
  const client = new MemoryClient(clientConfig(), 2);
  fake.dial(client);
  return client;
};
const ends = () => told.filter(({ kind }) => kind === 'sessionEnded');
const until = (what: string, holds: () => boolean) => eventually(what, 3000, () => (holds() ? true : undefined));

test('what holds for a session is in force before its client has the address', async () => {
  await open();
  const client = dialled();
  await until('the connection', () => client.connected);
  const [policy] = fake.of('setSessionPolicy');
  expect(policy).toMatchObject({ prefixes: ['10.99.0.2/32'] });
  const online = fake.asked.findIndex((each) => each.kind === 'setSession' && each.prefixes.length > 0);
  expect(fake.asked.findIndex(({ kind }) => kind === 'setSessionPolicy')).toBeLessThan(online);
  const plans = fake.of('applyPlan').map(({ plan }) => plan.gateway?.groups.map(({ group }) => group));
  expect(plans).toEqual([[], [policy?.group]]);
});

test('a policy that changes between the address and its use is the one that is enforced', async () => {
  await open();
  let changes = 0;
  fake.answer = (request) => {
    if (request.kind !== 'setSessionPolicy' || changes++ > 0) return undefined;
    const policy = sessionPolicy({ address: { kind: 'pools', pools: ['office'] }, rateUp: 8 });
    service.give({ kind: 'changePolicy', session: request.session, policy });
    return undefined;
  };
  const client = dialled();
  await until('the connection', () => client.connected);
  await until('the change', () => fake.of('setSessionPolicy').length > 1);
  expect(fake.of('setSessionPolicy').map(({ upBytesPerSecond }) => upBytesPerSecond)).toEqual([undefined, 1000]);
});

test('a client that leaves while its address is awaited takes none', async () => {
  let lend: (given: Lent) => void = () => undefined;
  const lent: string[] = [];
  const returned: number[] = [];
  await open({
    take: ({ user }) => {
      lent.push(user);
      return new Promise((resolve) => {
        lend = resolve;
      });
    },
    release: ({ session }) => {
      returned.push(session);
    },
  });
  dialled();
  await until('the question for an address', () => lent.length === 1);
  fake.hangUp();
  await until('the end', () => told.some((each) => each.kind === 'fact' && each.fact.fact === 'attemptEnded'));
  lend({ ok: true, address: '192.168.7.99' });
  await until('the address back', () => returned.length === 1);
  await until('the policy gone', () => fake.of('removeSessionPolicy').length === 1);
  expect(fake.of('removeSessionPolicy')[0]?.session).toBe(fake.of('setSessionPolicy')[0]?.session);
  expect(returned).toEqual([fake.of('setSessionPolicy')[0]?.session]);
  expect(told.some(({ kind }) => kind === 'sessionStarted')).toBe(false);
});

test('a session that the broker refuses does not begin, and its address is free', async () => {
  fake.answer = ({ kind }) =>
    kind === 'setSessionPolicy' ? { kind: 'error', code: 'helper.firewall', message: 'no' } : undefined;
  await open();
  const client = dialled();
  await until('the end', () => client.ended !== undefined);
  expect(client.ended?.phase).toBe('addresses');
  expect(service.roll.size).toBe(0);
  expect(supply.pools).toEqual([{ name: 'office', addresses: 253, taken: 0 }]);
});

test('without its helper the host ends every session, and says why', async () => {
  await open();
  const client = dialled();
  await until('the connection', () => client.connected);
  const run = service.run();
  fake.die();
  expect((await run).code).toBe('helper.lost');
  expect(ends()).toMatchObject([{ end: { code: 'shutdown', detail: 'helper.lost' } }]);
  expect(service.roll.size).toBe(0);
});

test('a host that stops says goodbye, and restores the network last', async () => {
  await open();
  const client = dialled();
  await until('the connection', () => client.connected);
  const run = service.run();
  await service.stop();
  expect((await run).code).toBe('user.stopped');
  await until('the goodbye', () => client.ended !== undefined);
  expect(client.ended?.code).toBe('gateway.hungUp');
  expect(ends()).toMatchObject([{ end: { code: 'shutdown' } }]);
  expect(fake.of('applyPlan').at(-1)?.plan).toEqual({ routes: [] });
});
