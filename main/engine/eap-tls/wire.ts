import { Duplex } from 'node:stream';

/** A wire for TLS that EAP carries: what comes is pushed, what goes is kept until it is taken. */
export class Wire extends Duplex {
  readonly #onSent: () => void;
  #sent: Buffer[] = [];

  constructor(onSent: () => void) {
    super();
    this.#onSent = onSent;
  }

  hear(bytes: Uint8Array): void {
    this.push(Buffer.from(bytes));
  }

  takeSent(): Uint8Array {
    const sent = Buffer.concat(this.#sent);
    this.#sent = [];
    return new Uint8Array(sent);
  }

  override _read(): void {
    // What comes is pushed as it comes: a flight of EAP-TLS is bounded.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#sent.push(chunk);
    done();
    this.#onSent();
  }
}
