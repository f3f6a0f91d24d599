import type { ConnectionEvent } from '../../../main/contracts/events.ts';
import type { Failure } from '../../../main/contracts/failure.ts';
import type { BrokerRequest, NetworkPlan } from '../../../main/contracts/helper.ts';
import { profile } from '../../../main/contracts/profile.ts';
import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import type { PeerVerdict } from '../../../main/protocol/ike/index.ts';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';
import {
  clientDeadlineMs,
  type ClientConfig,
  type ClientEffect,
  type ClientInput,
  type ClientState,
  createClient,
  stepClient,
} from '../../../main/session/client/index.ts';
import type { WireEnd } from '../../support/lossy-wire.ts';
import { seededCrypto } from '../../support/seeded-crypto.ts';
import { frame, MemoryDatapath, unframe } from './memory-datapath.ts';

export const gatewayAddress = '203.0.113.10';
export const clientAddress = '192.168.50.100';

type Asked = Extract<ClientEffect, { kind: 'verifyGateway' }>;
type SetSessionPolicy = Omit<Extract<BrokerRequest, { kind: 'setSessionPolicy' }>, 'id'>;

export function clientConfig(members: object = {}, changes: Partial<ClientConfig> = {}): ClientConfig {
  return {
    name: 'test',
    profile: profile.parse({ version: 1, name: 'test', gateway: gatewayAddress, ...members }),
    gatewayAddress,
    preSharedKey: utf8('the pre-shared key'),
    userName: 'alice',
    password: 'alice-pass',
    userWaitMs: 0,
    hostName: 'laptop',
    attempt: 1,
    kernelHasIpv6: false,
    ...changes,
  };
}

/** The client's session with a datapath and a broker in memory. */
export class MemoryClient implements WireEnd {
  readonly events: ConnectionEvent[] = [];
  readonly plans: NetworkPlan[] = [];
  /** Sessions that the broker was told of, and after how many plans. */
  readonly policies: { readonly plans: number; readonly request: SetSessionPolicy }[] = [];
  /** The session's networks, as the datapath was told. */
  readonly prefixes: (readonly string[])[] = [];
  readonly datapath = new MemoryDatapath();
  ended: Failure | undefined;
  passwordChanged = false;
  /** What the user was asked, and types in turn. */
  readonly asked: Extract<ClientEffect, { kind: 'ask' }>['prompt'][] = [];
  readonly types: string[] = [];
  /** Questions that were taken back. */
  withdrawn = 0;
  /** Of the gateway's certificate. */
  judge: (asked: Asked) => PeerVerdict | undefined = () => undefined;
  /** What the broker says no to. */
  refused: BrokerRequest['kind'] | undefined;
  readonly #crypto: CryptoPort;
  #state: ClientState;
  #nextPort = 50_000;

  constructor(config: ClientConfig, seed: number, crypto: CryptoPort = seededCrypto(seed)) {
    this.#state = createClient(config);
    this.#crypto = crypto;
  }

  get connected(): boolean {
    return this.#state.life.at === 'up';
  }

  get state(): ClientState {
    return this.#state;
  }

  start(nowMs: number): Uint8Array[] {
    return this.give({ kind: 'start' }, nowMs);
  }

  stop(nowMs: number): Uint8Array[] {
    return this.give({ kind: 'stop' }, nowMs);
  }

  tick(nowMs: number): Uint8Array[] {
    return this.give({ kind: 'tick' }, nowMs);
  }

