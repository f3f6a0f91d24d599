import type { HostConfig } from '../../contracts/host-config.ts';
import { contains, countOf, interval, intersect, type Interval } from '../addresses/interval.ts';
import { addressPlan } from '../addresses/plan.ts';
import { homeNetworks } from './home-networks.ts';
import { poolIntervals, rangePools, readInterval } from '../addresses/pool-intervals.ts';
import type { Finding, MemberPath } from './problem.ts';
import { legacyAllowed } from './proposals.ts';

/** What the configuration is judged against besides itself. */
export interface Surroundings {
  readonly nowMs: number;
  /** The host's own: `{ interface: 'eth0', network: '192.168.7.0/24' }`. */
  readonly hostNetworks: readonly { readonly interface: string; readonly network: string }[];
}

type Doubt = (config: HostConfig, surroundings: Surroundings) => readonly Finding[];

/** What is valid and most likely not what somebody wants. */
export function doubtFindings(config: HostConfig, surroundings: Surroundings): readonly Finding[] {
  return doubts.flatMap((doubt) => doubt(config, surroundings));
}

interface Placed {
  readonly path: MemberPath;
  readonly interval: Interval;
  readonly mode: string;
}

function placedRanges({ pools }: HostConfig): readonly Placed[] {
  return rangePools(pools).flatMap(([name, { ranges, mode }]) =>
    ranges.flatMap((text, i) => {
      const interval = readInterval(text);
      return interval === undefined ? [] : [{ path: ['pools', name, 'ranges', i], interval, mode }];
    }),
  );
}

const poolsInOwnNetworks: Doubt = (config, { hostNetworks }) =>
  placedRanges(config).flatMap(({ path, interval: range, mode }) => {
    const own = hostNetworks.find(({ network }) => intersect(interval(network), range));
    if (mode === 'proxyArp') {
      return own !== undefined && contains(interval(own.network), range)
        ? []
        : [
            {
              path,
              what: 'is not within a network of this host, although its mode is proxyArp',
              fix: 'Choose addresses of the LAN that nothing else uses, or the mode routed or nat.',
            },
          ];
    }
    if (own === undefined) return [];
    return [
      {
        path,
        what: `overlaps the host's own network ${own.network} on ${own.interface}`,
        fix: 'Choose a network that is used nowhere else, or the mode proxyArp with addresses that nothing else uses.',
      },
    ];
  });

const poolsInHomes: Doubt = (config) =>
  placedRanges(config).flatMap(({ path, interval: range }) => {
    const home = homeNetworks.find(({ network }) => intersect(interval(network), range));
    return home === undefined
      ? []
      : [
          {
            path,
            what: `overlaps ${home.network}, which ${home.who} give out: clients at home there would not reach the office`,
            fix: 'Choose a network that few use, such as 10.91.37.0/24.',
          },
        ];
  });

/** Addresses that every machine has. */
const everywhereOrLocal = /^(0\.0\.0\.0|127\..*|::1?)$/;

const listeningIsPossible: Doubt = ({ listen }, { hostNetworks }) =>
  listen.addresses.flatMap((address, i) => {
    const isOwn = (network: string): boolean =>
      intersect(interval(network.split('/')[0] ?? network), interval(address));
    return everywhereOrLocal.test(address) || hostNetworks.some(({ network }) => isOwn(network))
      ? []
      : [
          {
            path: ['listen', 'addresses', i],
            what: 'is no address of this machine, so that the host cannot listen there',
            fix: "Write the machine's own, or leave listen.addresses out; a router forwards its public address to it.",
          },
        ];
  });

const poolsHaveAddresses: Doubt = (config) => {
  const { gatewayAddress } = addressPlan(config, []);
  return rangePools(config.pools).flatMap(([name, pool]) => {
    const intervals = poolIntervals(pool);
    const isUsedUp =
      gatewayAddress !== undefined &&
      countOf(intervals) === 1n &&
      intervals.some((one) => contains(one, interval(gatewayAddress)));
    return isUsedUp
      ? [
          {
            path: ['pools', name, 'ranges'],
            what: "has no address for a client: its only one is the host's own",
            fix: 'Widen the pool, or write another gatewayAddress.',
          },
        ]
      : [];
  });
};

const branchesInOwnNetworks: Doubt = ({ users }, { hostNetworks }) =>
  users.flatMap(({ networks }, i) =>
    networks.flatMap((text, j) => {
      const own = hostNetworks.find(({ network }) => intersect(interval(network), interval(text)));
      return own === undefined
        ? []
        : [
            {
              path: ['users', i, 'networks', j],
              what: `overlaps the host's own network ${own.network} on ${own.interface}`,
              fix: 'One of the two networks has to be renumbered, or left out here.',
            },
          ];
    }),
  );

