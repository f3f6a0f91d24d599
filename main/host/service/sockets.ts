import { existsSync } from 'node:fs';
import type { DatapathEvent } from '../../contracts/helper.ts';
import type { HostConfig } from '../../contracts/host-config.ts';
import type { Helper } from '../../helper/index.ts';

export interface Listening {
  readonly address: string;
  readonly ikePort: number;
  readonly natTraversalPort: number;
}

const everyIpv4 = '0.0.0.0';
const everyAddress = '::';

/** Where clients come in. A machine without IPv6 has nothing to listen to there. */
export function listeningAt({ listen }: HostConfig): readonly Listening[] {
  const { ikePort, natTraversalPort, addresses } = listen;
  const usable = addresses.filter((address) => !address.includes(':') || kernelHasIpv6());
  return usable.map((address) => ({ address, ikePort, natTraversalPort }));
}

/**
 * Opens the ports where clients come in: on the one address there is, or on every address (of IPv4, or of both), where `isHeard`
 * leaves out what is not listed. Rejects as requests to the broker do.
 */
export async function openSockets({ broker }: Helper, config: HostConfig): Promise<void> {
  const addresses = listeningAt(config).map(({ address }) => address);
  const [only = everyIpv4, ...more] = addresses;
  const every = addresses.some((address) => address.includes(':')) ? everyAddress : everyIpv4;
  const address = more.length === 0 ? only : every;
  const localAddress = address === everyIpv4 ? {} : { localAddress: address };
  const { ikePort, natTraversalPort } = config.listen;
  await broker.request({ kind: 'openSocket', socket: 'ike', localPort: ikePort, ...localAddress });
  await broker.request({ kind: 'openSocket', socket: 'natt', localPort: natTraversalPort, ...localAddress });
}

/** Whether what the datapath reports came to an address that the host listens at. */
export function isHeard({ listen }: HostConfig, event: DatapathEvent): boolean {
  if (event.kind !== 'ike' || event.local === undefined) return true;
  const every = event.local.includes(':') ? everyAddress : everyIpv4;
  return listen.addresses.some((address) => address === event.local || address === every);
}

function kernelHasIpv6(): boolean {
  return existsSync('/proc/net/if_inet6');
}
