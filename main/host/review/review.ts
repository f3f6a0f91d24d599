import type { AccessReview, ReviewedGroup, ReviewedUser } from '../../contracts/access-review.ts';
import type { HostConfig } from '../../contracts/host-config.ts';
import { groupDefaults } from '../../contracts/host-group.ts';
import type { HostUser } from '../../contracts/host-user.ts';
import type { AddressSource } from '../../contracts/session-policy.ts';
import { dayMs } from '../../contracts/time.ts';
import { grantOfLdap, resolvePolicy } from '../policy/index.ts';
import { barredBy, foldedName } from '../users/index.ts';
import type { AccessHistory, UserHistory } from './history.ts';
import { weaknessesInUse, weaknessesOfHost } from './weaknesses.ts';

export interface ReviewGround {
  readonly config: HostConfig;
  /** Of the local store. */
  readonly localUsers: readonly HostUser[];
  readonly history: AccessHistory;
  /** When the certificate of a user ends, by name: the one that ends last. */
  readonly certificates?: ReadonlyMap<string, string>;
  readonly unusedAfterDays: number;
  readonly nowMs: number;
}

/**
 * Everybody who may connect as far as this host knows: users of the local store, of the configuration, and whoever another
 * judge let in. A member of a directory who never connected is not known here.
 */
export function reviewAccess(ground: ReviewGround): AccessReview {
  const { config, history, unusedAfterDays, nowMs } = ground;
  const users = [...localUsers(ground), ...usersElsewhere(ground)];
  return {
    madeAt: new Date(nowMs).toISOString(),
    unusedAfterDays,
    ...(history.from !== undefined && { auditLogFrom: history.from }),
    isCut: history.isCut,
    weaknesses: [...weaknessesOfHost(config, nowMs)],
    groups: groups(config, users),
    users: users.toSorted((a, b) => (a.user < b.user ? -1 : 1)),
  };
}

/** Names that the audit log is worth reading for, beside those whom it shows to have signed in. */
export function expectedNames(config: HostConfig, localUsers: readonly HostUser[]): readonly string[] {
  return [...localUsers, ...config.users].map(({ name }) => name);
}

function localUsers(ground: ReviewGround): readonly ReviewedUser[] {
  const { config, history, nowMs } = ground;
  const isAsked = config.authentication.sources.includes('local');
  return ground.localUsers.map((localUser) => {
    const { name } = localUser;
    const access = accessOf(ground, name, { localUser });
    const standing = standingOf(localUser, nowMs) ?? (isAsked && access !== undefined ? 'active' : 'notAllowed');
    return {
      ...rowOf(ground, name, history.users.get(name), access),
      judgedBy: 'local',
      standing,
      secondFactor: secondFactorOf(localUser),
    };
  });
}

/** Out of hours an account is good, and comes in again. */
function standingOf(user: HostUser, nowMs: number): 'disabled' | 'expired' | undefined {
  const barred = barredBy(user, nowMs);
  if (barred === 'accountDisabled') return 'disabled';
  return barred === 'accountExpired' ? 'expired' : undefined;
}

/** What the store says of one; a host that knows none has nobody with one. */
function secondFactorOf(user: HostUser): ReviewedUser['secondFactor'] {
  return user.oneTimeCode !== undefined ? 'oneTimeCode' : 'none';
}

function usersElsewhere(ground: ReviewGround): readonly ReviewedUser[] {
  const { config, history } = ground;
  const isLocal = new Set(ground.localUsers.map(({ name }) => name));
  /** Each judge elsewhere takes many spellings of a name for one user: the latest is shown. */
  const latest = new Map<string, { readonly name: string; readonly seen?: UserHistory }>();
  for (const { name } of config.users) if (!isLocal.has(name)) latest.set(foldedName(name), { name });
  for (const [name, seen] of history.users) {
    const before = latest.get(foldedName(name));
    const { lastSignIn } = seen;
    // Somebody whom the local store let in once, and does not have any more, has no access.
    const isTheirs = lastSignIn === undefined ? before !== undefined : lastSignIn.judgedBy !== 'local';
    if (isLocal.has(name) || !isTheirs) continue;
    latest.set(foldedName(name), { name, seen: before?.seen === undefined ? seen : joined(before.seen, seen) });
  }
  return [...latest.values()].map(({ name, seen }) => {
    const access = accessOf(ground, name, { groups: seen?.groups ?? [] });
    const judgedBy = seen?.lastSignIn?.judgedBy;
    const isAsked = judgedBy === undefined || config.authentication.sources.includes(judgedBy);
    return {
      ...rowOf(ground, name, seen, access),
      ...(judgedBy !== undefined && { judgedBy }),
      standing: isAsked && access !== undefined ? 'judgedElsewhere' : 'notAllowed',
      secondFactor: 'notKnown',
    };
  });
}

