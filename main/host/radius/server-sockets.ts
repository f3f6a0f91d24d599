import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Channel, RadiusConfig, RadiusServer } from '../../protocol/radius/index.ts';

export interface SocketEvents {
  message(channel: Channel, bytes: Uint8Array): void;
  failed(channel: Channel, cause: 'refused' | 'unreachable'): void;
}

/** The sockets of a client, one for each channel in use, opened when first sent through. */
export class ServerSockets {
  readonly #config: RadiusConfig;
  readonly #events: SocketEvents;
  readonly #open = new Map<string, ConnectedSocket>();

  constructor(config: RadiusConfig, events: SocketEvents) {
    this.#config = config;
    this.#events = events;
  }

  send(channel: Channel, bytes: Uint8Array): void {
    const key = `${channel.purpose}/${channel.server}/${channel.socket}`;
    const server = this.#config.servers[channel.purpose][channel.server];
    if (server === undefined) return;
    let socket = this.#open.get(key);
    if (socket === undefined) {
      socket = new ConnectedSocket(server, {
        message: (datagram) => {
          this.#events.message(channel, datagram);
        },
        refused: () => {
          this.#events.failed(channel, 'refused');
        },
        broken: (broken) => {
          if (this.#open.get(key) === broken) this.#open.delete(key);
          this.#events.failed(channel, 'unreachable');
        },
      });
      this.#open.set(key, socket);
    }
    socket.send(bytes);
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map((socket) => socket.close()));
  }
}

interface ConnectedSocketEvents {
  message(bytes: Uint8Array): void;
  refused(): void;
  /** It cannot send any more, since the way to the server changed: another socket may find another. */
  broken(socket: ConnectedSocket): void;
}

/** A socket of a port of its own, connected so that the system hands over the server's datagrams and ICMP errors alone. */
class ConnectedSocket {
  readonly #socket: Socket;
  readonly #events: ConnectedSocketEvents;
  /** What was sent before the socket was connected; absent since. */
  #early: Uint8Array[] | undefined = [];
  #closing: Promise<void> | undefined;

  constructor({ address, port }: RadiusServer, events: ConnectedSocketEvents) {
    this.#events = events;
    this.#socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    this.#socket.on('message', (bytes) => {
      if (this.#closing === undefined) events.message(new Uint8Array(bytes));
    });
    this.#socket.on('error', (error) => {
      this.#failed(error);
    });
    this.#socket.once('connect', () => {
      const early = this.#early ?? [];
      this.#early = undefined;
      if (this.#closing === undefined) for (const bytes of early) this.send(bytes);
    });
    this.#socket.connect(port, address);
  }

  send(bytes: Uint8Array): void {
    if (this.#early !== undefined) {
      this.#early.push(bytes);
      return;
    }
    this.#socket.send(bytes, (error) => {
      if (error !== null) this.#failed(error);
    });
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#socket.close(resolve);
    });
    return this.#closing;
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#closing !== undefined) return;
    if (error.code === 'ECONNREFUSED') {
      this.#events.refused();
      return;
    }
    void this.close();
    this.#events.broken(this);
  }
}
