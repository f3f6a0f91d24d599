import type { HostConfig } from '../../contracts/host-config.ts';
import type { HostUser } from '../../contracts/host-user.ts';

export interface NamedGroup {
  readonly name: string;
  readonly group: HostConfig['groups'][string];
}

/**
 * The groups of a user, in the order of the configuration: those of the user's entries, and those that the values of a RADIUS
 * server or a directory stand for. Values that stand for nothing are ignored, since most are about other things.
 *
 * @returns `undefined` where the user may not connect: without a group while there is no default, or with none but groups
 *   that the configuration does not have, which a default must not replace
 */
export function groupsOf(
  config: HostConfig,
  configured: HostConfig['users'][number] | undefined,
  localUser: HostUser | undefined,
  grant: { readonly source: 'radius' | 'ldap'; readonly groupValues?: readonly string[] } | undefined,
): readonly NamedGroup[] | undefined {
  const values = new Set((grant?.groupValues ?? []).map(withoutCase));
  const mapping = grant === undefined ? [] : (config[grant.source]?.groups ?? []);
  const meant = mapping.flatMap(({ value, group }) => (values.has(withoutCase(value)) ? [group] : []));
  const named = new Set([...(configured?.groups ?? []), ...(localUser?.groups ?? []), ...meant]);
  if (named.size === 0) {
    if (config.defaultGroup === null) return undefined;
    named.add(config.defaultGroup);
  }
  const groups = Object.entries(config.groups).flatMap(([name, group]) => (named.has(name) ? [{ name, group }] : []));
  // It need not be written.
  const isPlainDefault = named.has('default') && !Object.hasOwn(config.groups, 'default');
  const all = isPlainDefault ? [...groups, { name: 'default', group: {} }] : groups;
  return all.length === 0 ? undefined : all;
}

function withoutCase(text: string): string {
  return text.toLowerCase();
}
