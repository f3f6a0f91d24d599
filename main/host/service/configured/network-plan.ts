import type { HostConfig } from '../../../contracts/host-config.ts';
import type { HostPool } from '../../../contracts/host-pool.ts';
import type { NetworkPlan } from '../../../contracts/helper.ts';
import { contains, interval, merge, networksOf, type Interval } from '../../addresses/interval.ts';
import { readInterval } from '../../addresses/pool-intervals.ts';
import type { Surroundings } from '../../configuration/index.ts';
import { largestMtuBytes } from './machine-config.ts';

type Gateway = NonNullable<NetworkPlan['gateway']>;

export const tunnelName = 'culvert-host';
/** Above that of every route of a session: what nobody has leads nowhere. */
const unreachableMetric = 4096;

export interface PlanGround {
  readonly gatewayAddress: string;
  readonly groups: readonly Gateway['groups'][number][];
  readonly hostNetworks: Surroundings['hostNetworks'];
}

/** The machine's network while the host runs, but for its sessions. */
export function hostPlan(config: HostConfig, { gatewayAddress, groups, hostNetworks }: PlanGround): NetworkPlan {
  const pools = Object.values(config.pools);
  const prefixes = pools.flatMap((pool) => (pool.source === 'dhcp' ? [] : (pool.ipv6Prefix ?? [])));
  const branches = config.users.flatMap(({ networks }) => networks);
  const ranges = pools.flatMap((pool) => merge(rangesOf(pool)).flatMap(networksOf));
  // On two interfaces, the kernel would take either for the one that the address is on.
  const isOwn = hostNetworks.some(({ network }) => network.split('/')[0] === gatewayAddress);
  const translated = pools.filter(({ mode }) => mode === 'nat');
  return {
    tunnel: {
      name: tunnelName,
      mtuBytes: largestMtuBytes(config),
      addresses: isOwn ? [] : [{ local: `${gatewayAddress}/32` }],
    },
    routes: [...new Set([...ranges, ...prefixes, ...branches])].map((to) => ({
      to,
      via: 'unreachable',
      metric: unreachableMetric,
    })),
    gateway: {
      ipv4: true,
      ipv6: [...prefixes, ...branches].some((network) => network.includes(':')),
      masquerade: merge(translated.flatMap((pool) => [...rangesOf(pool), ...lanOf(pool, hostNetworks)])).flatMap(
        networksOf,
      ),
      neighbours: answeredFor(pools, hostNetworks),
      groups: [...groups],
    },
  };
}

function rangesOf(pool: HostPool): readonly Interval[] {
  return pool.source === 'dhcp' ? [] : pool.ranges.flatMap((text) => readInterval(text) ?? []);
}

/** Where the leases of a DHCP server come from. */
function lanOf(pool: HostPool, hostNetworks: PlanGround['hostNetworks']): readonly Interval[] {
  if (pool.source !== 'dhcp') return [];
  const own = hostNetworks.filter((each) => each.interface === pool.interface).map(({ network }) => interval(network));
  return own.filter(({ family }) => family === 4);
}

/** The networks of the host that addresses of a pool are a part of. */
function answeredFor(pools: readonly HostPool[], hostNetworks: PlanGround['hostNetworks']): Gateway['neighbours'] {
  const answered = pools.filter(({ mode }) => mode === 'proxyArp');
  const ranges = answered.flatMap(rangesOf);
  const devices = new Set(answered.flatMap((pool) => (pool.source === 'dhcp' ? [pool.interface] : [])));
  return hostNetworks.flatMap(({ interface: device, network }) => {
    const own = interval(network);
    const isMeant = devices.has(device) || ranges.some((range) => contains(own, range));
    return isMeant && own.family === 4 ? [{ network: networksOf(own)[0] ?? network, device }] : [];
  });
}

/** Whether the office finds an address by itself: it is routed to the host, or answered for. What no pool has is routed. */
export function isRouted(config: HostConfig, address: string): boolean {
  const wanted = interval(address);
  const pool = Object.values(config.pools).find((each) => rangesOf(each).some((range) => contains(range, wanted)));
  return pool?.mode !== 'nat';
}
