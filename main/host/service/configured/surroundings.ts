import { createSocket } from 'node:dgram';
import { getServers } from 'node:dns';
import { networkInterfaces } from 'node:os';
import type { HostConfig } from '../../../contracts/host-config.ts';
import type { Surroundings } from '../../configuration/index.ts';
import { tunnelName } from './network-plan.ts';

/** What this machine is to its host: its networks, its name servers, its address. */

export function surroundings(nowMs: number): Surroundings {
  const hostNetworks = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    // A host that runs already is no neighbour of its own pools.
    addresses.flatMap(({ cidr, internal }) =>
      cidr === null || internal || name === tunnelName ? [] : [{ interface: name, network: cidr }],
    ),
  );
  return { nowMs, hostNetworks };
}

/** Those that a client can reach too: one that listens on this machine alone is none for it. */
export function hostDnsServers(): readonly string[] {
  return getServers().filter((server) => !/^(127\.|::1$|fe80:|\[)/i.test(server));
}

/**
 * The address that clients reach the host by: the one configured or, where that is every address, the one by which the machine
 * itself goes out.
 */
export async function localAddress({ listen }: HostConfig): Promise<string> {
  const named = listen.addresses.find((address) => address !== '0.0.0.0' && address !== '::');
  return named ?? (await outboundAddress()) ?? '0.0.0.0';
}

/** Nothing is sent: connecting a UDP socket asks the routes alone. `undefined` where there is none to anywhere. */
export function outboundAddress(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const finish = (address: string | undefined): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => {
      finish(undefined);
    });
    socket.connect(9, documentationAddress, () => {
      const { address } = socket.address();
      finish(address === '0.0.0.0' ? undefined : address);
    });
  });
}

/** RFC 5737 §3: it is routed like all the world, and nobody has it. */
const documentationAddress = '192.0.2.1';
