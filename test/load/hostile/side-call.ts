import { performance } from 'node:perf_hooks';
import type { DatapathEvent } from '../../../main/contracts/helper.ts';
import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import {
  createTunnel,
  peekControl,
  stepTunnel,
  type TunnelEffect,
  type TunnelInput,
  type TunnelState,
} from '../../../main/protocol/l2tp/index.ts';
import {
  createLink,
  type Credentials,
  defaultRestart,
  type LinkEffect,
  type LinkInput,
  type LinkState,
  stepLink,
} from '../../../main/protocol/ppp/index.ts';
import type { LoadClient } from '../client/client.ts';

export interface CallOptions {
  readonly credentials: Credentials;
  readonly requestAddress?: string;
  /** Whatever the host sends in the call is sent back to it. */
  readonly mirror?: boolean;
}

/** How a call went. */
export type CallOutcome =
  | { readonly at: 'online'; readonly address: string }
  /** It is over, because of PPP: the literal cause. */
  | { readonly at: 'refused'; readonly code: string }
  /** It is over, because of L2TP. */
  | { readonly at: 'hungUp'; readonly code: string };

const tickMs = 100;
const mtuBytes = 1400;
/** A host's datapath does not know the session yet that the first request is in: it comes right behind the call. */
const lcpRepeatMs = 20;
/** The client's own, in its datapath. */
const path = 1;

/** One more L2TP tunnel in the SA of a client that is online, with one call that says what it likes. */
export class SideCall {
  /** The call is over once this resolves, or is being ended. */
  readonly outcome: Promise<CallOutcome>;
  readonly #client: LoadClient;
  readonly #crypto: CryptoPort;
  readonly #options: CallOptions;
  readonly #tunnelId: number;
  readonly #session: number;
  readonly #clock: NodeJS.Timeout;
  #tunnel: TunnelState;
  #link: LinkState | undefined;
  #remoteTunnelId = 0;
  #refused: string | undefined;
  #settle: (outcome: CallOutcome) => void = () => undefined;

  /** @param number  1 to 60 000; one of its own for each that is there at the same time */
  constructor(client: LoadClient, crypto: CryptoPort, number: number, options: CallOptions) {
    this.#client = client;
    this.#crypto = crypto;
    this.#options = options;
    this.#tunnelId = number;
    this.#session = path + number;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#tunnel = createTunnel({
      role: 'lac',
      hostName: `side${number}`,
      vendorName: 'test',
      localTunnelId: number,
      receiveWindow: 16,
      hello: { idleMs: 0 },
      retransmission: { firstMs: 300, maxMs: 2000, tries: 8 },
      maxSessions: 1,
    });
    this.#clock = setInterval(() => {
      this.#feed({ kind: 'tick' });
      this.#feedLink({ kind: 'tick' });
    }, tickMs);
    this.#feed({ kind: 'open' });
    this.#feed({ kind: 'call' });
  }

  /** Whether the event was its own; the client does not see it then. */
  takes(event: DatapathEvent, attachment: Uint8Array): boolean {
    const isMessage = event.kind === 'l2tp' && peekControl(attachment)?.tunnelId === this.#tunnelId;
    const isFrame = event.kind === 'ppp' && event.session === this.#session;
    if (isMessage) this.#feed({ kind: 'message', bytes: attachment });
    else if (isFrame && this.#options.mirror === true) this.#sendFrame(attachment);
    else if (isFrame) this.#feedLink({ kind: 'frame', bytes: attachment });
    return isMessage || isFrame;
  }

  /** Says goodbye where the host did not. */
  close(): void {
    this.#feed({ kind: 'close' });
    clearInterval(this.#clock);
    this.#client.datapath.request({ kind: 'removeSession', session: this.#session });
  }

  #feed(input: TunnelInput): void {
    const { state, effects } = stepTunnel(this.#tunnel, input, this.#environment());
    this.#tunnel = state;
    for (const effect of effects) this.#perform(effect);
  }

  #environment() {
    return { nowMs: performance.now(), crypto: this.#crypto };
  }

  #perform(effect: TunnelEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#client.datapath.command({ kind: 'sendL2tp', path }, effect.bytes);
        return;
      case 'tunnelUp':
        this.#remoteTunnelId = effect.remoteTunnelId;
        return;
      case 'callUp':
        this.#callUp(effect);
        return;
      case 'callDown':
      case 'closed': {
        const { code } = effect.cause;
        this.#settle(this.#refused === undefined ? { at: 'hungUp', code } : { at: 'refused', code: this.#refused });
        return;
      }
      case 'callStarted':
      case 'finished':
      case 'linkInfo':
      case 'wanErrors':
      case 'roundTrip':
      case 'log':
        return;
    }
  }

  #callUp({ localSessionId, remoteSessionId, sequencing }: Extract<TunnelEffect, { kind: 'callUp' }>): void {
    this.#client.datapath.request({
      kind: 'setSession',
      session: this.#session,
      path,
      localTunnelId: this.#tunnelId,
      localSessionId,
      remoteTunnelId: this.#remoteTunnelId,
      remoteSessionId,
      sequencing,
      compressProtocol: false,
      compressAddressControl: false,
      prefixes: [],
      mtuBytes,
    });
    const { credentials, requestAddress, mirror = false } = this.#options;
    if (mirror) return;
    this.#link = createLink({
      role: 'client',
      credentials,
      ...(requestAddress !== undefined && { requestAddress }),
      methods: ['mschapv2', 'chap-md5'],
      requestDns: false,
      requestWins: false,
      userWaitMs: 0,
      insideIpsec: true,
      mruBytes: mtuBytes,
      ipv6: false,
      restart: { ...defaultRestart, firstMs: lcpRepeatMs },
      authenticationTimeoutMs: 60_000,
    });
    // Behind the message that connects the call.
    queueMicrotask(() => {
      this.#feedLink({ kind: 'lowerUp' });
    });
  }

  #feedLink(input: LinkInput): void {
    if (this.#link === undefined) return;
    const { state, effects } = stepLink(this.#link, input, this.#environment());
    this.#link = state;
    for (const effect of effects) this.#performLink(effect);
  }

  #performLink(effect: LinkEffect): void {
    if (effect.kind === 'send') this.#sendFrame(effect.bytes);
    else if (effect.kind === 'ipv4Up') this.#settle({ at: 'online', address: effect.local });
    else if (effect.kind === 'closed') {
      const { cause } = effect;
      this.#refused = cause.code === 'authenticationRejected' ? `${cause.code} ${cause.reason}` : cause.code;
      this.#feed({ kind: 'close' });
    }
  }

  #sendFrame(frame: Uint8Array): void {
    this.#client.datapath.command({ kind: 'sendPpp', session: this.#session }, frame);
  }
}
