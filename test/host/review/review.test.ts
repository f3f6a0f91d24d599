import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accessReview, type AccessReview, type ReviewedUser } from '../../../main/contracts/access-review.ts';
import type { AuditEvent, AuditRecord } from '../../../main/contracts/audit.ts';
import { hostUser } from '../../../main/contracts/host-user.ts';
import { checkHostConfig } from '../../../main/host/configuration/index.ts';
import { readHistory } from '../../../main/host/review/history.ts';
import { expectedNames, reviewAccess } from '../../../main/host/review/review.ts';

const nowMs = Date.parse('2026-11-29T12:00:00Z');
const from = '198.51.100.7';

function configuration(members: object) {
  const text = JSON.stringify({
    preSharedKeys: [{ identity: { kind: 'address', value: '192.0.2.1' }, key: 'a key that is long enough' }],
    pools: { office: { ranges: ['10.91.37.0/24'] }, guests: { ranges: ['10.92.0.0/24'] } },
    groups: {
      staff: {
        tunnel: 'split',
        routes: ['10.20.0.0/16'],
        reach: [{ network: '10.20.0.0/16', protocol: 'tcp', ports: ['443'] }],
      },
      guests: { pools: ['guests'], reach: [] },
    },
    defaultGroup: null,
    ...members,
  });
  const checked = checkHostConfig(text, { nowMs, hostNetworks: [] });
  return checked.ok ? checked.config : expect.fail(JSON.stringify(checked.problems));
}

const at = (daysAgo: number): string => new Date(nowMs - daysAgo * 86_400_000).toISOString();

type Entry = readonly [daysAgo: number, event: AuditEvent];

async function* log(...entries: readonly Entry[]): AsyncGenerator<AuditRecord> {
  for (const [i, [daysAgo, event]] of entries.entries()) {
    yield await Promise.resolve({
      sequence: i + 1,
      at: at(daysAgo),
      previous: '0'.repeat(64),
      event,
      hash: '0'.repeat(64),
    });
  }
}

const signIn = (user: string, judgedBy: 'local' | 'ldap' | 'radius', method: 'pap' | 'mschapv2' = 'mschapv2') =>
  ({ kind: 'authenticationSucceeded', user, source: from, method, judgedBy }) as const;
const session = (user: string, groups: string[], ike = 'aes-256-cbc/sha256/modp2048', esp = 'aes-256-gcm-16') =>
  ({ kind: 'sessionStarted', session: 1, user, source: from, groups, ike, esp, client: 'windows' }) as const;
const refusal = (user: string) =>
  ({ kind: 'authenticationFailed', user, source: from, phase: 'userAuthentication', reason: 'wrongPassword' }) as const;

async function review(
  members: object,
  localUsers: readonly object[],
  ...entries: readonly Entry[]
): Promise<AccessReview> {
  const config = configuration(members);
  const users = localUsers.map((user) => hostUser.parse(user));
  const history = await readHistory(log(...entries), expectedNames(config, users));
  const made = reviewAccess({ config, localUsers: users, history, unusedAfterDays: 90, nowMs });
  expect(accessReview.parse(made)).toEqual(made);
  return made;
}

const rowOf = ({ users }: AccessReview, name: string): ReviewedUser =>
  users.find(({ user }) => user === name) ?? expect.fail(name);

