import { createCrypto } from '../../../main/engine/crypto/index.ts';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';
import { hostConfig } from '../../session/support/memory-host.ts';
import type { Clients } from '../client/dialling.ts';
import { UserSpaceHost } from './user-space-host.ts';

const address = '127.0.0.1';
const preSharedKey = 'their-key';

/** A host on this machine's loopback, at any ports, and what its clients have to know. */
export async function startLocalHost(
  password = 'their-password',
): Promise<{ readonly host: UserSpaceHost; readonly clients: Clients }> {
  const host = new UserSpaceHost({
    config: hostConfig({
      local: { address, ikePort: 500, nattPort: 4500 },
      preSharedKeys: [{ name: 'everybody', key: utf8(preSharedKey) }],
    }),
    crypto: await createCrypto(),
    ports: { ike: 0, natt: 0 },
    password: () => password,
  });
  const ports = await host.listen();
  const clients = { gateway: address, ports, from: [address], preSharedKey, user: 'user', firstUser: 0 };
  return { host, clients: { ...clients, password: 'their-password', profile: {} } };
}
