import type { DirectionLimit, FramedRoute, ReplyPolicy } from '../../protocol/radius/index.ts';

/** What a RADIUS server or a directory said about a user, read into plain values. */
export interface Grant {
  readonly source: 'radius' | 'ldap';
  /** Groups of the configuration that it means. */
  readonly groups?: readonly string[];
  /** Absent, or chosen by the host: as if nothing had been said. */
  readonly address?:
    { readonly chosenBy: 'server'; readonly address: string } | { readonly chosenBy: 'client' | 'host' };
  readonly pool?: string;
  /** Behind the client. */
  readonly networks?: readonly string[];
  readonly dnsServers?: readonly string[];
  readonly wins?: readonly string[];
  /** Kilobits a second, seen from the client. */
  readonly rateUp?: number | 'unlimited';
  readonly rateDown?: number | 'unlimited';
  /** Seconds. */
  readonly idleTimeout?: number;
  readonly sessionTimeout?: number;
  readonly sessions?: number;
  readonly mtu?: number;
}

/** What a tunnel can carry at all, whatever a server says. */
const mtuBytes = { least: 576, most: 1500 };

/** @param groups  those that the answer means (`groupsOf` of host/radius) */
export function grantOfRadius(reply: ReplyPolicy, groups: readonly string[]): Grant {
  const { address, pool, idleTimeoutSeconds, sessionTimeoutSeconds, portLimit, rateLimit } = reply;
  const networks = [
    ...[...reply.routes, ...reply.ipv6.routes]
      .filter((route) => isToClient(route, reply))
      .map((route) => `${route.destination}/${route.lengthBits}`),
    ...reply.ipv6.delegatedPrefixes.map((prefix) => `${prefix.address}/${prefix.lengthBits}`),
  ];
  return {
    source: 'radius',
    groups,
    networks,
    ...(address === undefined ? {} : { address }),
    ...(pool === undefined ? {} : { pool }),
    ...(reply.dns.length === 0 ? {} : { dnsServers: reply.dns }),
    ...(reply.wins.length === 0 ? {} : { wins: reply.wins }),
    ...(rateLimit === undefined ? {} : { rateUp: kilobits(rateLimit.fromUser), rateDown: kilobits(rateLimit.toUser) }),
    ...(idleTimeoutSeconds === undefined ? {} : { idleTimeout: idleTimeoutSeconds }),
    ...(sessionTimeoutSeconds === undefined ? {} : { sessionTimeout: sessionTimeoutSeconds }),
    ...(portLimit === undefined ? {} : { sessions: portLimit }),
    ...(reply.mtuBytes === undefined ? {} : { mtu: Math.min(Math.max(reply.mtuBytes, mtuBytes.least), mtuBytes.most) }),
  };
}

/**
 * @param groups  those that the entry's mean
 * @param address  IPv4, where the entry has one
 */
export function grantOfLdap(groups: readonly string[], address?: string): Grant {
  return { source: 'ldap', groups, ...(address === undefined ? {} : { address: { chosenBy: 'server', address } }) };
}

/** A route by a gateway other than the client is none of this session's. */
function isToClient({ gateway }: FramedRoute, { address }: ReplyPolicy): boolean {
  return gateway === undefined || (address?.chosenBy === 'server' && gateway === address.address);
}

function kilobits(limit: DirectionLimit | undefined): number | 'unlimited' {
  return limit === undefined ? 'unlimited' : Math.max(1, Math.round(limit.bitsPerSecond / 1000));
}
