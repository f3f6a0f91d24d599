import type { Socket } from 'node:dgram';
import { performance } from 'node:perf_hooks';
import type { ConnectionSummary } from '../../../main/contracts/events.ts';
import type { Failure } from '../../../main/contracts/failure.ts';
import type { DatapathEvent, HelperReply } from '../../../main/contracts/helper.ts';
import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import type { Endpoint, IkePort } from '../../../main/protocol/ike/index.ts';
import {
  clientDeadlineMs,
  type ClientConfig,
  type ClientEffect,
  type ClientInput,
  type ClientState,
  createClient,
  stepClient,
} from '../../../main/session/client/index.ts';
import { UserDatapath } from '../datapath/datapath.ts';
import { localEnd, openConnected, type PortPair, standardPorts } from './sockets.ts';

export interface LoadClientOptions {
  readonly config: ClientConfig;
  readonly crypto: CryptoPort;
  readonly bindAddress: string;
  /** Where the gateway's two ports are, if not where they should be. */
  readonly ports?: PortPair;
}

export interface LoadClientWatcher {
  connected(summary: ConnectionSummary): void;
  /** An IPv4 packet came through the tunnel. */
  packet(packet: Uint8Array): void;
  /** Once, and last. */
  ended(failure: Failure): void;
  /** Everything that it sends, as it leaves. */
  sending?(socket: IkePort, datagram: Uint8Array): void;
  /** What is punted to it; `false`: the client does not get to see it. */
  hearing?(event: DatapathEvent, attachment: Uint8Array): boolean;
}

/** What the client's session is called in its datapath: the number of its attempt. */
const onlySession = 1;

/**
 * Culvert's own client with nothing of a machine around it: the session of `main/session/client` over two UDP sockets of its own
 * and a datapath in user space. No helper, no TUN device, no plan: thousands fit into one process.
 */
export class LoadClient {
  readonly datapath: UserDatapath;
  readonly #options: LoadClientOptions;
  readonly #watcher: LoadClientWatcher;
  readonly #sockets = new Map<IkePort, Socket>();
  #state: ClientState;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LoadClientOptions, watcher: LoadClientWatcher) {
    this.#options = options;
    this.#watcher = watcher;
    this.#state = createClient(options.config);
    this.datapath = new UserDatapath({
      send: (socket, _remote, datagram) => {
        this.send(socket, datagram);
      },
      event: (event, attachment) => {
        if (watcher.hearing?.(event, attachment) === false) return;
        this.#feed({ kind: 'datapathEvent', event, attachment });
      },
      packet: (_session, packet) => {
        watcher.packet(packet);
      },
    });
  }

  start(): void {
    this.#feed({ kind: 'start' });
  }

  stop(): void {
    this.#feed({ kind: 'stop' });
  }

  /** Gone without a word, as when the power fails. */
  vanish(): void {
    clearTimeout(this.#timer);
    this.#closeSockets();
  }

  /** Sends an IPv4 packet through the tunnel. */
  sendPacket(packet: Uint8Array): void {
    this.datapath.sendPacket(onlySession, packet);
  }

  /** Puts anything on the wire, from one of its two sockets. */
  send(socket: IkePort, datagram: Uint8Array): void {
    this.#watcher.sending?.(socket, datagram);
    this.#sockets.get(socket)?.send(datagram);
  }

  #feed(input: ClientInput): void {
    const { crypto } = this.#options;
    const { state, effects } = stepClient(this.#state, input, { nowMs: performance.now(), crypto });
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    clearTimeout(this.#timer);
    const deadlineMs = clientDeadlineMs(this.#state);
    if (deadlineMs === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#feed({ kind: 'tick' });
      },
      Math.max(0, Math.ceil(deadlineMs - performance.now())),
    );
  }

  #perform(effect: ClientEffect): void {
    switch (effect.kind) {
      case 'broker':
        void this.#askBroker(effect).then((reply) => {
          this.#feed({ kind: 'brokerReply', task: effect.task, reply });
        });
        return;
      case 'datapath':
        this.datapath.request(effect.request, effect.attachment);
        return;
      case 'command':
        this.datapath.command(effect.command, effect.attachment);
        return;
      case 'event':
        if (effect.event.event === 'connected') this.#watcher.connected(effect.event.connection);
        return;
      case 'ended':
        clearTimeout(this.#timer);
        this.#closeSockets();
        this.#watcher.ended(effect.failure);
        return;
      // Nobody is asked, and no certificates are used.
      case 'ask':
      case 'asked':
      case 'tls':
      case 'verifyGateway':
      case 'passwordChanged':
      case 'log':
        return;
    }
  }

  async #askBroker({ request }: Extract<ClientEffect, { kind: 'broker' }>): Promise<HelperReply> {
    if (request.kind !== 'openSocket' || request.remote === undefined) return { kind: 'ok', id: 1, tunnelName: 'none' };
    try {
      return { kind: 'ok', id: 1, local: await this.#open(request.socket, request.remote) };
    } catch (error) {
      return { kind: 'error', id: 1, code: 'helper.system', message: String(error) };
    }
  }

  async #open(name: IkePort, gateway: Endpoint): Promise<Endpoint> {
    const { bindAddress, ports = standardPorts } = this.#options;
    const remote = { address: gateway.address, port: ports[name] };
    const socket = await openConnected(bindAddress, remote, (datagram) => {
      this.datapath.receive(name, gateway, datagram);
    });
    this.#sockets.set(name, socket);
    return localEnd(socket);
  }

  #closeSockets(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }
}
