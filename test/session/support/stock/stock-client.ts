import type { CryptoPort } from '../../../../main/protocol/crypto.ts';
import { headerOf, sealHashed } from '../../../../main/protocol/ike/envelope.ts';
import { addressIdentity, identification } from '../../../../main/protocol/ike/identity.ts';
import {
  createIke,
  type IkeConfig,
  type IkeEffect,
  type IkeInput,
  type IkeState,
  stepIke,
} from '../../../../main/protocol/ike/index.ts';
import { firstHash, phase2Iv } from '../../../../main/protocol/ike/keys.ts';
import { spiBytes } from '../../../../main/protocol/ike/proposals.ts';
import { firstTransmission } from '../../../../main/protocol/ike/retransmission.ts';
import { type Child, currentSa } from '../../../../main/protocol/ike/state.ts';
import { decodePacket, encodeBody, encodeMessage, type Payload } from '../../../../main/protocol/ike/wire/index.ts';
import { createTunnel, stepTunnel, type TunnelInput, type TunnelState } from '../../../../main/protocol/l2tp/index.ts';
import { addressBytes } from '../../../../main/protocol/wire/address.ts';
import { concat, utf8 } from '../../../../main/protocol/wire/bytes.ts';
import { hostProposals } from '../../../../main/session/proposals.ts';
import { clientAddress, gatewayAddress } from '../memory-client.ts';
import { frame, MemoryDatapath, unframe } from '../memory-datapath.ts';
import type { Dialler } from '../star.ts';
import type { StockClient } from './clients.ts';
import { StockPpp } from './stock-ppp.ts';

const everything = hostProposals('legacy');
const gateway = { address: gatewayAddress, port: 500 };
const inboundSpi = 0xc0ffee;
const nothing = new Uint8Array();

/** A stock client by its table: its messages 1 of both phases to the byte, its L2TP and PPP; what follows from them is computed. */
export class StockDialler implements Dialler {
  readonly datapath = new MemoryDatapath();
  readonly ppp: StockPpp;
  readonly effects: IkeEffect[] = [];
  readonly #client: StockClient;
  readonly #crypto: CryptoPort;
  #ike: IkeState;
  #tunnel: TunnelState | undefined;
  #nowMs = 0;
  #hangingUp = false;

  constructor(client: StockClient, crypto: CryptoPort, user = 'alice', { initialContact = true } = {}) {
    this.#client = client;
    this.#crypto = crypto;
    this.ppp = new StockPpp(client.ppp, { user, password: 'alice-pass' }, crypto);
    const ike = createIke(config(client));
    // Whoever remembers a child does not say that it remembers nothing.
    this.#ike = initialContact || ike.at === 'closed' ? ike : { ...ike, children: [remembered] };
  }

  get connected(): boolean {
    return this.ppp.up;
  }

  of<K extends IkeEffect['kind']>(kind: K): Extract<IkeEffect, { kind: K }>[] {
    return this.effects.filter((effect): effect is Extract<IkeEffect, { kind: K }> => effect.kind === kind);
  }

  deadlineMs(): undefined {
    return undefined;
  }

  tick(): Uint8Array[] {
    return [];
  }

  /** Message 1 of main mode, as the table has it. */
  start(nowMs: number): Uint8Array[] {
    this.#nowMs = nowMs;
    const { state, effects } = stepIke(this.#ike, { kind: 'start' }, this.#env);
    const [mode] = state.at === 'open' ? state.mainModes : [];
    const [first] = effects.flatMap((effect) => (effect.kind === 'send' ? [effect.bytes] : []));
    if (state.at !== 'open' || mode?.awaits !== 2 || first === undefined) throw new Error('no main mode was begun');
    const { transforms, vendors } = this.#client.ike;
    const sa: Payload = {
      kind: 'securityAssociation',
      proposals: [{ number: 1, protocol: 'isakmp', spi: nothing, transforms }],
    };
    const message = encodeMessage(decodePacket(first).header, [
      sa,
      ...vendors.map((id) => ({ kind: 'vendorId', id }) as const),
    ]);
    this.#ike = {
      ...state,
      mainModes: [{ ...mode, offer: encodeBody(sa), pending: { ...mode.pending, message } }],
    };
    return [frame('ike', message)];
  }

  receive(datagram: Uint8Array, nowMs: number): Uint8Array[] {
    this.#nowMs = nowMs;
    const { kind, body } = unframe(datagram);
    if (kind === 'ike' || kind === 'natt') {
      const remote = { address: gatewayAddress, port: kind === 'ike' ? 500 : 4500 };
      return this.#feedIke({ kind: 'datagram', port: kind, remote, bytes: body });
    }
    const opened = kind === 'sealed' ? this.datapath.open(body) : undefined;
    if (opened?.payload === 'l2tp') return this.#feedTunnel({ kind: 'message', bytes: opened.body });
    if (opened?.payload !== 'ppp') return [];
    const out = this.#sealFrames(this.ppp.receive(opened.body));
    return this.ppp.terminated && this.#hangingUp ? [...out, ...this.#afterTerminate()] : out;
  }

  /** LCP first, then the tunnel, then the SAs, as Windows does. */
  stop(nowMs: number): Uint8Array[] {
    this.#nowMs = nowMs;
    this.#hangingUp = true;
    return this.#sealFrames(this.ppp.terminate());
  }

  #afterTerminate(): Uint8Array[] {
    this.#hangingUp = false;
    return [...this.#feedTunnel({ kind: 'close' }), ...this.#feedIke({ kind: 'close' })];
  }

  get #env() {
    return { nowMs: this.#nowMs, crypto: this.#crypto };
  }

