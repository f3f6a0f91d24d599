/** Bytes that cannot be printed by accident: not by JSON, template strings or Node's inspection. */
export class Secret {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The bytes themselves, not a copy: for the one place that needs them. */
  expose(): Uint8Array {
    return this.#bytes;
  }

  toJSON(): string {
    return '[secret]';
  }

  toString(): string {
    return '[secret]';
  }

  get [Symbol.toStringTag](): string {
    return 'secret';
  }
}
