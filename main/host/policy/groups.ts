import type { HostConfig } from '../../contracts/host-config.ts';

export interface NamedGroup {
  readonly name: string;
  readonly group: HostConfig['groups'][string];
}

/**
 * The groups of a user, in the order of the configuration.
 *
 * @param named  by the user's entries, and by what a RADIUS server or a directory said
 * @returns `undefined` where the user may not connect: without a group while there is no default, or with none but groups
 *   that the configuration does not have, which a default must not replace
 */
export function groupsNamed(
  { groups, defaultGroup }: HostConfig,
  named: readonly string[],
): readonly NamedGroup[] | undefined {
  if (named.length === 0 && defaultGroup === null) return undefined;
  const wanted = new Set(named.length === 0 ? [defaultGroup] : named);
  const written = Object.entries(groups).flatMap(([name, group]) => (wanted.has(name) ? [{ name, group }] : []));
  // It need not be written.
  const isPlainDefault = wanted.has('default') && !Object.hasOwn(groups, 'default');
  const all = isPlainDefault ? [...written, { name: 'default', group: {} }] : written;
  return all.length === 0 ? undefined : all;
}
