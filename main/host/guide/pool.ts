import { addressOf, interval, intersect, type Interval } from '../addresses/interval.ts';
import { homeNetworks } from '../configuration/index.ts';

/** Where private addresses are, in the order of how much room there is (RFC 1918 §3). */
const privateNetworks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(interval);

/** What containers and virtual machines take on many machines, also on those that begin with it tomorrow. */
const usualOnServers = [
  '10.42.0.0/15',
  '10.88.0.0/16',
  '10.96.0.0/12',
  '10.244.0.0/16',
  '172.17.0.0/16',
  '192.168.122.0/24',
];

const sizeBits = 8n;

/**
 * A /24 for clients that overlaps none of `taken` (the machine's networks and routes), nor what home routers and telephones give
 * out. A random one: two offices that both took the first free one could never be connected.
 *
 * @param random  from 0 to below 1
 * @returns `undefined` where everything private is taken
 */
export function suggestPool(taken: readonly string[], random: () => number): string | undefined {
  const avoided = [...taken, ...homeNetworks.map(({ network }) => network), ...usualOnServers].map(interval);
  const ipv4 = avoided.filter(({ family }) => family === 4);
  for (const within of privateNetworks) {
    const found = freeNetwork(within, ipv4, random);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first free one from a random place on, around the end to the beginning. */
function freeNetwork(within: Interval, avoided: readonly Interval[], random: () => number): string | undefined {
  const count = Number((within.last - within.first + 1n) >> sizeBits);
  const start = Math.floor(random() * count);
  for (let tried = 0; tried < count; tried++) {
    const first = within.first + (BigInt((start + tried) % count) << sizeBits);
    const candidate: Interval = { family: 4, first, last: first + (1n << sizeBits) - 1n };
    if (!avoided.some((each) => intersect(each, candidate))) return `${addressOf(first)}/24`;
  }
  return undefined;
}
