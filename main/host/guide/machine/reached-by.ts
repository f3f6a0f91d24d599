import type { ReachedBy } from '../../../contracts/host-guide.ts';
import { contains, interval } from '../../addresses/interval.ts';

/** RFC 1918 §3, and link-local addresses (RFC 3927), which lead nowhere by themselves. */
const privateNetworks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'].map(interval);
/** Of providers that have more customers than addresses (RFC 6598). */
const sharedNetwork = interval('100.64.0.0/10');

/** How a client gets to the address by which the machine goes out; `undefined` where it goes nowhere. */
export function reachedAt(address: string | undefined): ReachedBy {
  if (address === undefined) return 'nothing';
  const own = interval(address);
  if (contains(sharedNetwork, own)) return 'sharedAddress';
  return privateNetworks.some((network) => contains(network, own)) ? 'router' : 'directly';
}
