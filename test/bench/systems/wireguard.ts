import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPair, type Machine } from '../../support/namespaces.ts';
import { run, type Running } from '../../support/processes.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';
import { farAddress, inPair, lastLines, nearAddress, requireProgram, type System, tunnelMtuBytes } from '../system.ts';

interface KeyPair {
  readonly secret: string;
  readonly public: string;
}

async function createKeyPair(): Promise<KeyPair> {
  const secret = (await run(['wg', 'genkey'])).stdout.trim();
  return { secret, public: (await run(['wg', 'pubkey'], { input: `${secret}\n` })).stdout.trim() };
}

interface EndOptions {
  readonly configuration: string;
  readonly local: string;
  readonly remote: string;
}

/** Its control socket has a fixed place, so each end gets a /run of its own; the device's name is that socket's name. */
const script = `
set -e
mount -t tmpfs tmpfs /run
wireguard-go -f wg0 &
for turn in $(seq 200); do [ ! -S /run/wireguard/wg0.sock ] || break; sleep 0.05; done
wg setconf wg0 "$1"
ip link set wg0 mtu "$4" up
ip address add "$2" peer "$3" dev wg0
echo ready
wait
`;

function spawnEnd(machine: Machine, { configuration, local, remote }: EndOptions): Running {
  const env = { WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD: '1' };
  return machine.spawn(['sh', '-c', script, 'sh', configuration, local, remote, String(tunnelMtuBytes)], { env });
}

function configure(path: string, own: KeyPair, peer: KeyPair, peerAddress: string, allowed: string): string {
  const lines = [
    ...['[Interface]', `PrivateKey = ${own.secret}`, 'ListenPort = 51820'],
    ...['[Peer]', `PublicKey = ${peer.public}`, `Endpoint = ${peerAddress}:51820`, `AllowedIPs = ${allowed}/32`],
  ];
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  return path;
}

/** WireGuard in user space, ChaCha20-Poly1305: it has no other cipher. */
export const wireguard: System = {
  name: 'wireguard',
  title: 'wireguard-go, ChaCha20',
  kind: 'peer',
  start: async () => {
    await requireProgram('wireguard-go', 'wireguard-go');
    await requireProgram('wg', 'wireguard-tools');
    const folder = scratchFolder('wireguard');
    const [client, server] = [await createKeyPair(), await createKeyPair()];
    const pair = await createPair();
    return inPair(pair, async () => {
      const { near, far } = pair;
      const ends = [
        spawnEnd(near, {
          configuration: configure(join(folder, 'near'), client, server, far.address, farAddress),
          ...{ local: nearAddress, remote: farAddress },
        }),
        spawnEnd(far, {
          configuration: configure(join(folder, 'far'), server, client, near.address, nearAddress),
          ...{ local: farAddress, remote: nearAddress },
        }),
      ];
      await Promise.all(ends.map((end) => end.until(/^ready$/m)));
      return {
        near: { machine: near, address: nearAddress },
        far: { machine: far, address: farAddress },
        sources: [nearAddress],
        diagnosis: () => ends.map((end) => lastLines(end.stderr())).join('\n'),
        stop: async () => {
          await Promise.all(ends.map((end) => end.stop()));
          await pair.remove();
          removeScratch(folder);
        },
      };
    });
  },
};
