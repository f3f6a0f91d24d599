import type { NetworkPlan } from '../../contracts/helper.ts';
import type { Profile } from '../../contracts/profile.ts';
import type { Ipv4Facts } from './types.ts';

/** What the peer gave, and what it all adds up to for this machine's network. */
export interface PlanFacts {
  readonly name: string;
  readonly profile: Profile;
  readonly gatewayAddress: string;
  readonly kernelHasIpv6: boolean;
  readonly ipv4: Ipv4Facts;
  readonly ipv6LinkLocal?: string;
  readonly mtuBytes: number;
}

/** While dialling: nothing but the kill switch, where the profile wants one. */
export function preparationPlan(profile: Profile, gatewayAddress: string): NetworkPlan {
  return {
    routes: [],
    ...(profile.network.killSwitch && { killSwitch: { allow: [gatewayAddress] } }),
  };
}

export function networkPlan(facts: PlanFacts): NetworkPlan {
  const { profile, gatewayAddress, ipv4, ipv6LinkLocal } = facts;
  const dns = dnsServers(facts);
  return {
    ...preparationPlan(profile, gatewayAddress),
    tunnel: {
      name: `cv-${facts.name}`.slice(0, 15).replace(/-$/, ''),
      mtuBytes: facts.mtuBytes,
      addresses: [
        { local: `${ipv4.localAddress}/32`, ...(ipv4.remoteAddress !== undefined && { peer: ipv4.remoteAddress }) },
        ...(ipv6LinkLocal === undefined ? [] : [{ local: `${ipv6LinkLocal}/64` }]),
      ],
    },
    routes: routes(facts, dns),
    ...(dns.length > 0 && {
      dns: {
        servers: dns,
        searchDomains: profile.network.dns.searchDomains,
        domains: profile.network.dns.domains,
      },
    }),
  };
}

function dnsServers(facts: PlanFacts): string[] {
  const { use, servers } = facts.profile.network.dns;
  return { gateway: [...facts.ipv4.dnsServers], profile: servers, none: [] }[use];
}

/**
 * Halves of the address space instead of a default route: the machine's own stays where it is. A full tunnel takes IPv6
 * along even where the gateway carries none, so that nothing leaves beside it.
 */
function routes(facts: PlanFacts, dns: readonly string[]): NetworkPlan['routes'] {
  const { profile, gatewayAddress } = facts;
  const wanted =
    profile.network.mode === 'full'
      ? ['0.0.0.0/1', '128.0.0.0/1', ...(facts.kernelHasIpv6 ? ['::/1', '8000::/1'] : [])]
      : [...profile.network.routes, ...dns.map(hostRoute)];
  return [
    { to: hostRoute(gatewayAddress), via: 'underlay' },
    ...[...new Set(wanted)].map((to) => ({ to, via: 'tunnel' as const })),
  ];
}

function hostRoute(address: string): string {
  return address.includes(':') ? `${address}/128` : `${address}/32`;
}
