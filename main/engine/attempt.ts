import { performance } from 'node:perf_hooks';
import type { Failure } from '../contracts/failure.ts';
import type { ConnectionEvent } from '../contracts/events.ts';
import type { PromptInSession } from '../contracts/prompt.ts';
import { type Helper, HelperLost, HelperRefusal } from '../helper/index.ts';
import type { CryptoPort } from '../protocol/crypto.ts';
import type { Judge } from './certificates/index.ts';
import {
  clientDeadlineMs,
  type ClientConfig,
  type ClientEffect,
  type ClientInput,
  type ClientState,
  createClient,
  stepClient,
} from '../session/client/index.ts';
import { TlsChannel, type TlsSettings } from './eap-tls/channel.ts';
import type { Reply } from './prompter.ts';

/** How often the datapath is asked what it carried, while connected. */
const statisticsMs = 1000;

export interface Carried {
  readonly receivedBytes: bigint;
  readonly sentBytes: bigint;
}

export interface AttemptWatcher {
  event(event: ConnectionEvent): void;
  log(source: string, text: string): void;
  carried(carried: Carried): void;
  passwordChanged(): void;
  /** Never rejects. */
  ask(prompt: PromptInSession, withdrawn: AbortSignal): Promise<Reply<{ readonly text: string }>>;
  /** Of the gateway's certificate, where the connection goes by certificates. */
  readonly judge?: Judge;
}

/** Runs one client session against the native helper: performs its effects, feeds it answers, events and time. */
export class Attempt {
  readonly #helper: Helper;
  readonly #crypto: CryptoPort;
  readonly #watcher: AttemptWatcher;
  readonly #session: number;
  readonly #tlsSettings: TlsSettings | undefined;
  #tls: TlsChannel | undefined;
  #asking = new AbortController();
  #state: ClientState;
  #timer: NodeJS.Timeout | undefined;
  #statistics: NodeJS.Timeout | undefined;
  #receivedPackets = 0n;
  #resolve: (failure: Failure) => void = () => undefined;

  constructor(
    helper: Helper,
    crypto: CryptoPort,
    config: ClientConfig,
    watcher: AttemptWatcher,
    tlsSettings?: TlsSettings,
  ) {
    this.#helper = helper;
    this.#crypto = crypto;
    this.#watcher = watcher;
    this.#tlsSettings = tlsSettings;
    this.#session = config.attempt;
    this.#state = createClient(config);
  }

  /** Resolves when the connection has ended, with the reason. */
  async run(): Promise<Failure> {
    const ended = new Promise<Failure>((resolve) => {
      this.#resolve = resolve;
    });
    const { broker, datapath } = this.#helper;
    datapath.onEvent = (event, attachment) => {
      this.#feed({ kind: 'datapathEvent', event, attachment });
    };
    const before = [broker.onLost, datapath.onLost] as const;
    broker.onLost = datapath.onLost = () => {
      this.#feed({ kind: 'helperLost' });
    };
    this.#feed({ kind: 'start' });
    try {
      return await ended;
    } finally {
      clearTimeout(this.#timer);
      clearInterval(this.#statistics);
      this.#asking.abort();
      this.#tls?.close();
      datapath.onEvent = () => undefined;
      [broker.onLost, datapath.onLost] = before;
    }
  }

  stop(): void {
    this.#feed({ kind: 'stop' });
  }

  #feed(input: ClientInput): void {
    const nowMs = performance.now();
    const step = stepClient(this.#state, input, { nowMs, crypto: this.#crypto });
    this.#state = step.state;
    for (const effect of step.effects) this.#perform(effect);
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
        this.#helper.broker.request(effect.request).then(
          (reply) => {
            this.#feed({ kind: 'brokerReply', task: effect.task, reply });
          },
          (error: unknown) => {
            if (error instanceof HelperRefusal) {
              this.#feed({ kind: 'brokerReply', task: effect.task, reply: error.reply });
            }
          },
        );
        return;
      case 'datapath':
        this.#helper.datapath.request(effect.request, effect.attachment).catch((error: unknown) => {
          if (error instanceof HelperRefusal) this.#feed({ kind: 'datapathRefused', reply: error.reply });
        });
        effect.attachment?.fill(0);
        return;
      case 'command':
        this.#helper.datapath.command(effect.command, effect.attachment);
        return;
      case 'event':
        if (effect.event.event === 'connected') this.#watchTraffic();
        this.#watcher.event(effect.event);
        return;
      case 'ask':
        void this.#ask(effect.question, effect.prompt);
        return;
      case 'asked':
        this.#asking.abort();
        return;
      case 'tls':
        this.#hearTls(effect.flight);
        return;
      case 'verifyGateway':
        void this.#judge(effect);
        return;
      case 'passwordChanged':
        this.#watcher.passwordChanged();
        return;
      case 'log':
        this.#watcher.log(effect.source, effect.text);
        return;
      case 'ended':
        this.#resolve(effect.failure);
        return;
    }
  }

  async #ask(question: number, prompt: PromptInSession): Promise<void> {
    this.#asking.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const reply = await this.#watcher.ask(prompt, asking.signal);
    if (asking.signal.aborted) return;
    if (reply.answered) this.#feed({ kind: 'answer', question, text: reply.answer.text });
    else if (reply.why === 'cancelled') this.stop();
    // Whoever approves may take as long as the gateway waits.
    else if (prompt.kind !== 'approval') this.#feed({ kind: 'answer', question });
  }

  #hearTls(flight: Uint8Array): void {
    if (this.#tlsSettings === undefined) {
      const reason = 'this connection has no certificate for it';
      this.#feed({ kind: 'tls', output: { state: 'failed', by: 'us', bytes: new Uint8Array(), reason } });
      return;
    }
    this.#tls ??= new TlsChannel(this.#tlsSettings, (output) => {
      this.#feed({ kind: 'tls', output });
    });
    this.#tls.hear(flight);
  }

  async #judge({ exchange, certificates, identity }: Extract<ClientEffect, { kind: 'verifyGateway' }>): Promise<void> {
    const verdict = await this.#watcher.judge?.(certificates, identity);
    if (verdict !== undefined) this.#feed({ kind: 'gatewayVerdict', exchange, verdict });
  }

  #watchTraffic(): void {
    this.#statistics = setInterval(() => {
      this.#askStatistics().catch((error: unknown) => {
        if (!(error instanceof HelperLost)) this.#watcher.log('engine', String(error));
      });
    }, statisticsMs);
  }

  async #askStatistics(): Promise<void> {
    const { statistics } = await this.#helper.datapath.request({ kind: 'statistics' });
    const mine = statistics?.sessions.find(({ session }) => session === this.#session);
    if (mine === undefined) return;
    const receivedPackets = BigInt(mine.receivedPackets);
    if (receivedPackets > this.#receivedPackets) this.#feed({ kind: 'traffic' });
    this.#receivedPackets = receivedPackets;
    this.#watcher.carried({ receivedBytes: BigInt(mine.receivedBytes), sentBytes: BigInt(mine.sentBytes) });
  }
}
