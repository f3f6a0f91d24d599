import type { CryptoPort, DhGroupName } from '../../../main/protocol/crypto.ts';
import {
  type EspProposal,
  type IkeCause,
  type IkeConfig,
  type IkeEffect,
  type IkeInput,
  type IkePort,
  type IkeState,
  type PeerVerdict,
  createIke,
  ikeDeadlineMs,
  stepIke,
} from '../../../main/protocol/ike/index.ts';
import { latin1, toHex } from '../../../main/protocol/wire/bytes.ts';
import { type WireEnd, type WireFaults, type WireRun, runWire } from '../../support/lossy-wire.ts';
import { seededCryptoWithPooledKeys } from '../../support/seeded-crypto.ts';

/** Two real ends with real cryptography over one lossy wire, in virtual time and repeatable from a seed. */

export const initiatorEndpoint = { address: '192.0.2.10', port: 40_500 };
export const responderEndpoint = { address: '203.0.113.20', port: 500 };

const shared = {
  preSharedKey: latin1('correct horse'),
  localIdentity: 'address',
  forceEncapsulation: true,
  ikeProposals: [{ cipher: 'aes-256-cbc', hash: 'sha256', group: 'ecp256' }],
  espProposals: [{ cipher: 'aes-cbc', keyBits: 256, integrity: 'hmac-sha1-96' }],
  lifetimes: { ikeSeconds: 28_800, espSeconds: 3600 },
  dpd: { idleMs: 30_000, retryMs: 5000, tries: 4 },
  retransmission: { firstMs: 500, factor: 1.5, maxMs: 5000, giveUpMs: 30_000 },
  keepaliveMs: 20_000,
  fragmentation: { maxBytes: 1280 },
} as const satisfies Partial<IkeConfig>;

export const initiatorConfig: IkeConfig = {
  ...shared,
  role: 'initiator',
  local: initiatorEndpoint,
  remote: responderEndpoint,
  nattPorts: { local: 44_500, remote: 4500 },
  l2tp: { localPort: 50_001, remotePort: 1701 },
};

export const responderConfig: IkeConfig = {
  ...shared,
  role: 'responder',
  forceEncapsulation: false,
  local: responderEndpoint,
  remote: initiatorEndpoint,
  nattPorts: { local: 4500, remote: 44_500 },
  l2tp: { localPort: 1701, remotePort: 1701 },
};

export type Established = Extract<IkeEffect, { kind: 'childEstablished' }>;

type VerifyPeer = Extract<IkeEffect, { kind: 'verifyPeer' }>;
/** What an end's caller makes of a peer's certificates; `undefined`: it has not made up its mind. */
export type Judge = (asked: VerifyPeer) => PeerVerdict | undefined;

/** One machine with all that it said. */
export class End {
  judge: Judge = () => undefined;
  readonly config: IkeConfig;
  readonly crypto: CryptoPort;
  state: IkeState;
  readonly effects: IkeEffect[] = [];
  nowMs = 0;

  constructor(config: IkeConfig, seed: number) {
    this.config = config;
    this.crypto = seededCryptoWithPooledKeys(seed);
    this.state = createIke(config);
  }

  input(input: IkeInput): IkeEffect[] {
    const { state, effects } = stepIke(this.state, input, { nowMs: this.nowMs, crypto: this.crypto });
    this.state = state;
    this.effects.push(...effects);
    return [...effects, ...effects.flatMap((effect) => this.#answer(effect))];
  }

  #answer(effect: IkeEffect): IkeEffect[] {
    const verdict = effect.kind === 'verifyPeer' ? this.judge(effect) : undefined;
    if (effect.kind !== 'verifyPeer' || verdict === undefined) return [];
    return this.input({ kind: 'peerVerdict', exchange: effect.exchange, verdict });
  }

  of<K extends IkeEffect['kind']>(kind: K): Extract<IkeEffect, { kind: K }>[] {
    return this.effects.filter((effect): effect is Extract<IkeEffect, { kind: K }> => effect.kind === kind);
  }

  get closed(): IkeCause | undefined {
    return this.of('closed')[0]?.cause;
  }

  /** Children that stand, by the SPI pair as this end has it. */
  get children(): Established[] {
    const gone = new Set(this.of('childClosed').map(({ inboundSpi }) => inboundSpi));
    return this.of('childEstablished').filter(({ inboundSpi }) => !gone.has(inboundSpi));
  }

  /** The SPI of the child that it sends by. */
  get sendingSpi(): number | undefined {
    return this.of('useChild').at(-1)?.outboundSpi;
  }
}

const ports: readonly IkePort[] = ['ike', 'natt'];

/** A datagram on the wire of the tests: one byte for the socket, then the message; keepalives carry no message. */
function datagramsOf(effects: readonly IkeEffect[]): Uint8Array[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== 'send') return [];
    return [Uint8Array.of(ports.indexOf(effect.port), ...effect.bytes)];
  });
}

