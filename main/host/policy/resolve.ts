import type { AuditReason } from '../../contracts/audit.ts';
import type { HostConfig } from '../../contracts/host-config.ts';
import { groupDefaults } from '../../contracts/host-group.ts';
import type { HostUser } from '../../contracts/host-user.ts';
import type { AddressSource, Decision, DecisionSource, SessionPolicy } from '../../contracts/session-policy.ts';
import { foldedName } from '../users/index.ts';
import type { Grant } from './grant.ts';
import { groupsNamed, type NamedGroup } from './groups.ts';

export interface PolicyInput {
  readonly config: HostConfig;
  /** As signed in, verbatim. */
  readonly user: string;
  /** The user's record in the local store, where that is who judged. */
  readonly localUser?: HostUser;
  readonly grant?: Grant;
  /** When the account or its allowed hours end. */
  readonly endsAtMs?: number;
  /** Used where no group names any. */
  readonly hostDnsServers: readonly string[];
  readonly nowMs: number;
}

export type Resolution =
  | { readonly ok: true; readonly policy: SessionPolicy; readonly decisions: readonly Decision[] }
  | { readonly ok: false; readonly reason: Extract<AuditReason, 'notAllowed' | 'noAddress' | 'outsideHours'> };

/**
 * Decides what holds for one session. Each member comes from the strongest source that has it: RADIUS or the directory, the
 * user's entry in the configuration, the local store, the user's groups in the order of the configuration, the default.
 * `routes` and `reach` are joined over the groups, `networks` over everything.
 */
export function resolvePolicy(input: PolicyInput): Resolution {
  const { config, user, localUser, grant, endsAtMs, nowMs } = input;
  if (endsAtMs !== undefined && endsAtMs <= nowMs) return { ok: false, reason: 'outsideHours' };
  const configured = configuredUser(input);
  const groups = groupsNamed(config, [
    ...(configured?.groups ?? []),
    ...(localUser?.groups ?? []),
    ...(grant?.groups ?? []),
  ]);
  if (groups === undefined) return { ok: false, reason: 'notAllowed' };
  const granted = grant?.source ?? 'radius';

  const decisions: Decision[] = [];
  const decide: Decide = (member, candidates) => {
    for (const { from, value, groups: names } of candidates) {
      if (value === undefined) continue;
      decisions.push({ member, from, ...(names === undefined ? {} : { groups: [...names] }) });
      return value;
    }
    return undefined;
  };
  const always = <Value>(member: Decision['member'], candidates: Candidates<Value>, standard: Value): Value =>
    decide(member, [...candidates, { from: 'default', value: standard }]) ?? standard;

  const address = addressSource(input, configured?.address, groups, granted, decide);
  if (address === undefined) return { ok: false, reason: 'noAddress' };

  const reach = decide('reach', [joined(groups, ({ reach }) => reach)]);
  const rateUp = decide<number | 'unlimited'>('rateUp', [
    { from: granted, value: grant?.rateUp },
    first(groups, ({ rate }) => rate?.up),
  ]);
  const rateDown = decide<number | 'unlimited'>('rateDown', [
    { from: granted, value: grant?.rateDown },
    first(groups, ({ rate }) => rate?.down),
  ]);
  const idleTimeout = decide('idleTimeout', [
    { from: granted, value: grant?.idleTimeout },
    first(groups, (group) => group.idleTimeout),
  ]);
  const sessionTimeout = sessionSeconds(input, groups, granted, decide);
  const policy: SessionPolicy = {
    user,
    groups: groups.map(({ name }) => name),
    address,
    tunnel: always('tunnel', [first(groups, ({ tunnel }) => tunnel)], groupDefaults.tunnel),
    routes: always('routes', [joined(groups, ({ routes }) => routes)], []),
    dnsServers: always(
      'dnsServers',
      [{ from: granted, value: grant?.dnsServers }, first(groups, ({ dns }) => dns?.servers)],
      input.hostDnsServers,
    ),
    searchDomains: always('searchDomains', [first(groups, ({ dns }) => dns?.searchDomains)], []),
    wins: always('wins', [{ from: granted, value: grant?.wins }, first(groups, ({ wins }) => wins)], []),
    ...(reach === undefined ? {} : { reach }),
    ...(rateUp === undefined || rateUp === 'unlimited' ? {} : { rateUp }),
    ...(rateDown === undefined || rateDown === 'unlimited' ? {} : { rateDown }),
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    ...(sessionTimeout === undefined ? {} : { sessionTimeout }),
    sessionsPerUser: always(
      'sessionsPerUser',
      [
        { from: granted, value: grant?.sessions },
        { from: 'localUser', value: localUser?.sessions },
        first(groups, (group) => group.sessionsPerUser),
      ],
      groupDefaults.sessionsPerUser,
    ),
    whenSessionsReached: always(
      'whenSessionsReached',
      [first(groups, (group) => group.whenSessionsReached)],
      groupDefaults.whenSessionsReached,
    ),
    isolated: always('isolated', [first(groups, ({ isolated }) => isolated)], groupDefaults.isolated),
    mtu: always('mtu', [{ from: granted, value: grant?.mtu }, first(groups, ({ mtu }) => mtu)], groupDefaults.mtu),
    networks: allNetworks(input, configured?.networks ?? [], granted, decisions),
  };
  return { ok: true, policy, decisions };
}

