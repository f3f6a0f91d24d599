import { createSocket, type Socket } from 'node:dgram';
import { performance } from 'node:perf_hooks';
import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import type { IkePort } from '../../../main/protocol/ike/index.ts';
import { type Verdict, type VerifyRequest, verifyPassword } from '../../../main/protocol/ppp/index.ts';
import {
  createHost,
  type HostConfig,
  hostDeadlineMs,
  type HostEffect,
  type HostInput,
  type HostState,
  stepHost,
} from '../../../main/session/host/index.ts';
import { sessionPolicy } from '../../session/support/memory-host.ts';
import type { PortPair } from '../client/sockets.ts';
import { UserDatapath } from '../datapath/datapath.ts';
import { readEcho, writeEcho } from '../datapath/echo.ts';

export interface UserSpaceHostOptions {
  readonly config: HostConfig;
  readonly crypto: CryptoPort;
  /** 0: any. */
  readonly ports: PortPair;
  readonly password: (user: string) => string | undefined;
}

/**
 * `main/session/host` over two UDP sockets and a datapath in user space: the least that sessions can be set up against, for
 * generators' own tests and to see what a handshake costs the pure machines. It answers pings of its address in the tunnels.
 */
export class UserSpaceHost {
  readonly #options: UserSpaceHostOptions;
  readonly #sockets: Readonly<Record<IkePort, Socket>>;
  readonly #datapath: UserDatapath;
  readonly #free: string[] = [];
  readonly #leases = new Map<number, string>();
  #state: HostState;
  #timer: NodeJS.Timeout | undefined;
  #leased = 0;

  constructor(options: UserSpaceHostOptions) {
    this.#options = options;
    this.#sockets = { ike: createSocket('udp4'), natt: createSocket('udp4') };
    this.#state = createHost(options.config);
    this.#datapath = new UserDatapath({
      send: (socket, { address, port }, datagram) => {
        this.#sockets[socket].send(datagram, port, address);
      },
      event: (event, attachment) => {
        this.#feed({ kind: 'datapathEvent', event, attachment });
      },
      packet: (session, packet) => {
        this.#answerEcho(session, packet);
      },
    });
  }

  /** @returns the ports that it listens on */
  async listen(): Promise<PortPair> {
    const { config, ports } = this.#options;
    const opened = await Promise.all(
      (['ike', 'natt'] as const).map(async (name) => {
        const socket = this.#sockets[name];
        socket.on('message', (datagram, { address, port }) => {
          this.#datapath.receive(name, { address, port }, datagram);
        });
        await new Promise<void>((resolve, reject) => {
          socket.once('error', reject);
          socket.bind(ports[name], config.local.address, resolve);
        });
        return [name, socket.address().port] as const;
      }),
    );
    return Object.fromEntries(opened) as unknown as PortPair;
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const socket of Object.values(this.#sockets)) socket.close();
  }

  /** Paths, SAs and sessions in the datapath, addresses that are given out, and what the machines remember. */
  get left(): readonly [...(readonly [number, number, number]), leases: number, remembered: number] {
    return [...this.#datapath.installed, this.#leases.size, this.#state.size];
  }

  give(input: HostInput): void {
    this.#feed(input);
  }

  #feed(input: HostInput): void {
    const { state, effects } = stepHost(this.#state, input, { nowMs: performance.now(), crypto: this.#options.crypto });
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    clearTimeout(this.#timer);
    const deadlineMs = hostDeadlineMs(this.#state);
    if (deadlineMs === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#feed({ kind: 'tick' });
      },
      Math.max(0, Math.ceil(deadlineMs - performance.now())),
    );
  }

  #perform(effect: HostEffect): void {
    switch (effect.kind) {
      case 'datapath':
        this.#datapath.request(effect.request, effect.attachment);
        return;
      case 'command':
        this.#datapath.command(effect.command, effect.attachment);
        return;
      case 'authenticate': {
        const { session, attempt, request } = effect;
        const verdict = this.#judge(request);
        const asked = { kind: 'verdict', session, attempt } as const;
        this.#feed(
          verdict.ok ? { ...asked, verdict, policy: sessionPolicy({ user: request.userName }) } : { ...asked, verdict },
        );
        return;
      }
      case 'wantAddress':
        this.#feed({ kind: 'address', session: effect.session, address: this.#lease(effect.session) });
        return;
      case 'sessionEnded':
        this.#release(effect.about.session);
        return;
      case 'addressUnused':
        this.#release(effect.session);
        return;
      case 'tls':
      case 'verifyPeer':
      case 'applyPolicy':
      case 'sessionStarted':
      case 'fact':
      case 'log':
        return;
    }
  }

  #judge(request: VerifyRequest): Verdict {
    const password = this.#options.password(request.userName);
    const refused: Verdict = { ok: false, code: 691, retryAllowed: false };
    if (password === undefined || request.method !== 'mschapv2') return refused;
    return verifyPassword(this.#options.crypto, request, password);
  }

  #lease(session: number): string {
    const known = this.#leases.get(session) ?? this.#free.pop();
    const next = known === undefined ? (this.#leased += 1) : 0;
    const address = known ?? `10.${64 + (next >> 16)}.${(next >> 8) & 0xff}.${next & 0xff}`;
    this.#leases.set(session, address);
    return address;
  }

  #release(session: number): void {
    const address = this.#leases.get(session);
    if (address !== undefined) this.#free.push(address);
    this.#leases.delete(session);
  }

  #answerEcho(session: number, packet: Uint8Array): void {
    const echo = readEcho(packet);
    if (echo?.kind !== 'request' || echo.from !== this.#leases.get(session)) return;
    if (echo.to !== this.#options.config.ppp.localAddress) return;
    this.#datapath.sendPacket(session, writeEcho({ ...echo, kind: 'reply', from: echo.to, to: echo.from }));
  }
}
