import type { ReachedBy } from '../../../contracts/host-guide.ts';
import { contains, interval } from '../../addresses/interval.ts';

/** This host itself, which is what the system answers without a route (RFC 1122 §3.2.1.3). */
const ownNetworks = ['0.0.0.0/8', '127.0.0.0/8'].map(interval);
/**
 * What the Internet does not route: RFC 1918 §3, link-local addresses (RFC 3927), those for documentation (RFC 5737) and for
 * benchmarks (RFC 2544), and class E (RFC 1112 §4).
 */
const privateNetworks = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'],
  ...['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '198.18.0.0/15', '240.0.0.0/4'],
].map(interval);
/** Of providers that have more customers than addresses (RFC 6598). */
const sharedNetwork = interval('100.64.0.0/10');

/** How a client gets to the address by which the machine goes out; `undefined` where it goes nowhere. */
export function reachedAt(address: string | undefined): ReachedBy {
  if (address === undefined) return 'nothing';
  const own = interval(address);
  if (ownNetworks.some((network) => contains(network, own))) return 'nothing';
  if (contains(sharedNetwork, own)) return 'sharedAddress';
  return privateNetworks.some((network) => contains(network, own)) ? 'router' : 'directly';
}
