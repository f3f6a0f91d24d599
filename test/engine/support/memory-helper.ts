import { performance } from 'node:perf_hooks';
import type { BrokerRequest, DatapathCommand, DatapathEvent, DatapathRequest } from '../../../main/contracts/helper.ts';
import type { Helper } from '../../../main/helper/index.ts';
import type { HelperOk, Unnumbered } from '../../../main/helper/channel.ts';
import { clientAddress, gatewayAddress } from '../../session/support/memory-client.ts';
import { frame, MemoryDatapath, unframe } from '../../session/support/memory-datapath.ts';
import { MemoryGateway, type GatewayOptions } from '../../session/support/memory-gateway.ts';

type EventListener = (event: DatapathEvent, attachment: Uint8Array) => void;

/** The native helper's place before a gateway in memory, in real time: what an engine's connection dials in tests. */
export class MemoryHelper {
  /** One for each attempt: what it is like may be changed in between. */
  options: Omit<GatewayOptions, 'seed'>;
  dialled = 0;
  gateway: MemoryGateway | undefined;
  readonly plans: object[] = [];
  readonly #events: { readonly event: DatapathEvent; readonly attachment: Uint8Array }[] = [];
  #datapath = new MemoryDatapath();
  #timer: NodeJS.Timeout | undefined;
  #nextPort = 50_000;
  #onEvent: EventListener = () => undefined;
  #session = 0;

  constructor(options: Omit<GatewayOptions, 'seed'> = {}) {
    this.options = options;
  }

  /** As the engine sees it: of the channels only what it uses. */
  asHelper(): Helper {
    const setEvents = (listener: EventListener): void => {
      this.#onEvent = listener;
    };
    const datapath = {
      onLost: () => undefined,
      set onEvent(listener: EventListener) {
        setEvents(listener);
      },
      request: (request: Unnumbered<DatapathRequest>, attachment?: Uint8Array) =>
        Promise.resolve(this.#datapathRequest(request, attachment)),
      command: (command: DatapathCommand, attachment?: Uint8Array) => {
        this.#command(command, attachment ?? new Uint8Array());
      },
      close: () => undefined,
    };
    const broker = {
      onLost: () => undefined,
      onEvent: () => undefined,
      request: (request: Unnumbered<BrokerRequest>) => Promise.resolve(this.#brokerRequest(request)),
      close: () => undefined,
    };
    return {
      broker,
      datapath,
      recovered: false,
      close: () => {
        clearTimeout(this.#timer);
      },
    } as unknown as Helper;
  }

  #brokerRequest(request: Unnumbered<BrokerRequest>): HelperOk {
    if (request.kind === 'applyPlan') this.plans.push(request.plan);
    if (request.kind === 'openSocket' && request.socket === 'ike') {
      this.dialled += 1;
      this.#session = this.dialled;
      this.#datapath = new MemoryDatapath();
      this.gateway = new MemoryGateway({ seed: this.dialled, ...this.options });
    }
    const local = { address: clientAddress, port: this.#nextPort++ };
    return { kind: 'ok', id: 1, ...(request.kind === 'openSocket' ? { local } : { tunnelName: 'cv-test' }) };
  }

  #datapathRequest(request: Unnumbered<DatapathRequest>, attachment: Uint8Array = new Uint8Array()): HelperOk {
    if (request.kind === 'useSa') this.#datapath.use(request.outboundSpi);
    if (request.kind === 'removeSa') this.#datapath.remove(request.inboundSpi);
    if (request.kind === 'installSa') {
      const inboundBytes = request.inbound.cipherKeyBytes + request.inbound.integrityKeyBytes;
      const keys = [attachment.subarray(0, inboundBytes), attachment.subarray(inboundBytes)] as const;
      this.#datapath.install(request.inbound.spi, request.outbound.spi, ...keys);
    }
    return { kind: 'ok', id: 1 };
  }

  #command(command: DatapathCommand, attachment: Uint8Array): void {
    const bytes = attachment.slice();
    switch (command.kind) {
      case 'sendIke':
        this.#carry([frame(command.socket, bytes)]);
        return;
      case 'sendKeepalive':
        return;
      case 'sendL2tp':
        this.#carry(this.#datapath.seal('l2tp', bytes));
        return;
      case 'sendPpp':
        this.#carry(this.#datapath.seal('ppp', bytes));
        return;
    }
  }

  /** To the gateway, and what it answers back: each in a turn of its own, as from a socket. */
  #carry(datagrams: readonly Uint8Array[]): void {
    const { gateway } = this;
    for (const datagram of datagrams) {
      setImmediate(() => {
        if (gateway === this.gateway) this.#deliver(gateway?.receive(datagram, performance.now()) ?? []);
      });
    }
  }

  #deliver(answers: readonly Uint8Array[]): void {
    for (const answer of answers) this.#arrive(answer);
    for (const { event, attachment } of this.#events.splice(0)) this.#onEvent(event, attachment);
    clearTimeout(this.#timer);
    const deadlineMs = this.gateway?.deadlineMs();
    if (deadlineMs === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#deliver(this.gateway?.tick(performance.now()) ?? []);
      },
      Math.max(0, Math.ceil(deadlineMs - performance.now())),
    );
  }

  #arrive(datagram: Uint8Array): void {
    const { kind, body } = unframe(datagram);
    if (kind === 'ike' || kind === 'natt') {
      const remote = { address: gatewayAddress, port: kind === 'ike' ? 500 : 4500 };
      this.#events.push({ event: { kind: 'ike', socket: kind, remote }, attachment: body });
    }
    const opened = kind === 'sealed' ? this.#datapath.open(body) : undefined;
    if (opened === undefined) return;
    const path = this.#session;
    this.#events.push({ event: { kind: 'saUsed', path, inboundSpi: opened.spi }, attachment: new Uint8Array() });
    if (opened.payload === 'l2tp') this.#events.push({ event: { kind: 'l2tp', path }, attachment: opened.body });
    if (opened.payload === 'ppp') {
      this.#events.push({ event: { kind: 'ppp', session: path }, attachment: opened.body });
    }
  }
}
