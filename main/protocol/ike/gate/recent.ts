/** A table of bounded size that forgets what was longest untouched. */
export class Recent<Key, Value> {
  readonly #items = new Map<Key, Value>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#items.size;
  }

  get(key: Key): Value | undefined {
    return this.#items.get(key);
  }

  /** @returns what had to give way. */
  put(key: Key, value: Value): Value | undefined {
    this.#items.delete(key);
    this.#items.set(key, value);
    if (this.#items.size <= this.#most) return undefined;
    const oldest = this.#items.entries().next();
    if (oldest.done === true) return undefined;
    this.#items.delete(oldest.value[0]);
    return oldest.value[1];
  }

  delete(key: Key): void {
    this.#items.delete(key);
  }
}