describe('a review of access', () => {
  test('shows of a local user the groups, what they reach, and how and when the user last signed in', async () => {
    const made = await review(
      {},
      [{ name: 'ada', groups: ['staff'], address: '10.91.37.9' }],
      [40, { kind: 'hostStarted' }],
      [30, signIn('ada', 'local')],
      [3, refusal('ada')],
      [2, signIn('ada', 'local')],
      [2, session('ada', ['staff'])],
    );
    expect(made).toMatchObject({ auditLogFrom: at(40), weaknesses: [], isCut: false });
    expect(made.users).toEqual([
      {
        user: 'ada',
        judgedBy: 'local',
        standing: 'active',
        groups: ['staff'],
        tunnel: 'split',
        routes: ['10.20.0.0/16'],
        reach: [{ network: '10.20.0.0/16', protocol: 'tcp', ports: ['443'] }],
        addresses: ['10.91.37.9'],
        networks: [],
        lastSignIn: { at: at(2), from, method: 'mschapv2', judgedBy: 'local' },
        signIns: 2,
        lastSession: { client: 'windows', ike: 'aes-256-cbc/sha256/modp2048', esp: 'aes-256-gcm-16' },
        lastFailure: { at: at(3), from, reason: 'wrongPassword' },
        failures: 1,
        secondFactor: 'none',
        weaknesses: [],
        isUnused: false,
      },
    ]);
    expect(made.groups).toMatchObject([
      { name: 'staff', users: 1, tunnel: 'split', pools: ['office', 'guests'] },
      { name: 'guests', users: 0, pools: ['guests'], reach: [] },
    ]);
  });

  test('tells accounts that are closed, that may not connect, and that nobody used', async () => {
    const made = await review(
      {},
      [
        { name: 'closed', groups: ['staff'], disabled: true },
        { name: 'over', groups: ['staff'], expiresAt: '2026-01-01T00:00:00Z' },
        { name: 'nowhere' },
        { name: 'old', groups: ['staff'] },
      ],
      [90, signIn('old', 'local')],
    );
    const standing = made.users.map(({ user, standing: is, isUnused }) => [user, is, isUnused]);
    expect(standing).toEqual([
      ['closed', 'disabled', true],
      ['nowhere', 'notAllowed', true],
      ['old', 'active', true],
      ['over', 'expired', true],
    ]);
    expect(rowOf(made, 'nowhere')).toMatchObject({ groups: [], reach: [] });
  });

  test('lists whom others judged with the groups of the last session, however they wrote their name', async () => {
    const members = {
      authentication: { sources: ['local', 'radius'] },
      radius: { servers: [{ address: '192.0.2.9', secret: 'x' }] },
      users: [
        { name: 'branch', groups: ['guests'], networks: ['10.77.0.0/24'] },
        { name: 'ADA', groups: ['guests'] },
      ],
    };
    const made = await review(
      members,
      [],
      [9, signIn('ada', 'radius')],
      [9, session('ada', ['staff'])],
      [8, signIn('Ada', 'radius')],
      [7, signIn('gone', 'ldap')],
      [7, session('gone', ['staff'])],
      [6, signIn('removed', 'local')],
      [5, refusal('branch')],
    );
    expect(made.users.map(({ user }) => user)).toEqual(['Ada', 'branch', 'gone']);
    expect(rowOf(made, 'Ada')).toMatchObject({
      standing: 'judgedElsewhere',
      judgedBy: 'radius',
      signIns: 2,
      groups: ['staff', 'guests'],
      secondFactor: 'notKnown',
      lastSignIn: { at: at(8) },
    });
    expect(rowOf(made, 'branch')).toMatchObject({
      networks: ['10.77.0.0/24'],
      signIns: 0,
      failures: 1,
      isUnused: true,
    });
    // Nobody asks the directory any more.
    expect(rowOf(made, 'gone')).toMatchObject({ standing: 'notAllowed' });
  });

  test('names what is weak, in the configuration and in use', async () => {
    const made = await review(
      {
        preSharedKey: 'a key that is long enough',
        authentication: { methods: ['mschapv2', 'chap-md5', 'pap'] },
        ipsec: { legacy: { until: '2026-12-31', reason: 'the old printer' } },
      },
      [{ name: 'ada', groups: ['staff'] }],
      [2, signIn('ada', 'local', 'pap')],
      [2, session('ada', ['staff'], '3des-cbc/md5/modp1024', '3des-cbc/sha1')],
    );
    expect(made.weaknesses).toEqual(['sharedKey', 'legacy', 'pap', 'chapMd5']);
    expect(rowOf(made, 'ada').weaknesses).toEqual(['pap', 'tripleDes', 'md5', 'modp1024']);
    const later = await review({ ipsec: { legacy: { until: '2026-11-28', reason: 'x' } } }, []);
    expect(later.weaknesses).toEqual([]);
  });

  test('holds no more users than it may, and no names that somebody made up', async () => {
    const many = Array.from({ length: 50 }, (_, i) => [1, signIn(`user${i}`, 'radius')] as const);
    const strangers = Array.from({ length: 50 }, (_, i) => [1, refusal(`stranger${i}`)] as const);
    const history = await readHistory(log(...strangers, ...many, [0, signIn('user3', 'radius')]), [], 10);
    expect(history.isCut).toBe(true);
    expect([...history.users.keys()]).toEqual([...Array.from({ length: 9 }, (_, i) => `user${41 + i}`), 'user3']);
  });

  test('is made of any log whatever', async () => {
    const name = fc.constantFrom('ada', 'Ada', 'bob', 'branch');
    const event = fc.oneof(
      fc.tuple(name, fc.constantFrom('local' as const, 'ldap' as const, 'radius' as const)).map((of) => signIn(...of)),
      fc.tuple(name, fc.subarray(['staff', 'guests', 'former'])).map((of) => session(...of)),
      name.map(refusal),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(200), event), { maxLength: 30 }), async (entries) => {
        const made = await review(
          { users: [{ name: 'branch', groups: ['guests'] }] },
          [{ name: 'ada', groups: ['staff'] }],
          ...entries,
        );
        const names = made.users.map(({ user }) => user);
        expect(new Set(names).size).toBe(names.length);
        expect(names).toEqual(expect.arrayContaining(['ada', 'branch']));
      }),
    );
  });
});