export interface PairOptions {
  readonly seed?: number;
  readonly initiator?: Partial<IkeConfig>;
  readonly responder?: Partial<IkeConfig>;
  readonly faults?: Omit<WireFaults, 'seed'>;
  /** What the initiator asks for at the start; none: phase 1 alone. */
  readonly child?: { readonly espProposals?: readonly EspProposal[]; readonly pfsGroup?: DhGroupName } | 'none';
}

export class Pair {
  readonly initiator: End;
  readonly responder: End;
  /** Every datagram that was sent, in order. */
  readonly transcript: {
    readonly to: 'initiator' | 'responder';
    readonly port: IkePort;
    readonly bytes: Uint8Array;
  }[] = [];
  /** Set to drop what matches, to change it, or to stop the peer's answers. */
  filter: (to: 'initiator' | 'responder', bytes: Uint8Array) => boolean = () => true;
  #started = false;
  #nowMs = 0;
  readonly #options: PairOptions;

  constructor(options: PairOptions = {}) {
    this.#options = options;
    const seed = options.seed ?? 1;
    this.initiator = new End({ ...initiatorConfig, ...options.initiator }, seed * 2 + 1);
    this.responder = new End({ ...responderConfig, ...options.responder }, seed * 2 + 2);
  }

  /** Runs until `done`, or nothing is left to happen, or for so long; may be called again to go on. */
  run(done: () => boolean = () => false, forMs = 300_000): WireRun {
    const startMs = this.#nowMs;
    const run = runWire(
      [this.#wireEnd(this.initiator, 'responder', startMs), this.#wireEnd(this.responder, 'initiator', startMs)],
      { seed: (this.#options.seed ?? 1) + startMs, ...this.#options.faults },
      { done, timeoutMs: forMs },
    );
    this.#nowMs = startMs + run.nowMs;
    return run;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Gives one end an input now; what it sends is delivered in the next `run`. */
  input(end: End, input: IkeInput): void {
    end.nowMs = this.#nowMs;
    this.#held.push({ end, datagrams: this.#record(end, end.input(input)) });
  }

  readonly #held: { readonly end: End; readonly datagrams: Uint8Array[] }[] = [];

  #record(end: End, effects: readonly IkeEffect[]): Uint8Array[] {
    const to = end === this.initiator ? 'responder' : 'initiator';
    const datagrams = datagramsOf(effects);
    for (const datagram of datagrams) {
      this.transcript.push({ to, port: ports[datagram[0] ?? 0] ?? 'ike', bytes: datagram.slice(1) });
    }
    return datagrams.filter((datagram) => this.filter(to, datagram.subarray(1)));
  }

  #wireEnd(end: End, to: 'initiator' | 'responder', startMs: number): WireEnd {
    const remoteOf = (port: IkePort) => {
      if (to === 'responder') return { address: responderEndpoint.address, port: port === 'ike' ? 500 : 4500 };
      return { address: initiatorEndpoint.address, port: port === 'ike' ? 40_500 : 44_500 };
    };
    const at = (nowMs: number) => {
      end.nowMs = startMs + nowMs;
    };
    return {
      start: (nowMs) => {
        at(nowMs);
        const held = this.#held.filter((each) => each.end === end).flatMap(({ datagrams }) => datagrams);
        for (const each of this.#held.filter((one) => one.end === end)) this.#held.splice(this.#held.indexOf(each), 1);
        if (this.#started) return held;
        if (end === this.responder) this.#started = true;
        const effects = end.input({ kind: 'start' });
        if (end === this.initiator && this.#options.child !== 'none') {
          effects.push(...end.input({ kind: 'establishChild', ...this.#options.child }));
        }
        return [...held, ...this.#record(end, effects)];
      },
      receive: (datagram, nowMs) => {
        at(nowMs);
        const port = ports[datagram[0] ?? 0];
        if (port === undefined) return [];
        const input: IkeInput = { kind: 'datagram', port, remote: remoteOf(port), bytes: datagram.subarray(1) };
        return this.#record(end, end.input(input));
      },
      tick: (nowMs) => {
        at(nowMs);
        return this.#record(end, end.input({ kind: 'tick' }));
      },
      deadlineMs: () => {
        const deadlineMs = ikeDeadlineMs(end.state);
        return deadlineMs === undefined ? undefined : deadlineMs - startMs;
      },
    };
  }

  /** Both ends have a child, and each sends by the one that the other receives by. */
  get isUp(): boolean {
    const receives = (end: End, spi: number | undefined) => end.children.some(({ inboundSpi }) => inboundSpi === spi);
    return receives(this.responder, this.initiator.sendingSpi) && receives(this.initiator, this.responder.sendingSpi);
  }
}

/** Makes some vendor ids unknown, in place. */
export function spoil(message: Uint8Array, ids: readonly Uint8Array[]): void {
  for (const id of ids) {
    const at = toHex(message).indexOf(toHex(id)) / 2;
    if (Number.isInteger(at) && at > 0) message.fill(0xee, at, at + id.length);
  }
}