  #sealFrames(frames: readonly Uint8Array[]): Uint8Array[] {
    return frames.flatMap((each) => this.datapath.seal('ppp', each));
  }

  #feedIke(input: IkeInput): Uint8Array[] {
    const { state, effects } = stepIke(this.#ike, input, this.#env);
    this.#ike = state;
    this.effects.push(...effects);
    return effects.flatMap((effect) => this.#performIke(effect));
  }

  #performIke(effect: IkeEffect): Uint8Array[] {
    if (effect.kind === 'send') return [frame(effect.port, effect.bytes)];
    if (effect.kind === 'ikeEstablished') return this.#startQuickMode();
    if (effect.kind === 'childEstablished') {
      const { inboundKeys, outboundKeys, outboundSpi } = effect;
      const inbound = concat(inboundKeys.cipherKey, inboundKeys.integrityKey);
      const outbound = concat(outboundKeys.cipherKey, outboundKeys.integrityKey);
      this.datapath.install(effect.inboundSpi, outboundSpi, inbound, outbound);
    }
    if (effect.kind !== 'useChild') return [];
    this.datapath.use(effect.outboundSpi);
    return this.#openTunnel();
  }

  /** Message 1 of quick mode, as the table has it. */
  #startQuickMode(): Uint8Array[] {
    const state = this.#ike;
    const sa = state.at === 'open' ? currentSa(state) : undefined;
    if (state.at !== 'open' || sa === undefined) return [];
    const { layout, transforms, l2tpPort } = this.#client.quickMode;
    const messageId = 1; // Windows begins alike with everybody (field note 21)
    const nonce = this.#crypto.random(48);
    const proposal = { protocol: 'esp', spi: spiBytes(inboundSpi) } as const;
    const proposals =
      layout === 'transforms'
        ? [{ ...proposal, number: 1, transforms }]
        : transforms.map((transform, i) => ({ ...proposal, number: i + 1, transforms: [transform] }));
    const original = (address: string) =>
      ({ kind: 'natOriginalAddress', address: addressBytes(address) ?? nothing }) as const;
    const payloads: Payload[] = [
      { kind: 'securityAssociation', proposals },
      { kind: 'nonce', data: nonce },
      identification(addressIdentity(clientAddress), l2tpPort),
      identification(addressIdentity(gatewayAddress), 1701),
      original(clientAddress),
      original(gatewayAddress),
    ];
    const header = headerOf(sa.cookies, 'quickMode', messageId, true);
    const iv = phase2Iv(this.#crypto, sa.keys.suite, sa.lastBlock, messageId);
    const hash = (bytes: Uint8Array) => firstHash(this.#crypto, sa.keys, messageId, bytes);
    const message = sealHashed(this.#crypto, sa.keys, iv, header, payloads, hash);
    const request = { espProposals: everything.esp, pfsGroup: undefined, replaces: undefined };
    this.#ike = {
      ...state,
      quickModes: [
        {
          ...{ awaits: 'answer', messageId, sa: sa.id, iv: message.nextIv, inboundSpi, request, nonce, dh: undefined },
          pending: firstTransmission(message.bytes, state.config.retransmission, this.#nowMs),
        },
      ],
    };
    return [frame(sa.path.port, message.bytes)];
  }

  #openTunnel(): Uint8Array[] {
    if (this.#tunnel !== undefined) return [];
    const { hostName, vendorName, framing, window } = this.#client.l2tp;
    this.#tunnel = createTunnel({
      role: 'lac',
      ...{ hostName, vendorName, localTunnelId: 1, receiveWindow: window, framingCapabilities: framing },
      hello: { idleMs: 0 },
      retransmission: { firstMs: 1000, maxMs: 8000, tries: 5 },
      maxSessions: 1,
    });
    return [...this.#feedTunnel({ kind: 'open' }), ...this.#feedTunnel({ kind: 'call' })];
  }

  #feedTunnel(input: TunnelInput): Uint8Array[] {
    if (this.#tunnel === undefined) return [];
    const { state, effects } = stepTunnel(this.#tunnel, input, this.#env);
    this.#tunnel = state;
    const sent = effects.flatMap((effect) => (effect.kind === 'send' ? this.datapath.seal('l2tp', effect.bytes) : []));
    const up = effects.some(({ kind }) => kind === 'callUp');
    return up ? [...sent, ...this.#sealFrames(this.ppp.open())] : sent;
  }
}

const remembered: Child = {
  ...{ inboundSpi: 256, outboundSpi: 256, pfsGroup: undefined, initiatedBy: 'us', replaces: undefined },
  suite: { cipher: '3des-cbc', keyBits: 192, integrity: 'hmac-sha1-96' },
  selectors: { localPort: 1701, remotePort: 1701 },
  identities: undefined,
  smallerNonce: nothing,
  ...{ confirmed: true, useAtMs: undefined, superseded: true, retireAtMs: undefined },
  ...{ rekeyAtMs: Infinity, renewableAtMs: Infinity, expiresAtMs: Infinity },
};

function config({ quickMode }: StockClient): IkeConfig {
  return {
    role: 'initiator',
    preSharedKey: utf8('the pre-shared key'),
    localIdentity: 'address',
    local: { address: clientAddress, port: 500 },
    remote: gateway,
    nattPorts: { local: 4500, remote: 4500 },
    forceEncapsulation: false,
    ikeProposals: everything.ike,
    espProposals: everything.esp,
    lifetimes: { ikeSeconds: 28_800, espSeconds: 3600 },
    dpd: { idleMs: 3_600_000, retryMs: 5000, tries: 5 },
    retransmission: { firstMs: 1000, factor: 2, maxMs: 8000, giveUpMs: 30_000 },
    keepaliveMs: 20_000,
    l2tp: { localPort: quickMode.l2tpPort, remotePort: 1701 },
    fragmentation: { maxBytes: 1400 },
  };
}
