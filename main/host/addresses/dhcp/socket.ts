import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';

/** Of servers and relays (RFC 2131 §4.1). */
const serverPort = 67;

export interface RelaySocket {
  /** The relay's own address on the LAN. */
  readonly address: string;
  send(bytes: Uint8Array, to: string): void;
  /** When all that was sent is under way. */
  close(): Promise<void>;
}

export interface RelaySocketEvents {
  readonly message: (bytes: Uint8Array, from: string) => void;
  /** What could not be sent, or read. */
  readonly trouble: (error: Error) => void;
}

/**
 * Where a relay hears the answers: port 67 of the interface's first IPv4 address. Bound to the address itself, so that the broadcasts
 * of the LAN's own clients are not heard, and ours leave by this interface.
 * @throws with words for the administrator
 */
export async function openRelaySocket(device: string, events: RelaySocketEvents): Promise<RelaySocket> {
  const address = networkInterfaces()[device]?.find(({ family }) => family === 'IPv4')?.address;
  if (address === undefined) throw new Error(`the interface ${device} has no IPv4 address`);
  const socket = createSocket('udp4');
  await bind(socket, address);
  socket.setBroadcast(true);
  socket.on('message', (bytes, { address: from }) => {
    events.message(new Uint8Array(bytes), from);
  });
  socket.on('error', events.trouble);
  let sending = 0;
  let closing: (() => void) | undefined;
  return {
    address,
    send: (bytes, to) => {
      sending++;
      socket.send(bytes, serverPort, to, (error) => {
        sending--;
        if (error !== null) events.trouble(error);
        if (sending === 0) closing?.();
      });
    },
    close: async () => {
      if (sending > 0) {
        await new Promise<void>((resolve) => {
          closing = resolve;
        });
      }
      await new Promise<void>((resolve) => {
        socket.close(resolve);
      });
    },
  };
}

/** Whether this user may open a relay's port at all. */
export async function mayRelay(): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    await bind(socket, '127.0.0.1');
    socket.close();
    return true;
  } catch (error) {
    return !(error instanceof Error && isNotAllowed(error.cause));
  }
}

function isNotAllowed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}

function bind(socket: Socket, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(new Error(whyNot(error, address), { cause: error }));
    });
    socket.bind(serverPort, address, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

function whyNot({ code, message }: NodeJS.ErrnoException, address: string): string {
  const place = `UDP port ${serverPort} of ${address}`;
  if (code === 'EACCES') return `${place} may be opened by root alone, or with CAP_NET_BIND_SERVICE`;
  if (code === 'EADDRINUSE') return `${place} is taken by a DHCP server or relay on this machine`;
  return `${place} cannot be opened: ${message}`;
}
