import { performance } from 'node:perf_hooks';
import type { CryptoPort } from '../../protocol/crypto.ts';
import {
  createHost,
  hostDeadlineMs,
  type HostConfig,
  type HostEffect,
  type HostInput,
  type HostState,
  stepHost,
} from '../../session/host/index.ts';

/** Runs the pure host: feeds it inputs and time one after another, and hands its effects on in order. */
export class MachineRunner {
  readonly #crypto: CryptoPort;
  readonly #perform: (effect: HostEffect) => void;
  readonly #waiting: HostInput[] = [];
  #state: HostState;
  #isStepping = false;
  #timer: NodeJS.Timeout | undefined;
  #dueMs: number | undefined;
  #onEmpty: () => void = () => undefined;

  constructor(config: HostConfig, crypto: CryptoPort, perform: (effect: HostEffect) => void) {
    this.#crypto = crypto;
    this.#perform = perform;
    this.#state = createHost(config);
  }

  get peers(): number {
    return this.#state.peers.size;
  }

  get halfOpen(): number {
    return this.#state.halfOpen.size;
  }

  /** What performing an effect gives rise to waits until the effects before it are performed. */
  feed(input: HostInput): void {
    this.#waiting.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#step(next);
    } finally {
      this.#isStepping = false;
    }
    this.#arm();
    if (this.#state.peers.size === 0) this.#onEmpty();
  }

  /** Resolves when no peer is left. */
  empty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state.peers.size === 0) resolve();
      else this.#onEmpty = resolve;
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dueMs = undefined;
  }

  #step(input: HostInput): void {
    const { state, effects } = stepHost(this.#state, input, { nowMs: performance.now(), crypto: this.#crypto });
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  /** A timer that goes off too early only finds nothing due: one is not made anew for each packet. */
  #arm(): void {
    const deadlineMs = hostDeadlineMs(this.#state);
    if (deadlineMs === undefined || (this.#dueMs !== undefined && this.#dueMs <= deadlineMs)) return;
    clearTimeout(this.#timer);
    this.#dueMs = deadlineMs;
    this.#timer = setTimeout(
      () => {
        this.#dueMs = undefined;
        this.feed({ kind: 'tick' });
      },
      Math.max(0, Math.ceil(deadlineMs - performance.now())),
    );
  }
}
