import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { auditEvent } from '../../../main/contracts/audit.ts';
import { hostConfig } from '../../../main/contracts/host-config.ts';
import { hostUser } from '../../../main/contracts/host-user.ts';
import { policyMembers, type Decision, type SessionPolicy } from '../../../main/contracts/session-policy.ts';
import { readReplyPolicy } from '../../../main/protocol/radius/policy/policy.ts';
import { grantOfRadius, resolvePolicy, type PolicyInput, type Resolution } from '../../../main/host/policy/index.ts';

vi.setConfig({ testTimeout: 60_000 });

const nowMs = Date.parse('2026-11-22T12:00:00Z');
const web = { network: '10.20.9.10/32', protocol: 'tcp', ports: ['443'] };
const mail = { network: '10.20.9.25/32', protocol: 'tcp', ports: ['993'] };

const base = {
  preSharedKey: 'x',
  pools: { office: { ranges: ['10.91.37.0/24'] }, guests: { ranges: ['10.91.38.0/24'] } },
  groups: {
    staff: {
      tunnel: 'split',
      routes: ['10.20.0.0/16'],
      mtu: 1350,
      dns: { servers: ['10.20.0.1'] },
      sessionTimeout: 36000,
    },
    web: { reach: [web], routes: ['10.20.9.0/24'], pools: ['guests'], mtu: 1300, sessionsPerUser: 1 },
    mail: { reach: [mail], rate: { up: 2000 }, isolated: false },
  },
  radius: {
    servers: [{ address: '10.0.0.1', secret: 'x' }],
    groups: [
      { value: 'VPN-Staff', group: 'staff' },
      { value: 'VPN-Mail', group: 'mail' },
    ],
  },
  users: [{ name: 'CORP\\ada', groups: ['staff'], address: '10.91.37.9', networks: ['10.50.0.0/24'] }],
};

function resolve(input: Partial<PolicyInput> = {}, members: object = {}): Resolution {
  const config = hostConfig.parse({ ...base, ...members });
  return resolvePolicy({ config, user: 'bob', hostDnsServers: ['9.9.9.9'], nowMs, ...input });
}

function decided(resolution: Resolution): { policy: SessionPolicy; why: (member: Decision['member']) => string } {
  if (!resolution.ok) throw new Error(resolution.reason);
  const why = (member: Decision['member']): string =>
    resolution.decisions
      .filter((one) => one.member === member)
      .map(({ from, groups }) => [from, ...(groups ?? [])].join(' '))
      .join();
  return { policy: resolution.policy, why };
}

const local = (members: object = {}) => ({ localUser: hostUser.parse({ name: 'bob', ...members }) });

