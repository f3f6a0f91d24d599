/** So many at once; who comes later waits, in order. */
export class Slots {
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(many: number) {
    this.#free = many;
  }

  /** Resolves with what gives the slot back, or with `undefined` once `signal` is aborted. */
  take(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(this.#giveBack);
    }
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#waiting.delete(enter);
        resolve(undefined);
      };
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve(this.#giveBack);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(enter);
    });
  }

  readonly #giveBack = (): void => {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
    } else {
      this.#waiting.delete(next);
      next();
    }
  };
}
