/** Bytes (or text) that cannot be printed by accident: not by JSON, template strings or Node's inspection. */
export class Secret<Content = Uint8Array> {
  readonly #content: Content;

  constructor(content: Content) {
    this.#content = content;
  }

  /** The bytes themselves, not a copy: for the one place that needs them. */
  expose(): Content {
    return this.#content;
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
