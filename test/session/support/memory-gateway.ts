import {
  createIke,
  type IkeConfig,
  type IkeEffect,
  type IkeInput,
  ikeDeadlineMs,
  type IkeState,
  stepIke,
} from '../../../main/protocol/ike/index.ts';
import {
  createTunnel,
  stepTunnel,
  type TunnelEffect,
  type TunnelInput,
  tunnelDeadlineMs,
  type TunnelState,
} from '../../../main/protocol/l2tp/index.ts';
import {
  createLink,
  defaultRestart,
  type HostConfig,
  type LinkEffect,
  type LinkInput,
  linkDeadlineMs,
  type Further,
  type LinkState,
  stepLink,
  type Verdict,
  type VerifyRequest,
  verifyChange,
  verifyPassword,
} from '../../../main/protocol/ppp/index.ts';
import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import { concat, fromUtf8, utf8 } from '../../../main/protocol/wire/bytes.ts';
import { parseEspProposal, parseIkeProposal } from '../../../main/session/proposals.ts';
import type { WireEnd } from '../../support/lossy-wire.ts';
import { seededCrypto } from '../../support/seeded-crypto.ts';
import { frame, MemoryDatapath, unframe } from './memory-datapath.ts';
import { clientAddress, gatewayAddress } from './memory-client.ts';

export interface GatewayOptions {
  readonly seed: number;
  readonly ike?: readonly string[];
  readonly esp?: readonly string[];
  readonly preSharedKey?: string;
  readonly users?: Readonly<Record<string, string>>;
  readonly methods?: HostConfig['methods'];
  /** Every password has expired: it must be changed before anybody gets in. */
  readonly expired?: boolean;
  /** A wrong password may be tried again. */
  readonly retryAllowed?: boolean;
  /** Asked for after the password, in these words. */
  readonly code?: { readonly text: string; readonly right: string };
  /** No L2TP service behind IPsec. */
  readonly withoutL2tp?: boolean;
  readonly emptyPool?: boolean;
  /** What it calls its maker in L2TP. */
  readonly vendorName?: string;
  readonly lifetimes?: IkeConfig['lifetimes'];
}