const exclusionsExclude: Doubt = ({ pools }) =>
  rangePools(pools).flatMap(([name, { ranges, exclude }]) =>
    exclude.flatMap((text, i) => {
      const hole = readInterval(text);
      const isUseful =
        hole === undefined ||
        ranges.some((range) => {
          const whole = readInterval(range);
          return whole !== undefined && intersect(whole, hole);
        });
      return isUseful
        ? []
        : [
            {
              path: ['pools', name, 'exclude', i],
              what: 'excludes nothing of the ranges',
              fix: 'Correct or remove it.',
            },
          ];
    }),
  );

const staticAddressesInPools: Doubt = (config) =>
  config.users.flatMap(({ address }, i) => {
    if (address === undefined) return [];
    const ranges = placedRanges(config);
    return ranges.length === 0 || ranges.some(({ interval: range }) => contains(range, interval(address)))
      ? []
      : [
          {
            path: ['users', i, 'address'],
            what: 'is in no pool, so that nothing may know the way to it',
            fix: "Choose an address of a pool, or see to it that the office's router sends it to the host.",
          },
        ];
  });

const prefixesSuffice: Doubt = ({ pools }) =>
  rangePools(pools).flatMap(([name, pool]) => {
    const length = Number(pool.ipv6Prefix?.split('/')[1] ?? 64);
    const subnets = 1n << BigInt(Math.max(0, 64 - length));
    return length >= 64 || subnets >= countOf(poolIntervals(pool))
      ? []
      : [
          {
            path: ['pools', name, 'ipv6Prefix'],
            what: `holds ${subnets} networks of 64 bits, fewer than the pool has addresses: later clients get no IPv6`,
            fix: 'Write a shorter prefix, or a smaller pool.',
          },
        ];
  });

const papIsShown: Doubt = ({ authentication: { methods } }) => {
  return methods.flatMap((method, i) =>
    method !== 'pap' && method !== 'eap-gtc'
      ? []
      : [
          {
            path: ['authentication', 'methods', i],
            what: 'lets clients send their password itself, inside IPsec: whoever knows the pre-shared key can pose as this host and collect it',
            fix: 'Leave it out unless LDAP or one-time codes need it.',
          },
        ],
  );
};

const legacyIsOn: Doubt = ({ ipsec }, { nowMs }) => {
  if (ipsec.legacy === undefined) return [];
  const { until } = ipsec.legacy;
  return [
    legacyAllowed(ipsec, nowMs)
      ? {
          path: ['ipsec', 'legacy'],
          what: `lets in algorithms that can be broken, until ${until}`,
          fix: 'Bring the clients it is for up to date, then remove it.',
        }
      : {
          path: ['ipsec', 'legacy', 'until'],
          what: `ended on ${until}`,
          fix: 'Remove ipsec.legacy, or write a later day.',
        },
  ];
};

const leastKeyLength = 20;

const keysAreLong: Doubt = ({ preSharedKey, preSharedKeys }) => {
  const keys = [
    { path: ['preSharedKey'], key: preSharedKey },
    ...preSharedKeys.map(({ key }, i) => ({ path: ['preSharedKeys', i, 'key'], key })),
  ];
  return keys.flatMap(({ path, key }) =>
    key?.kind === 'inline' && key.text.expose().length < leastKeyLength
      ? [
          {
            path,
            what: 'is a short key: whoever records one sign-in can try words until one fits',
            fix: `Use at least ${leastKeyLength} random characters.`,
          },
        ]
      : [],
  );
};

const radiusIsFinal: Doubt = ({ authentication: { sources } }) => {
  const i = sources.indexOf('radius');
  const after = i < 0 ? undefined : sources[i + 1];
  if (after === undefined) return [];
  return [
    {
      path: ['authentication', 'sources', i + 1],
      what: 'is never asked: a RADIUS server does not tell whether it knows a name, and its no is final',
      fix: 'Put "radius" at the end.',
    },
  ];
};

const doubts: readonly Doubt[] = [
  listeningIsPossible,
  poolsHaveAddresses,
  poolsInOwnNetworks,
  poolsInHomes,
  branchesInOwnNetworks,
  exclusionsExclude,
  staticAddressesInPools,
  prefixesSuffice,
  papIsShown,
  radiusIsFinal,
  legacyIsOn,
  keysAreLong,
];
