import type { HostConfig } from '../../contracts/host-config.ts';
import { Secret } from '../../contracts/secret.ts';
import { foldedName } from '../users/index.ts';

/** Which running sessions a reload concerns. The others never notice. */
export interface Concerns {
  /** Something that every session stands on has changed, such as the addresses the host listens on. */
  readonly everybody: boolean;
  readonly groups: ReadonlySet<string>;
  readonly users: ReadonlySet<string>;
  readonly pools: ReadonlySet<string>;
  /** By what clients came in: `kind value` of an identity whose pre-shared key changed, `*` for the key of all others. */
  readonly credentials: ReadonlySet<string>;
  /** Members that hold from the next sign-in on. */
  readonly newSessions: ReadonlySet<keyof HostConfig>;
}

/** What a running session stands on. */
export interface SessionFooting {
  readonly user: string;
  readonly groups: readonly string[];
  readonly pool: string | undefined;
  /** As in `Concerns.credentials`. */
  readonly credential: string;
}

/** In `Concerns.credentials` for every client without a key of its own. */
export const sharedKey = '*';

/** Of clients with certificates: no change of a key concerns them. */
const anyCertificate = 'certificates';

/** By what a client came in, as `Concerns.credentials` has it. */
export function credentialOf(about: { readonly preSharedKey?: string; readonly certificate?: unknown }): string {
  return about.certificate === undefined ? (about.preSharedKey ?? sharedKey) : anyCertificate;
}

export function identityKey({ kind, value }: { readonly kind: string; readonly value: string }): string {
  return `${kind} ${value}`;
}

type Effect = 'none' | 'newSessions' | 'everybody' | 'entries';

/** Total, so that a new member cannot be forgotten here. */
const effects: Readonly<Record<keyof HostConfig, Effect>> = {
  $schema: 'none',
  version: 'none',
  listen: 'everybody',
  identity: 'newSessions',
  preSharedKey: 'entries',
  preSharedKeys: 'entries',
  certificates: 'newSessions', // who came in by one is judged again
  ipsec: 'newSessions',
  l2tp: 'newSessions',
  authentication: 'newSessions',
  oneTimeCodes: 'newSessions',
  eapTls: 'newSessions',
  gatewayAddress: 'everybody',
  pools: 'entries',
  groups: 'entries',
  defaultGroup: 'newSessions',
  users: 'entries',
  localUsers: 'newSessions',
  radius: 'newSessions',
  ldap: 'newSessions',
  winbind: 'newSessions',
  clients: 'none',
  certificateAuthority: 'none',
  limits: 'newSessions',
  audit: 'none',
  keepVersions: 'none',
};

/** Compares two configurations, secrets by their content. A secret in a file is compared by the file's name alone. */
export function concerns(previous: HostConfig, next: HostConfig): Concerns {
  const changed = membersWhere((member) => !alike(previous[member], next[member]));
  const withEffect = (effect: Effect): readonly (keyof HostConfig)[] =>
    changed.filter((member) => effects[member] === effect);
  const ownKeys = (config: HostConfig) =>
    new Map(config.preSharedKeys.map(({ identity, key }) => [identityKey(identity), key]));
  const users = (config: HostConfig) => new Map(config.users.map((user) => [user.name, user]));
  return {
    everybody: withEffect('everybody').length > 0,
    groups: changedKeys(mapOf(previous.groups), mapOf(next.groups)),
    users: changedKeys(users(previous), users(next)),
    pools: changedKeys(mapOf(previous.pools), mapOf(next.pools)),
    credentials: new Set([
      ...changedKeys(ownKeys(previous), ownKeys(next)),
      ...(changed.includes('preSharedKey') ? [sharedKey] : []),
    ]),
    newSessions: new Set(withEffect('newSessions')),
  };
}

export function isConcerned(by: Concerns, { user, groups, pool, credential }: SessionFooting): boolean {
  return (
    by.everybody ||
    [...by.users].some((name) => foldedName(name) === foldedName(user)) ||
    groups.some((group) => by.groups.has(group)) ||
    (pool !== undefined && by.pools.has(pool)) ||
    by.credentials.has(credential)
  );
}

/** The members, as deep as objects go, that differ: `groups.staff.mtu`; lists count as one. Never their values. */
export function changedMembers(previous: HostConfig, next: HostConfig): readonly string[] {
  return differences(previous, next, '');
}

function differences(before: unknown, after: unknown, path: string): readonly string[] {
  if (alike(before, after)) return [];
  if (!isMembers(before) || !isMembers(after) || holdsSecret(before) || holdsSecret(after)) return [path];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) =>
    differences(before[name], after[name], path === '' ? name : `${path}.${name}`),
  );
}

function membersWhere(holds: (member: keyof HostConfig) => boolean): readonly (keyof HostConfig)[] {
  return (Object.keys(effects) as (keyof HostConfig)[]).filter(holds);
}

function mapOf<Value>(entries: Readonly<Record<string, Value>>): ReadonlyMap<string, Value> {
  return new Map(Object.entries(entries));
}

function changedKeys(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): ReadonlySet<string> {
  const all = new Set([...before.keys(), ...after.keys()]);
  return new Set([...all].filter((key) => !alike(before.get(key), after.get(key))));
}

type Members = Readonly<Record<string, unknown>>;

/** Written as text, or as an object that names a file: one member either way. */
function holdsSecret(members: Members): boolean {
  return Object.values(members).some((value) => value instanceof Secret);
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

function alike(a: unknown, b: unknown): boolean {
  if (a instanceof Secret && b instanceof Secret) return a.expose() === b.expose();
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((entry, i) => alike(entry, b[i]));
  if (!isMembers(a) || !isMembers(b)) return a === b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => alike(a[name], b[name]));
}