describe('the policy of a session', () => {
  test('is what the configuration says of the user, however a name is written that others judge', () => {
    const other = 'corp\\ADA ';
    expect(decided(resolve({ user: other, grant: { source: 'ldap' } })).policy.groups).toEqual(['staff']);
    expect(decided(resolve({ user: other, ...local() })).policy.groups).toEqual(['default']);
  });

  test('of a user of whom nothing is known is the default, for that reason', () => {
    const { policy, why } = decided(resolve());
    expect(policy).toEqual({
      user: 'bob',
      groups: ['default'],
      address: { kind: 'pools', pools: ['office', 'guests'] },
      tunnel: 'full',
      routes: [],
      dnsServers: ['9.9.9.9'],
      searchDomains: [],
      wins: [],
      sessionsPerUser: 3,
      whenSessionsReached: 'refuse',
      isolated: true,
      mtu: 1400,
      networks: [],
    });
    expect([why('mtu'), why('address'), why('reach'), why('idleTimeout')]).toEqual(['default', 'default', '', '']);
  });

  test('takes each member from the first of the groups that has it, in the order of the configuration', () => {
    const { policy, why } = decided(resolve(local({ groups: ['mail', 'web', 'staff'] })));
    expect(policy).toMatchObject({ groups: ['staff', 'web', 'mail'], mtu: 1350, tunnel: 'split', isolated: false });
    expect(policy).toMatchObject({ address: { pools: ['guests'] }, sessionsPerUser: 1, rateUp: 2000 });
    expect([why('mtu'), why('isolated'), why('address')]).toEqual(['group staff', 'group mail', 'group web']);
  });

  test('joins routes and reach; a group without reach opens nothing', () => {
    const { policy, why } = decided(resolve(local({ groups: ['mail', 'web', 'staff'] })));
    expect(policy.routes).toEqual(['10.20.0.0/16', '10.20.9.0/24']);
    expect(policy.reach).toEqual([web, mail]);
    expect([why('routes'), why('reach')]).toEqual(['group staff web', 'group web mail']);
    expect(decided(resolve(local({ groups: ['staff'] }))).policy).not.toHaveProperty('reach');
  });

  test("prefers RADIUS to the user's entry, and that to the groups", () => {
    const grant = {
      source: 'radius',
      address: { chosenBy: 'server', address: '10.91.37.77' },
      mtu: 1280,
      sessions: 2,
      networks: ['10.60.0.0/24'],
    } as const;
    const user = 'CORP\\ada';
    const { policy, why } = decided(resolve({ user, grant }));
    expect(policy).toMatchObject({ address: { kind: 'fixed', address: '10.91.37.77' }, mtu: 1280, sessionsPerUser: 2 });
    expect(policy.networks).toEqual(['10.60.0.0/24', '10.50.0.0/24']);
    expect([why('address'), why('mtu'), why('networks')]).toEqual(['radius', 'radius', 'radius,configuredUser']);
    const without = decided(resolve({ user, ...local({ address: '10.91.37.5', groups: ['web'] }) }));
    expect(without.policy).toMatchObject({ address: { address: '10.91.37.9' }, groups: ['staff', 'web'] });
    expect([without.why('address'), without.why('mtu')]).toEqual(['configuredUser', 'group staff']);
  });

  test('knows the names of users verbatim', () => {
    for (const user of ['ada', 'corp\\ada', 'CORP\\Ada', 'CORP\\ada ']) {
      expect(decided(resolve({ user })).policy).toMatchObject({ groups: ['default'], address: { kind: 'pools' } });
    }
  });

  test.each([
    [
      'lets the client choose',
      { address: { chosenBy: 'client' as const }, pool: 'guests' },
      { kind: 'client', pools: ['guests'] },
    ],
    [
      'lets the host choose',
      { address: { chosenBy: 'host' as const } },
      { kind: 'pools', pools: ['office', 'guests'] },
    ],
    ['names a pool', { pool: 'guests' }, { kind: 'pools', pools: ['guests'] }],
  ])('has its address as RADIUS %s', (_, attributes, address) => {
    expect(decided(resolve({ grant: { source: 'radius', ...attributes } })).policy.address).toEqual(address);
  });

  test('follows what a RADIUS answer says', () => {
    const reply = readReplyPolicy({
      framedIpAddress: '10.91.37.77',
      framedRoute: ['10.60.0.0/24', '10.61.0.0/24 10.91.37.77', '10.62.0.0/24 10.99.0.1'],
      framedMtu: 9000,
      idleTimeout: 600,
      portLimit: 7,
      wisprBandwidthMaxUp: 64_000,
      msPrimaryDnsServer: '10.20.0.2',
    });
    const { policy, why } = decided(resolve({ grant: grantOfRadius(reply, ['mail']) }));
    expect(policy).toMatchObject({
      groups: ['mail'],
      address: { kind: 'fixed', address: '10.91.37.77' },
      networks: ['10.60.0.0/24', '10.61.0.0/24'],
      mtu: 1500,
      idleTimeout: 600,
      sessionsPerUser: 7,
      rateUp: 64,
      dnsServers: ['10.20.0.2'],
    });
    expect([why('rateUp'), why('rateDown'), policy.rateDown]).toEqual(['radius', 'radius', undefined]);
    const silent = decided(resolve({ grant: grantOfRadius(readReplyPolicy({}), []) })).policy;
    expect(silent).toEqual(decided(resolve()).policy);
  });

  test('ends the session with the account, when that is sooner', () => {
    const seconds = (input: Partial<PolicyInput>): [number | undefined, string] => {
      const { policy, why } = decided(resolve({ ...local({ groups: ['staff'] }), ...input }));
      return [policy.sessionTimeout, why('sessionTimeout')];
    };
    expect(seconds({})).toEqual([36000, 'group staff']);
    expect(seconds({ endsAtMs: nowMs + 600_001 })).toEqual([601, 'account']);
    expect(seconds({ endsAtMs: nowMs + 1e9 })).toEqual([36000, 'group staff']);
    const grant = { source: 'radius', sessionTimeout: 300 } as const;
    expect(seconds({ endsAtMs: nowMs + 600_001, grant })).toEqual([300, 'radius']);
    expect(resolve({ endsAtMs: nowMs })).toEqual({ ok: false, reason: 'outsideHours' });
  });
});