/** Two spellings of one name, the later one second. */
function joined(before: UserHistory, after: UserHistory): UserHistory {
  const [earlier, later] =
    (before.lastSignIn?.at ?? '') <= (after.lastSignIn?.at ?? '') ? [before, after] : [after, before];
  return {
    ...earlier,
    ...later,
    groups: later.lastSession === undefined ? earlier.groups : later.groups,
    signIns: before.signIns + after.signIns,
    failures: before.failures + after.failures,
  };
}

type Access = Pick<ReviewedUser, 'groups' | 'tunnel' | 'routes' | 'reach' | 'addresses' | 'networks'>;

const noAccess: Access = { groups: [], tunnel: 'full', routes: [], reach: [], addresses: [], networks: [] };

/** `undefined`: the user may not connect. */
function accessOf(
  { config, nowMs }: ReviewGround,
  user: string,
  known: { readonly localUser?: HostUser; readonly groups?: readonly string[] },
): Access | undefined {
  const { localUser, groups } = known;
  const resolution = resolvePolicy({
    config,
    user,
    hostDnsServers: [],
    nowMs,
    ...(localUser !== undefined && { localUser }),
    ...(groups !== undefined && { grant: grantOfLdap(groups) }),
  });
  if (!resolution.ok) return undefined;
  const { policy } = resolution;
  return {
    groups: [...policy.groups],
    tunnel: policy.tunnel,
    routes: [...policy.routes],
    ...(policy.reach !== undefined && { reach: [...policy.reach] }),
    addresses: addressesOf(policy.address),
    networks: [...policy.networks],
  };
}

function addressesOf(source: AddressSource): string[] {
  return source.kind === 'fixed' ? [source.address] : [...source.pools];
}

function rowOf(
  { certificates, unusedAfterDays, nowMs }: ReviewGround,
  user: string,
  seen: UserHistory | undefined,
  access = noAccess,
): Omit<ReviewedUser, 'standing' | 'secondFactor'> {
  const { lastSignIn, lastSession, lastFailure, signIns = 0, failures = 0 } = seen ?? {};
  const certificateExpiresAt = certificates?.get(user);
  const used = {
    ...(lastSignIn !== undefined && { lastSignIn }),
    ...(lastSession !== undefined && { lastSession }),
  };
  return {
    user,
    ...access,
    ...used,
    signIns,
    ...(lastFailure !== undefined && { lastFailure }),
    failures,
    ...(certificateExpiresAt !== undefined && { certificateExpiresAt }),
    weaknesses: [...weaknessesInUse(used)],
    isUnused: lastSignIn === undefined || nowMs - Date.parse(lastSignIn.at) >= unusedAfterDays * dayMs,
  };
}

function groups(config: HostConfig, users: readonly ReviewedUser[]): ReviewedGroup[] {
  const { groups: written, defaultGroup, pools } = config;
  const isPlainDefault = defaultGroup === 'default' && !Object.hasOwn(written, 'default');
  const plain: HostConfig['groups'] = isPlainDefault ? { default: {} } : {};
  return Object.entries({ ...written, ...plain }).map(([name, group]) => {
    const { reach, tunnel = groupDefaults.tunnel, routes = [], isolated = groupDefaults.isolated } = group;
    return {
      name,
      users: users.filter((user) => user.groups.includes(name)).length,
      pools: group.pools ?? Object.keys(pools),
      isolated,
      tunnel,
      routes,
      ...(reach !== undefined && { reach }),
    };
  });
}