/** A gateway in memory: IKE responder, LNS and PPP host, from the same machines as the client. */
export class MemoryGateway implements WireEnd {
  readonly datapath = new MemoryDatapath();
  /** Dead from here on: hears nothing, says nothing. */
  dead = false;
  userUp = false;
  /** Passwords and codes that it was shown. */
  readonly shown: string[] = [];
  /** PPP frames without a packet. */
  emptyFrames = 0;
  readonly #options: GatewayOptions;
  readonly #crypto: CryptoPort;
  #nowMs = 0;
  #ike: IkeState;
  #tunnel: TunnelState | undefined;
  #link: LinkState | undefined;
  #out: Uint8Array[] = [];

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#crypto = seededCrypto(options.seed + 1_000_000);
    this.#ike = createIke(gatewayIke(options));
  }

  start(): Uint8Array[] {
    return [];
  }

  deadlineMs(): number | undefined {
    const deadlines = [
      ikeDeadlineMs(this.#ike),
      this.#tunnel && tunnelDeadlineMs(this.#tunnel),
      this.#link && linkDeadlineMs(this.#link),
    ].filter((deadline) => deadline !== undefined);
    return this.dead || deadlines.length === 0 ? undefined : Math.min(...deadlines);
  }

  tick(nowMs: number): Uint8Array[] {
    return this.#turn(nowMs, () => {
      this.#feedIke({ kind: 'tick' });
      this.#feedTunnel({ kind: 'tick' });
      this.#feedLink({ kind: 'tick' });
    });
  }

  receive(datagram: Uint8Array, nowMs: number): Uint8Array[] {
    return this.#turn(nowMs, () => {
      const { kind, body } = unframe(datagram);
      if (kind === 'ike' || kind === 'natt') {
        const remote = { address: clientAddress, port: kind === 'ike' ? 50_000 : 50_001 };
        this.#feedIke({ kind: 'datagram', port: kind, remote, bytes: body });
      } else if (kind === 'sealed') {
        this.#receiveSealed(body);
      }
    });
  }

  /** Something that happens at the gateway. */
  give(
    what: { readonly ike?: IkeInput; readonly tunnel?: TunnelInput; readonly link?: LinkInput },
    nowMs: number,
  ): Uint8Array[] {
    return this.#turn(nowMs, () => {
      if (what.link !== undefined) this.#feedLink(what.link);
      if (what.tunnel !== undefined) this.#feedTunnel(what.tunnel);
      if (what.ike !== undefined) this.#feedIke(what.ike);
    });
  }

  #turn(nowMs: number, act: () => void): Uint8Array[] {
    this.#nowMs = nowMs;
    if (!this.dead) act();
    const out = this.#out;
    this.#out = [];
    return out;
  }

  #receiveSealed(body: Uint8Array): void {
    const opened = this.datapath.open(body);
    if (opened === undefined) return;
    this.#feedIke({ kind: 'childUsed', inboundSpi: opened.spi });
    if (opened.payload === 'ppp') {
      if (opened.body.length === 2) this.emptyFrames += 1;
      this.#feedLink({ kind: 'frame', bytes: opened.body });
    }
    if (opened.payload !== 'l2tp' || this.#options.withoutL2tp === true) return;
    this.#tunnel ??= createTunnel({
      role: 'lns',
      hostName: 'gateway',
      vendorName: this.#options.vendorName ?? 'Culvert',
      localTunnelId: 7,
      receiveWindow: 8,
      hello: { idleMs: 60_000 },
      retransmission: { firstMs: 1000, maxMs: 8000, tries: 6 },
      maxSessions: 1,
    });
    this.#feedTunnel({ kind: 'message', bytes: opened.body });
  }

  get #env() {
    return { nowMs: this.#nowMs, crypto: this.#crypto };
  }

  #feedIke(input: IkeInput): void {
    const step = stepIke(this.#ike, input, this.#env);
    this.#ike = step.state;
    for (const effect of step.effects) this.#performIke(effect);
  }

  #performIke(effect: IkeEffect): void {
    if (effect.kind === 'send') this.#out.push(frame(effect.port, effect.bytes));
    if (effect.kind === 'useChild') this.datapath.use(effect.outboundSpi);
    if (effect.kind === 'childClosed') this.datapath.remove(effect.inboundSpi);
    if (effect.kind === 'closed') this.#ike = createIke(gatewayIke(this.#options));
    if (effect.kind === 'childEstablished') {
      const inbound = concat(effect.inboundKeys.cipherKey, effect.inboundKeys.integrityKey);
      const outbound = concat(effect.outboundKeys.cipherKey, effect.outboundKeys.integrityKey);
      this.datapath.install(effect.inboundSpi, effect.outboundSpi, inbound, outbound);
    }
  }

  #feedTunnel(input: TunnelInput): void {
    if (this.#tunnel === undefined) return;
    const step = stepTunnel(this.#tunnel, input, this.#env);
    this.#tunnel = step.state;
    for (const effect of step.effects) this.#performTunnel(effect);
  }

  #performTunnel(effect: TunnelEffect): void {
    if (effect.kind === 'send') this.#out.push(...this.datapath.seal('l2tp', effect.bytes));
    if (effect.kind === 'callUp') {
      this.#link = createLink(gatewayLink(this.#options));
      this.#feedLink({ kind: 'lowerUp' });
    }
  }

  #feedLink(input: LinkInput): void {
    if (this.#link === undefined) return;
    const step = stepLink(this.#link, input, this.#env);
    this.#link = step.state;
    for (const effect of step.effects) this.#performLink(effect);
  }

  #performLink(effect: LinkEffect): void {
    if (effect.kind === 'send') this.#out.push(...this.datapath.seal('ppp', effect.bytes));
    if (effect.kind === 'ipv4Up') this.userUp = true;
    if (effect.kind === 'addressWanted') {
      this.#feedLink(
        this.#options.emptyPool === true ? { kind: 'refuseAddress' } : { kind: 'assignAddress', address: '10.99.0.10' },
      );
    }
    if (effect.kind === 'verify') {
      this.#feedLink({ kind: 'verdict', attempt: effect.attempt, verdict: this.#judge(effect.request) });
    }
  }

  #judge(request: VerifyRequest): Verdict | Further {
    const { users = { alice: 'alice-pass' }, expired, retryAllowed = false } = this.#options;
    const password = users[request.userName];
    if (password === undefined) return { ok: false, code: 691, retryAllowed };
    if (request.method === 'mschapv2-change') return verifyChange(this.#crypto, request, password).verdict;
    if (request.method === 'eap' || request.method === 'eap-tls') return { ok: false, code: 691, retryAllowed };
    if (request.method === 'pap') this.shown.push(fromUtf8(request.password));
    const { code } = this.#options;
    if (request.method === 'pap' && request.token !== undefined) {
      return fromUtf8(request.password) === code?.right ? { ok: true } : { ok: false, code: 691, retryAllowed };
    }
    const verdict = verifyPassword(this.#crypto, request, password);
    if (!verdict.ok) return { ...verdict, retryAllowed };
    if (code !== undefined) return { ok: 'further', kind: 'prompt', text: code.text, token: { by: 'local', tries: 0 } };
    return expired === true ? { ok: false, code: 648, retryAllowed: false, message: 'it has expired' } : verdict;
  }
}

const everyIke = ['aes256-sha256-ecp256', 'aes256-sha256-modp2048', 'aes256-sha1-modp1024', '3des-sha1-modp1024'];

function gatewayIke(options: GatewayOptions): IkeConfig {
  return {
    role: 'responder',
    preSharedKey: utf8(options.preSharedKey ?? 'the pre-shared key'),
    localIdentity: 'address',
    local: { address: gatewayAddress, port: 500 },
    remote: { address: clientAddress, port: 50_000 },
    nattPorts: { local: 4500, remote: 50_001 },
    forceEncapsulation: false,
    ikeProposals: (options.ike ?? everyIke).map(parseIkeProposal),
    espProposals: (options.esp ?? ['aes256gcm16', 'aes256-sha1']).map(parseEspProposal),
    lifetimes: options.lifetimes ?? { ikeSeconds: 28_800, espSeconds: 3600 },
    dpd: { idleMs: 30_000, retryMs: 5000, tries: 5 },
    retransmission: { firstMs: 500, factor: 2, maxMs: 4000, giveUpMs: 20_000 },
    keepaliveMs: 20_000,
    l2tp: { localPort: 1701, remotePort: 1701 },
    fragmentation: { maxBytes: 1200 },
  };
}

function gatewayLink(options: GatewayOptions): HostConfig {
  return {
    role: 'host',
    hostName: 'gateway',
    methods: options.methods ?? ['mschapv2'],
    localAddress: '10.99.0.1',
    dns: ['10.99.0.1', '10.99.0.2'],
    wins: [],
    insideIpsec: true,
    mruBytes: 1400,
    ipv6: false,
    restart: defaultRestart,
    authenticationTimeoutMs: 60_000,
  };
}
