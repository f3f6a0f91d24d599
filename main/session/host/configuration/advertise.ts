import type { SessionPolicy } from '../../../contracts/session-policy.ts';
import { allNodes, type IpPacket, isIpv6, linkLocal } from '../../../protocol/ip/index.ts';
import { isRouterSolicitation, type NdOption, writeRouterAdvertisement } from '../../../protocol/ndp/index.ts';
import { randomU16 } from '../../../protocol/wire/random.ts';
import type { Ipv6Link, Session } from '../peer.ts';
import type { Turn } from '../turn.ts';
import { sendPacket, takeAnswer } from './send.ts';

/** RFC 4861 §6.2.1's defaults, §10; the prefix's lifetimes are those of RFC 9096 §3.4. */
const interval = { leastMs: 200_000, mostMs: 600_000 };
const initially = { advertisements: 3, mostMs: 16_000 };
/** Three times the longest interval: two advertisements may be lost. */
export const lifetimeSeconds = 1800;
const prefixSeconds = { valid: 5400, preferred: 2700 };
/** RFC 8200 §5: below it there is no IPv6. */
const leastMtuBytes = 1280;
/** In one option; what does not fit one packet goes on in another. */
const domainsTogether = 4;
const hopLimit = 64;

/** A session whose peer may have IPv6 addresses of a prefix of its own. */
interface Router {
  readonly policy: SessionPolicy;
  readonly prefix: string;
  readonly link: Ipv6Link;
}

function routerOf({ online, policy, ipv6Prefix, ipv6, call, end }: Session): Router | undefined {
  if (online === undefined || policy === undefined || end !== undefined || call.mtuBytes < leastMtuBytes)
    return undefined;
  return ipv6Prefix === undefined || ipv6 === undefined ? undefined : { policy, prefix: ipv6Prefix, link: ipv6 };
}

/** Begins when all that it takes is known, in whatever order that came; said again where what it says has changed. */
export function advertise(turn: Turn, id: number): void {
  const session = turn.peer.sessions.get(id);
  const router = session && routerOf(session);
  if (session === undefined || router === undefined) return;
  sendAdvertisement(turn, session, router, allNodes);
  const times = (router.link.advertised?.times ?? 0) + 1;
  const advertised = { times, nextMs: turn.env.nowMs + pauseMs(turn, times) };
  turn.putSession(id, { ipv6: { ...router.link, advertised } });
}

/** Random, so that a host's sessions do not all speak at once (RFC 4861 §6.2.4). */
function pauseMs({ env }: Turn, times: number): number {
  const { leastMs, mostMs } = interval;
  const pause = Math.round(leastMs + ((mostMs - leastMs) * randomU16(env.crypto)) / 0xffff);
  return times < initially.advertisements ? Math.min(pause, initially.mostMs) : pause;
}

export function tickAdvertising(turn: Turn, { id, ipv6, end }: Session): void {
  const nextMs = ipv6?.advertised?.nextMs ?? Infinity;
  if (end === undefined && turn.env.nowMs >= nextMs) advertise(turn, id);
}

/**
 * To whoever asks, at once: the delay of RFC 4861 §6.2.6 is for links with several routers, and this one has two ends.
 * @throws WireError
 */
export function receiveSolicitation(turn: Turn, session: Session, packet: IpPacket): void {
  const router = routerOf(session);
  if (router === undefined || !isRouterSolicitation(packet) || !takeAnswer(turn, session)) return;
  sendAdvertisement(turn, session, router, packet.source === '::' ? allNodes : packet.source);
}

function sendAdvertisement(turn: Turn, session: Session, router: Router, destination: string): void {
  const { policy, prefix, link } = router;
  const { mtuBytes } = session.call;
  const options = optionsOf(policy, prefix, mtuBytes);
  const otherConfiguration = options.some(({ kind }) => kind === 'dnsServers' || kind === 'searchDomains');
  // With a split tunnel only the routes lead here.
  const routerSeconds = policy.tunnel === 'full' ? lifetimeSeconds : 0;
  const said = { hopLimit, managed: false, otherConfiguration, routerSeconds, options };
  const ends = { source: linkLocal(link.localInterfaceId), destination };
  for (const packet of writeRouterAdvertisement(said, ends, mtuBytes)) sendPacket(turn, session.id, packet);
}

function optionsOf(policy: SessionPolicy, network: string, mtuBytes: number): readonly NdOption[] {
  const seconds = lifetimeSeconds;
  const dnsServers = policy.dnsServers.filter(isIpv6);
  const { searchDomains } = policy;
  const groups = Array.from({ length: Math.ceil(searchDomains.length / domainsTogether) }, (_, i) =>
    searchDomains.slice(domainsTogether * i, domainsTogether * (i + 1)),
  );
  const { valid: validSeconds, preferred: preferredSeconds } = prefixSeconds;
  return [
    // Not on the link: there is nobody on it but the two of us, and the rest of a shared prefix is behind the host.
    { kind: 'prefix', network, onLink: false, autonomous: true, validSeconds, preferredSeconds },
    { kind: 'mtu', mtuBytes },
    ...(dnsServers.length === 0 ? [] : [{ kind: 'dnsServers', addresses: dnsServers, seconds } as const]),
    ...groups.map((domains) => ({ kind: 'searchDomains', domains, seconds }) as const),
    ...policy.routes.filter(isIpv6).map((route) => ({ kind: 'route', network: route, seconds }) as const),
  ];
}