/** Who is judged elsewhere may write the name as that place takes it: what is said of the user here holds all the same. */
function configuredUser({ config: { users }, user, grant }: PolicyInput): HostConfig['users'][number] | undefined {
  const verbatim = users.find(({ name }) => name === user);
  if (verbatim !== undefined || grant === undefined) return verbatim;
  return users.find(({ name }) => foldedName(name) === foldedName(user));
}

/** One source that may have a member; `groups` where it is them. */
interface Candidate<Value> {
  readonly from: DecisionSource;
  readonly value: Value | undefined;
  readonly groups?: readonly string[];
}
type Candidates<Value> = readonly Candidate<Value>[];
/** The first candidate that has a value, recorded with its source. */
type Decide = <Value>(member: Decision['member'], candidates: Candidates<Value>) => Value | undefined;

type Read<Value> = (group: NamedGroup['group']) => Value | undefined;

function first<Value>(groups: readonly NamedGroup[], read: Read<Value>): Candidate<Value> {
  const found = groups.find(({ group }) => read(group) !== undefined);
  return found === undefined
    ? { from: 'group', value: undefined }
    : { from: 'group', value: read(found.group), groups: [found.name] };
}

/** A group that says nothing adds nothing, and takes nothing away from one that does. */
function joined<Entry>(groups: readonly NamedGroup[], read: Read<readonly Entry[]>): Candidate<readonly Entry[]> {
  const saying = groups.filter(({ group }) => read(group) !== undefined);
  return saying.length === 0
    ? { from: 'group', value: undefined }
    : {
        from: 'group',
        value: saying.flatMap(({ group }) => read(group) ?? []),
        groups: saying.map(({ name }) => name),
      };
}

/** @returns `undefined` where the server names a pool that is not there: any other would be a guess. */
function addressSource(
  { config, localUser, grant }: PolicyInput,
  configured: string | undefined,
  groups: readonly NamedGroup[],
  granted: DecisionSource,
  decide: Decide,
): AddressSource | undefined {
  if (grant?.pool !== undefined && !Object.hasOwn(config.pools, grant.pool)) return undefined;
  const fixed = (address: string | undefined): AddressSource | undefined =>
    address === undefined ? undefined : { kind: 'fixed', address };
  const fromPools = (pools: readonly string[] | undefined): AddressSource | undefined =>
    pools === undefined ? undefined : { kind: 'pools', pools };
  const ofGroups = first(groups, ({ pools }) => pools);
  const pools = grant?.pool === undefined ? (ofGroups.value ?? Object.keys(config.pools)) : [grant.pool];
  if (grant?.address?.chosenBy === 'client') {
    return decide('address', [{ from: granted, value: { kind: 'client', pools } satisfies AddressSource }]);
  }
  return decide('address', [
    { from: granted, value: fixed(grant?.address?.chosenBy === 'server' ? grant.address.address : undefined) },
    { from: 'configuredUser', value: fixed(configured) },
    { from: 'localUser', value: fixed(localUser?.address) },
    { from: granted, value: fromPools(grant?.pool === undefined ? undefined : [grant.pool]) },
    { ...ofGroups, value: fromPools(ofGroups.value) },
    { from: 'default', value: fromPools(Object.keys(config.pools)) },
  ]);
}

/** Whatever was granted, the session ends with the account and its hours. */
function sessionSeconds(
  { grant, endsAtMs, nowMs }: PolicyInput,
  groups: readonly NamedGroup[],
  granted: DecisionSource,
  decide: Decide,
): number | undefined {
  const leftSeconds = endsAtMs === undefined ? undefined : Math.ceil((endsAtMs - nowMs) / 1000);
  const ofGroups = first(groups, ({ sessionTimeout }) => sessionTimeout);
  const allowed = grant?.sessionTimeout ?? ofGroups.value;
  const endsFirst = leftSeconds !== undefined && (allowed === undefined || leftSeconds < allowed);
  return decide('sessionTimeout', [
    { from: 'account', value: endsFirst ? leftSeconds : undefined },
    { from: granted, value: grant?.sessionTimeout },
    ofGroups,
  ]);
}

function allNetworks(
  { localUser, grant }: PolicyInput,
  configured: readonly string[],
  granted: DecisionSource,
  decisions: Decision[],
): readonly string[] {
  const sources: readonly (readonly [DecisionSource, readonly string[]])[] = [
    [granted, grant?.networks ?? []],
    ['configuredUser', configured],
    ['localUser', localUser?.networks ?? []],
  ];
  const saying = sources.filter(([, networks]) => networks.length > 0);
  for (const [from] of saying) decisions.push({ member: 'networks', from });
  return [...new Set(saying.flatMap(([, networks]) => networks))];
}
