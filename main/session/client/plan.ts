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

/** While there is no tunnel: nothing, or the kill switch where the profile wants one. */
export function preparationPlan(profile: Profile, gatewayAddress: string): NetworkPlan {
  const kept = keptRoutes(profile);
  return {
    // The gateway itself may be in one of those networks.
    routes: kept.length > 0 ? [gatewayRoute(gatewayAddress), ...kept] : [],
    ...(profile.network.killSwitch && { killSwitch: { allow: [gatewayAddress] } }),
  };
}

/** More than any other route's to the same network, the tunnel's above all. */
const lastResortMetric = 0xffff_fffe;

/** The kill switch judges what the machine itself sends; what it forwards for a branch is kept by routes. */
function keptRoutes({ network }: Profile): NetworkPlan['routes'] {
  if (!network.killSwitch || network.branch.length === 0) return [];
  return network.routes.map((to) => ({ to, via: 'unreachable', metric: lastResortMetric }));
}

export function networkPlan(facts: PlanFacts): NetworkPlan {
  const { profile, gatewayAddress, ipv4, ipv6LinkLocal } = facts;
  const dns = dnsServers(facts);
  const gateway = branchGateway(facts);
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
    routes: [
      gatewayRoute(gatewayAddress),
      ...keptRoutes(profile),
      // A branch's are the office's (`officePolicy`).
      ...(gateway === undefined ? networksBehindGateway(facts).map((to) => ({ to, via: 'tunnel' as const })) : []),
    ],
    ...(dns.length > 0 && {
      dns: {
        servers: dns,
        searchDomains: profile.network.dns.searchDomains,
        domains: profile.network.dns.domains,
      },
    }),
    ...(gateway !== undefined && { gateway }),
  };
}

/**
 * What goes into the tunnel. Halves of the address space instead of a default route: the machine's own stays where it is. A
 * full tunnel takes IPv6 along even where the gateway carries none, so that nothing leaves beside it.
 */
export function networksBehindGateway(facts: PlanFacts): string[] {
  const { network } = facts.profile;
  if (network.mode === 'full') {
    return ['0.0.0.0/1', '128.0.0.0/1', ...(facts.kernelHasIpv6 ? ['::/1', '8000::/1'] : [])];
  }
  const { remoteAddress } = facts.ipv4;
  return [
    ...new Set([
      ...network.routes,
      ...dnsServers(facts).map(hostRoute),
      ...(network.branch.length > 0 && remoteAddress !== undefined ? [hostRoute(remoteAddress)] : []),
    ]),
  ];
}

const officeGroup = 1;

/** Seen from a branch the office is a session: of all that the tunnel brings, only what is from its networks passes. */
export function officePolicy(facts: PlanFacts): { group: number; prefixes: string[] } | undefined {
  if (facts.profile.network.branch.length === 0) return undefined;
  return { group: officeGroup, prefixes: networksBehindGateway(facts) };
}

function branchGateway({ profile, ipv4 }: PlanFacts): NetworkPlan['gateway'] {
  const { branch } = profile.network;
  if (branch.length === 0) return undefined;
  const reach = [...branch, hostRoute(ipv4.localAddress)].map((network) => ({ network, protocol: 'any' as const }));
  return {
    ipv4: branch.some((network) => !isIpv6(network)),
    ipv6: branch.some(isIpv6),
    masquerade: [],
    neighbours: [],
    groups: [{ group: officeGroup, reach, isolated: false, incoming: true }],
  };
}

function gatewayRoute(gatewayAddress: string): NetworkPlan['routes'][number] {
  return { to: hostRoute(gatewayAddress), via: 'underlay' };
}

export function dnsServers(facts: PlanFacts): string[] {
  const { use, servers } = facts.profile.network.dns;
  return { gateway: [...facts.ipv4.dnsServers], profile: servers, none: [] }[use];
}

/** Of an address or a network. */
export function isIpv6(address: string): boolean {
  return address.includes(':');
}

function hostRoute(address: string): string {
  return `${address}/${isIpv6(address) ? 128 : 32}`;
}
