import type { CryptoPort } from '../../protocol/crypto.ts';
import {
  createRadius,
  radiusDeadlineMs,
  stepRadius,
  unaccounted,
  type AccountingRecord,
  type AuthenticationOutcome,
  type AuthenticationRequest,
  type RadiusConfig,
  type RadiusEffect,
  type RadiusInput,
  type RadiusState,
} from '../../protocol/radius/index.ts';
import { ServerSockets } from './server-sockets.ts';

/** What an administrator may want to know: servers down and up, accounting taken, delayed or lost, and oddities. */
export type RadiusEvent = Exclude<RadiusEffect, { kind: 'send' | 'outcome' }>;

/** Runs the RADIUS machine over UDP sockets. Servers are given by address, not by name. */
export class RadiusClient {
  readonly #crypto: CryptoPort;
  readonly #onEvent: (event: RadiusEvent) => void;
  readonly #sockets: ServerSockets;
  readonly #waiting = new Map<number, (outcome: AuthenticationOutcome) => void>();
  readonly #whenDrained = new Set<() => void>();
  #state: RadiusState;
  #nextRequest = 1;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(config: RadiusConfig, crypto: CryptoPort, onEvent: (event: RadiusEvent) => void = () => undefined) {
    this.#crypto = crypto;
    this.#onEvent = onEvent;
    this.#state = createRadius(config);
    this.#sockets = new ServerSockets(config, {
      message: (channel, bytes) => {
        this.#give({ kind: 'datagram', channel, bytes });
      },
      failed: (channel, cause) => {
        this.#give({ kind: 'sendFailed', channel, cause });
      },
    });
  }

  /** Resolves in every case; aborted, or after `close`, with `cancelled`. */
  authenticate(asked: AuthenticationRequest, signal?: AbortSignal): Promise<AuthenticationOutcome> {
    if (this.#closed || signal?.aborted === true) return Promise.resolve({ kind: 'cancelled' });
    const request = this.#nextRequest;
    this.#nextRequest += 1;
    return new Promise((resolve) => {
      const cancel = (): void => {
        this.#give({ kind: 'cancel', request });
      };
      signal?.addEventListener('abort', cancel, { once: true });
      this.#waiting.set(request, (outcome) => {
        signal?.removeEventListener('abort', cancel);
        resolve(outcome);
      });
      this.#give({ kind: 'authenticate', request, ...asked });
    });
  }

  /** Queues a record; its fate is told by the events. */
  account(record: AccountingRecord): void {
    this.#give({ kind: 'account', record });
  }

  /** Resolves with `true` once no accounting record waits, or with `false` after `timeoutMs` or at `close`. */
  drained(timeoutMs: number): Promise<boolean> {
    if (this.#isDrained()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#whenDrained.delete(done);
        resolve(this.#isDrained());
      };
      const timer = setTimeout(done, timeoutMs);
      this.#whenDrained.add(done);
    });
  }

  /** Ends what is under way; records that wait are lost. */
  async close(): Promise<void> {
    for (const request of [...this.#waiting.keys()]) this.#give({ kind: 'cancel', request });
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const done of [...this.#whenDrained]) done();
    await this.#sockets.close();
  }

  #isDrained(): boolean {
    return unaccounted(this.#state) === 0;
  }

  #give(input: RadiusInput): void {
    if (this.#closed) return;
    const env = { nowMs: performance.now(), unixSeconds: Math.floor(Date.now() / 1000), crypto: this.#crypto };
    const { state, effects } = stepRadius(this.#state, input, env);
    this.#state = state;
    this.#arm();
    for (const effect of effects) this.#perform(effect);
    if (this.#isDrained()) for (const done of [...this.#whenDrained]) done();
  }

  #perform(effect: RadiusEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#sockets.send(effect.channel, effect.bytes);
        return;
      case 'outcome': {
        const resolve = this.#waiting.get(effect.request);
        this.#waiting.delete(effect.request);
        resolve?.(effect.outcome);
        return;
      }
      case 'accounted':
      case 'accountingDelayed':
      case 'accountingLost':
      case 'serverDown':
      case 'serverUp':
      case 'log':
        this.#onEvent(effect);
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const dueMs = radiusDeadlineMs(this.#state);
    if (dueMs === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#give({ kind: 'tick' });
      },
      Math.max(0, Math.ceil(dueMs - performance.now())),
    );
  }
}