describe('a user is refused', () => {
  test('without a group, where there is no default', () => {
    expect(resolve({}, { defaultGroup: null })).toEqual({ ok: false, reason: 'notAllowed' });
    expect(resolve(local({ groups: ['mail'] }), { defaultGroup: null })).toMatchObject({ ok: true });
  });

  test('with none but unknown groups, which the default must not replace', () => {
    expect(resolve(local({ groups: ['mial'] }))).toEqual({ ok: false, reason: 'notAllowed' });
    expect(resolve(local({ groups: ['mial', 'mail'] }))).toMatchObject({ policy: { groups: ['mail'] } });
  });

  test('whom RADIUS sends to a pool that is not there', () => {
    const grant = { source: 'radius', pool: 'gusts' } as const;
    expect(resolve({ grant })).toEqual({ ok: false, reason: 'noAddress' });
  });
});

describe('whatever is known of a user', () => {
  const names = fc.subarray(['staff', 'web', 'mail', 'default']);
  const number = fc.option(fc.integer({ min: 60, max: 90_000 }), { nil: undefined });
  const grant = fc
    .record({ sessionTimeout: number, idleTimeout: number, mtu: number, rateUp: number, sessions: number })
    .map((members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)))
    .map((members) => ({ source: 'radius' as const, ...members }));

  test('each member is decided once, from a source that is said, and the audit log can say so', () => {
    fc.assert(
      fc.property(names, grant, number, (groups, granted, left) => {
        const ends = left === undefined ? {} : { endsAtMs: nowMs + left * 1000 };
        const resolution = resolve({ ...local({ groups }), grant: granted, ...ends });
        if (!resolution.ok) throw new Error(resolution.reason);
        const { policy, decisions } = resolution;
        const members = decisions.map(({ member }) => member);
        expect(new Set(members).size).toBe(members.length);
        for (const member of policyMembers) {
          const isStated = member === 'networks' ? policy.networks.length > 0 : Object.hasOwn(policy, member);
          expect(members.includes(member)).toBe(isStated);
        }
        const event = { kind: 'policyDecided', user: policy.user, groups: policy.groups, decisions };
        expect(auditEvent.safeParse(event)).toMatchObject({ success: true });
      }),
    );
  });

  test('one more group never opens what was closed, but by its own list', () => {
    fc.assert(
      fc.property(names, fc.constantFrom('staff', 'web', 'mail', 'default'), (groups, more) => {
        const reachOf = (all: string[]) => decided(resolve(local({ groups: all }))).policy.reach;
        const before = groups.length === 0 ? undefined : reachOf(groups);
        if (before === undefined) return;
        const own = reachOf([more]) ?? [];
        const allowed = [...before, ...own];
        expect(reachOf([...groups, more])?.every((rule) => allowed.some((one) => one.network === rule.network))).toBe(
          true,
        );
      }),
    );
  });
});
