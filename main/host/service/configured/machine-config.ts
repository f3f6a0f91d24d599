import type { Failure } from '../../../contracts/failure.ts';
import { groupDefaults } from '../../../contracts/host-group.ts';
import type { HostConfig } from '../../../contracts/host-config.ts';
import type { IdentityForm } from '../../../contracts/profile.ts';
import { defaultLimits, type HostConfig as MachineConfig, type HostKey } from '../../../session/host/index.ts';
import { identityOf } from '../../../session/identity.ts';
import { parseEspProposal, parseIkeProposal } from '../../../session/proposals.ts';
import { acceptedProposals, hostSecretBytes, identityKey, sharedKey } from '../../configuration/index.ts';

/** What the machine of the sessions is told, from what people wrote. */

/** A client that says nothing for so long, and does not answer either, is gone: whatever its DPD says, PPP asks too. */
const echo = { intervalMs: 30_000, failures: 4 };

/** What a configuration needs that is not in it. */
export interface Ground {
  /** The address that clients reach the host by, as its own sockets have it. */
  readonly localAddress: string;
  /** The host's own inside the tunnels. */
  readonly gatewayAddress: string;
}

export function machineConfig(
  config: HostConfig,
  keys: readonly HostKey[],
  { localAddress, gatewayAddress }: Ground,
  nowMs: number,
): MachineConfig {
  const { ipsec, limits, listen, l2tp, authentication } = config;
  const { ike, esp } = acceptedProposals(ipsec, nowMs);
  const { idle, retry, tries } = ipsec.deadPeerDetection;
  return {
    name: l2tp.hostName,
    local: { address: localAddress, ikePort: listen.ikePort, nattPort: listen.natTraversalPort },
    identity: config.identity === undefined ? 'address' : identityOf(config.identity),
    preSharedKeys: keys,
    proposals: { ike: ike.map(parseIkeProposal), esp: esp.map(parseEspProposal) },
    lifetimes: {
      ikeSeconds: ipsec.ikeLifetime,
      espSeconds: ipsec.espLifetime,
      ...(ipsec.espLifetimeKilobytes !== undefined && { espKilobytes: ipsec.espLifetimeKilobytes }),
    },
    deadPeerDetection: { idleMs: idle * 1000, retryMs: retry * 1000, tries },
    fragmentBytes: ipsec.fragmentBytes,
    limits: {
      ...defaultLimits,
      peers: limits.sessions,
      halfOpen: limits.halfOpen.total,
      halfOpenPerSource: limits.halfOpen.perSource,
    },
    l2tp: { helloMs: l2tp.hello * 1000 },
    ppp: {
      methods: authentication.methods,
      localAddress: gatewayAddress,
      dns: [],
      wins: [],
      mruBytes: largestMtuBytes(config),
      ipv6: Object.values(config.pools).some((pool) => pool.source !== 'dhcp' && pool.ipv6Prefix !== undefined),
      echo,
      authenticationTimeoutMs: authentication.timeout * 1000,
    },
  };
}

/** Of all that a session of this configuration may get. */
export function largestMtuBytes({ groups }: HostConfig): number {
  return Math.max(groupDefaults.mtu, ...Object.values(groups).map(({ mtu }) => mtu ?? 0));
}

/**
 * The pre-shared keys, each by the name that `concerns` has for it.
 *
 * @param configFile  what the paths of their files are relative to
 * @returns every failure where any of them cannot be read
 */
export async function readKeys(
  config: HostConfig,
  configFile: string,
): Promise<{ readonly keys: readonly HostKey[]; readonly failures: readonly Failure[] }> {
  const wanted = [
    ...config.preSharedKeys.map(({ identity, key }, i) => ({
      reference: key,
      what: `preSharedKeys[${i}].key`,
      of: { name: identityKey(identity), ...scopeOf(identity) },
    })),
    ...(config.preSharedKey === undefined
      ? []
      : [{ reference: config.preSharedKey, what: 'preSharedKey', of: { name: sharedKey } }]),
  ];
  const keys: HostKey[] = [];
  const failures: Failure[] = [];
  for (const { reference, what, of } of wanted) {
    const read = await hostSecretBytes(reference, configFile, what);
    if (read.ok) keys.push({ ...of, key: read.value.expose() });
    else failures.push(read.failure);
  }
  return { keys, failures };
}

/** Who comes from an address need not call itself by it: behind a NAT it cannot know the one outside. */
function scopeOf(identity: IdentityForm): Pick<HostKey, 'from' | 'identity'> {
  return identity.kind === 'address' ? { from: [identity.value] } : { identity: identityOf(identity) };
}
