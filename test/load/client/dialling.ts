import { profile } from '../../../main/contracts/profile.ts';
import { createCrypto } from '../../../main/engine/crypto/index.ts';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';
import type { LoadClientOptions } from './client.ts';
import type { PortPair } from './sockets.ts';

export interface Clients {
  readonly gateway: string;
  readonly ports?: PortPair;
  readonly from: readonly string[];
  readonly preSharedKey: string;
  readonly user: string;
  readonly firstUser: number;
  readonly password: string;
  readonly profile: Readonly<Record<string, unknown>>;
}

/** What makes the n-th client of many alike. */
export async function diallers(clients: Clients): Promise<(index: number) => LoadClientOptions> {
  const { gateway, ports, from, user, firstUser, password } = clients;
  const crypto = await createCrypto();
  const shared = profile.parse({ version: 1, name: 'load', gateway, ...clients.profile });
  const preSharedKey = utf8(clients.preSharedKey);
  return (index) => ({
    crypto,
    bindAddress: from[index % from.length] ?? '',
    ...(ports !== undefined && { ports }),
    config: {
      name: 'load',
      profile: shared,
      gatewayAddress: gateway,
      preSharedKey,
      userName: `${user}${firstUser + index}`,
      password,
      userWaitMs: 0,
      hostName: `load${index}`,
      attempt: 1,
      kernelHasIpv6: false,
    },
  });
}
