import { createSocket, type Socket } from 'node:dgram';
import type { Endpoint } from '../../../main/protocol/ike/index.ts';

export interface PortPair {
  readonly ike: number;
  readonly natt: number;
}

/** The ports of a host. */
export const standardPorts: PortPair = { ike: 500, natt: 4500 };

/** A UDP socket of its own, connected: it hears this one peer. Rejects where the system has none left. */
export async function openConnected(
  bindAddress: string,
  remote: Endpoint,
  receive: (datagram: Uint8Array) => void,
): Promise<Socket> {
  const socket = createSocket(remote.address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', receive);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, bindAddress, () => {
      socket.connect(remote.port, remote.address, resolve);
    });
  });
  // What ICMP says later is a hint (a host that is not there yet): the machines find out by themselves.
  socket.removeAllListeners('error').on('error', () => undefined);
  return socket;
}

export function localEnd(socket: Socket): Endpoint {
  const { address, port } = socket.address();
  return { address, port };
}
