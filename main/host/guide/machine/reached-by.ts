import type { ReachedBy } from '../../../contracts/host-guide.ts';
import { contains, interval } from '../../addresses/interval.ts';

/** Networks that the Internet does not lead to (RFC 6890 §2.2.2, and what it names); every other address is reached directly. */
const specialNetworks: readonly (readonly [network: string, by: ReachedBy])[] = [
  ['0.0.0.0/8', 'nothing'], // this host itself (RFC 1122 §3.2.1.3)
  ['127.0.0.0/8', 'nothing'],
  ['10.0.0.0/8', 'router'], // RFC 1918 §3
  ['172.16.0.0/12', 'router'],
  ['192.168.0.0/16', 'router'],
  ['169.254.0.0/16', 'router'], // link-local, which leads nowhere by itself (RFC 3927)
  ['192.0.2.0/24', 'router'], // documentation (RFC 5737)
  ['198.51.100.0/24', 'router'],
  ['203.0.113.0/24', 'router'],
  ['198.18.0.0/15', 'router'], // benchmarks (RFC 2544)
  ['240.0.0.0/4', 'router'], // reserved (RFC 1112 §4)
  ['100.64.0.0/10', 'sharedAddress'], // of providers with more customers than addresses (RFC 6598)
  ['192.0.0.0/24', 'sharedAddress'], // DS-Lite (RFC 6333 §5.7) and 464XLAT (RFC 7335): IPv4 by the provider's translation
];

/** How a client gets to the address by which the machine goes out; `undefined` where it goes nowhere. */
export function reachedAt(address: string | undefined): ReachedBy {
  if (address === undefined) return 'nothing';
  const own = interval(address);
  const special = specialNetworks.find(([network]) => contains(interval(network), own));
  return special?.[1] ?? 'directly';
}
