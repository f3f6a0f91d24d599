import { countOf, intersect, type Interval } from '../addresses/interval.ts';
import { poolIntervals, rangePools, readInterval } from '../addresses/pool-intervals.ts';
import type { Finding, MemberPath } from './problem.ts';
import type { HostConfig } from '../../contracts/host-config.ts';

type Rule = (config: HostConfig) => readonly Finding[];

const rangesAscend: Rule = ({ pools }) =>
  rangePools(pools).flatMap(([name, pool]) =>
    (['ranges', 'exclude'] as const).flatMap((member) =>
      pool[member].flatMap((text, i) =>
        readInterval(text) === undefined
          ? [
              {
                path: ['pools', name, member, i],
                what: 'ends before it begins',
                fix: 'Write the lower address first.',
              },
            ]
          : [],
      ),
    ),
  );

const poolsHaveAddresses: Rule = ({ pools }) =>
  rangePools(pools).flatMap(([name, pool]) =>
    pool.ranges.some((text) => readInterval(text) === undefined) || countOf(poolIntervals(pool)) > 0n
      ? []
      : [
          {
            path: ['pools', name, 'ranges'],
            what: 'has no address left after its exclusions',
            fix: 'Widen the ranges, or exclude less.',
          },
        ],
  );

/** A network, who has it, and where that is written. */
interface Claim {
  readonly path: MemberPath;
  readonly owner: string;
  readonly interval: Interval;
}

function claim(path: MemberPath, text: string): readonly Claim[] {
  const interval = readInterval(text);
  const owner = path.slice(0, 2).join('.');
  return interval === undefined ? [] : [{ path, owner, interval }];
}

/** Each address stands for one pool or one branch: whatever is claimed twice. */
const claimsAreDisjoint: Rule = ({ pools, users }) => {
  const claims = [
    ...rangePools(pools).flatMap(([name, { ranges, ipv6Prefix }]) => [
      ...ranges.flatMap((text, i) => claim(['pools', name, 'ranges', i], text)),
      ...(ipv6Prefix === undefined ? [] : claim(['pools', name, 'ipv6Prefix'], ipv6Prefix)),
    ]),
    ...users.flatMap(({ networks }, i) => networks.flatMap((text, j) => claim(['users', i, 'networks', j], text))),
  ].toSorted((a, b) => (a.interval.first < b.interval.first ? -1 : Number(a.interval.first > b.interval.first)));
  // Sorted by their beginning, a claim that meets any earlier one meets the one of its family that reaches furthest.
  const furthest = new Map<4 | 6, Claim>();
  return claims.flatMap((next) => {
    const { family, last } = next.interval;
    const before = furthest.get(family);
    if (before === undefined || last > before.interval.last) furthest.set(family, next);
    if (before === undefined || !intersect(before.interval, next.interval)) return [];
    return [
      {
        path: next.path,
        what: `overlaps ${before.owner === next.owner ? 'another entry of the same' : before.owner}`,
        fix: 'Give each network to one pool or one branch.',
      },
    ];
  });
};

const prefixesHold64: Rule = ({ pools }) =>
  rangePools(pools).flatMap(([name, { ipv6Prefix }]) =>
    ipv6Prefix === undefined || Number(ipv6Prefix.split('/')[1]) <= 64
      ? []
      : [
          {
            path: ['pools', name, 'ipv6Prefix'],
            what: 'is longer than 64 bits',
            fix: 'Write a prefix of 64 bits or fewer; a client cannot configure itself in a longer one (RFC 4862).',
          },
        ],
  );

export const addressRules: readonly Rule[] = [rangesAscend, poolsHaveAddresses, claimsAreDisjoint, prefixesHold64];
