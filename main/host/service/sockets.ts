import type { HostConfig } from '../../contracts/host-config.ts';
import type { Helper } from '../../helper/index.ts';

export interface Listening {
  readonly address: string;
  readonly ikePort: number;
  readonly natTraversalPort: number;
}

/** One address until the helper listens on several: the first of IPv4, by which stock clients come. */
export function listeningAt({ listen }: HostConfig): readonly Listening[] {
  const { ikePort, natTraversalPort, addresses } = listen;
  const address = addresses.find((each) => !each.includes(':')) ?? addresses[0];
  return address === undefined ? [] : [{ address, ikePort, natTraversalPort }];
}

/** Opens the ports where clients come in. Rejects as requests to the broker do. */
export async function openSockets({ broker }: Helper, config: HostConfig): Promise<void> {
  for (const { address, ikePort, natTraversalPort } of listeningAt(config)) {
    const localAddress = address === '0.0.0.0' ? {} : { localAddress: address };
    await broker.request({ kind: 'openSocket', socket: 'ike', localPort: ikePort, ...localAddress });
    await broker.request({ kind: 'openSocket', socket: 'natt', localPort: natTraversalPort, ...localAddress });
  }
}