  deadlineMs(): number | undefined {
    return clientDeadlineMs(this.#state);
  }

  receive(datagram: Uint8Array, nowMs: number): Uint8Array[] {
    const { kind, body } = unframe(datagram);
    if (kind === 'ike' || kind === 'natt') {
      const remote = { address: gatewayAddress, port: kind === 'ike' ? 500 : 4500 };
      return this.give(
        { kind: 'datapathEvent', event: { kind: 'ike', socket: kind, remote }, attachment: body },
        nowMs,
      );
    }
    if (kind !== 'sealed') return [];
    const opened = this.datapath.open(body);
    if (opened === undefined) return [];
    const used = this.give(
      {
        kind: 'datapathEvent',
        event: { kind: 'saUsed', path: 1, inboundSpi: opened.spi },
        attachment: new Uint8Array(),
      },
      nowMs,
    );
    if (opened.payload === 'data') return used;
    const event =
      opened.payload === 'l2tp' ? ({ kind: 'l2tp', path: 1 } as const) : ({ kind: 'ppp', session: 1 } as const);
    return [...used, ...this.give({ kind: 'datapathEvent', event, attachment: opened.body }, nowMs)];
  }

  give(input: ClientInput, nowMs: number): Uint8Array[] {
    const { state, effects } = stepClient(this.#state, input, { nowMs, crypto: this.#crypto });
    this.#state = state;
    return effects.flatMap((effect) => this.#perform(effect, nowMs));
  }

  #perform(effect: ClientEffect, nowMs: number): Uint8Array[] {
    switch (effect.kind) {
      case 'broker':
        return this.#answer(effect, nowMs);
      case 'datapath':
        this.#request(effect);
        return [];
      case 'command':
        return this.#command(effect);
      case 'event':
        this.events.push(effect.event);
        return [];
      case 'ended':
        this.ended = effect.failure;
        return [];
      case 'verifyGateway': {
        const verdict = this.judge(effect);
        if (verdict === undefined) return [];
        return this.give({ kind: 'gatewayVerdict', exchange: effect.exchange, verdict }, nowMs);
      }
      case 'passwordChanged':
        this.passwordChanged = true;
        return [];
      case 'ask': {
        this.asked.push(effect.prompt);
        const text = effect.prompt.kind === 'challenge' ? this.types.shift() : undefined;
        if (text === undefined) return [];
        return this.give({ kind: 'answer', question: effect.question, text }, nowMs);
      }
      case 'asked':
        this.withdrawn += 1;
        return [];
      case 'tls':
        throw new Error('no TLS here');
      case 'log':
        return [];
    }
  }

  #answer({ task, request }: Extract<ClientEffect, { kind: 'broker' }>, nowMs: number): Uint8Array[] {
    if (request.kind === 'applyPlan') this.plans.push(request.plan);
    if (request.kind === 'setSessionPolicy') this.policies.push({ plans: this.plans.length, request });
    if (request.kind === this.refused) {
      const reply = { kind: 'error', id: 1, code: 'helper.firewall', message: 'no' } as const;
      return this.give({ kind: 'brokerReply', task, reply }, nowMs);
    }
    const local = { address: clientAddress, port: this.#nextPort++ };
    const reply = {
      kind: 'ok' as const,
      id: 1,
      ...(request.kind === 'openSocket' ? { local } : { tunnelName: 'cv-test' }),
    };
    return this.give({ kind: 'brokerReply', task, reply }, nowMs);
  }

  #request({ request, attachment = new Uint8Array() }: Extract<ClientEffect, { kind: 'datapath' }>): void {
    if (request.kind === 'setSession') this.prefixes.push(request.prefixes);
    if (request.kind === 'useSa') this.datapath.use(request.outboundSpi);
    if (request.kind === 'removeSa') this.datapath.remove(request.inboundSpi);
    if (request.kind !== 'installSa') return;
    const inboundBytes = request.inbound.cipherKeyBytes + request.inbound.integrityKeyBytes;
    const keys = [attachment.subarray(0, inboundBytes), attachment.subarray(inboundBytes)] as const;
    this.datapath.install(request.inbound.spi, request.outbound.spi, ...keys);
  }

  #command({ command, attachment = new Uint8Array() }: Extract<ClientEffect, { kind: 'command' }>): Uint8Array[] {
    switch (command.kind) {
      case 'sendIke':
        return [frame(command.socket, attachment)];
      case 'sendKeepalive':
        return [frame('keepalive', new Uint8Array())];
      case 'sendL2tp':
        return this.datapath.seal('l2tp', attachment);
      case 'sendPpp':
        return this.datapath.seal('ppp', attachment);
    }
  }
}
