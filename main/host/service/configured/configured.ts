import { hostname } from 'node:os';
import type { HostConfig } from '../../../contracts/host-config.ts';
import type { Failure } from '../../../contracts/failure.ts';
import type { HostConfig as MachineConfig, HostKey } from '../../../session/host/index.ts';
import type { TlsSettings } from '../../../engine/eap-tls/channel.ts';
import { addressPlan, mayRelay } from '../../addresses/index.ts';
import type { AuthorityGround } from '../../authority/index.ts';
import { loadHostConfig, type Problem, type Surroundings } from '../../configuration/index.ts';
import type { PlanSource } from '../enforcement/enforcement.ts';
import { type ReadCertificates, readCertificates } from './certificates.ts';
import { machineConfig, readKeys } from './machine-config.ts';
import { hostPlan, isRouted } from './network-plan.ts';
import { readTls } from './tls.ts';
import { hostDnsServers, localAddress, surroundings } from './surroundings.ts';

/** A configuration with all that a host makes of it. */
export interface Configured {
  readonly file: string;
  readonly text: string;
  readonly config: HostConfig;
  readonly warnings: readonly Problem[];
  readonly keys: readonly HostKey[];
  readonly tls: TlsSettings | undefined;
  readonly certificates?: ReadCertificates;
  readonly localAddress: string;
  readonly gatewayAddress: string;
  readonly hostNetworks: Surroundings['hostNetworks'];
}

export type ReadConfiguration =
  { readonly ok: true; readonly configured: Configured } | { readonly ok: false; readonly errors: readonly Problem[] };

/** Judges a configuration file, and reads its pre-shared keys. Never throws. */
export async function readConfiguration(file: string): Promise<ReadConfiguration> {
  const around = surroundings(Date.now());
  const loaded = loadHostConfig(file, around);
  if (!loaded.ok) return { ok: false, errors: loaded.problems };
  const { config, text, problems: warnings } = loaded;
  const { keys, failures } = await readKeys(config, file);
  const certificates = await readCertificates(config, file);
  const unusable = certificates.ok ? failures : [...failures, certificates.failure];
  const errors = [...unusable.map(problemOf), ...(await relayProblems(config))];
  if (!certificates.ok || errors.length > 0) return { ok: false, errors };
  const tls = readTls(config, file);
  if (!tls.ok) return { ok: false, errors: [problemOf(tls.failure)] };
  const { hostNetworks } = around;
  const local = await localAddress(config);
  const gatewayAddress = addressPlan(config, []).gatewayAddress ?? gatewayOfLans;
  return {
    ok: true,
    configured: {
      ...{ file, text, config, keys, tls: tls.value, localAddress: local, gatewayAddress, hostNetworks },
      warnings: [...warnings, ...(certificates.value?.warnings ?? [])],
      ...(certificates.value !== undefined && { certificates: certificates.value }),
    },
  };
}

/** The one thing that a host asks of the system by itself: all else that needs rights is the helper's. */
async function relayProblems({ pools }: HostConfig): Promise<readonly Problem[]> {
  const leased = Object.entries(pools).filter(([, { source }]) => source === 'dhcp');
  if (leased.length === 0 || (await mayRelay())) return [];
  return leased.map(([name]) => ({
    severity: 'error',
    path: `pools.${name}.source`,
    what: 'is "dhcp", which takes UDP port 67, and this user may not open it',
    fix: 'Run the host as root, or give the pool ranges of its own.',
  }));
}

export function problemOf({ cause, fix }: Failure): Problem {
  return { severity: 'error', path: '', what: `cannot be put in force: ${cause}`, fix };
}

/**
 * Where all addresses are a LAN's. One of the machine's own would not do: clients route what they send into the tunnel by it, and
 * the tunnel's own packets must not go there. Of a network that is nowhere else (RFC 7335 §4).
 */
const gatewayOfLans = '192.0.0.1';

export function machineOf(configured: Configured, nowMs: number): MachineConfig {
  const { config, keys, certificates } = configured;
  return {
    ...machineConfig(config, keys, configured, nowMs),
    ...(certificates !== undefined && { certificates: certificates.ike }),
  };
}

export function planOf({ config, gatewayAddress, hostNetworks }: Configured): PlanSource {
  return {
    planWith: (groups) => hostPlan(config, { gatewayAddress, groups, hostNetworks }),
    isRouted: (address) => isRouted(config, address),
  };
}

export function groundOf({ config, file, localAddress }: Configured): AuthorityGround {
  return { config, configFile: file, hostDnsServers: hostDnsServers(), hostName: hostname(), localAddress };
}
