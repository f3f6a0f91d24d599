import { WireError } from './error.ts';

/** A cursor over bytes it does not own. Every read is bounds-checked and throws WireError, nothing else. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.bytes.length - this.#at;
  }

  #advance(lengthBytes: number, what: string): number {
    if (lengthBytes > this.remaining) throw new WireError('wire.truncated', this.#at, what);
    const at = this.#at;
    this.#at += lengthBytes;
    return at;
  }

  u8(what = 'u8'): number {
    return this.#view.getUint8(this.#advance(1, what));
  }

  u16(what = 'u16'): number {
    return this.#view.getUint16(this.#advance(2, what));
  }

  u32(what = 'u32'): number {
    return this.#view.getUint32(this.#advance(4, what));
  }

  /** The next bytes as a view of the input, not a copy. */
  take(lengthBytes: number, what = 'bytes'): Uint8Array {
    const at = this.#advance(lengthBytes, what);
    return this.bytes.subarray(at, at + lengthBytes);
  }

  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  /** A reader of the next bytes alone: a length field cannot make a nested parser read past its own part. */
  sub(lengthBytes: number, what = 'bytes'): Reader {
    return new Reader(this.take(lengthBytes, what));
  }

  end(what = 'message'): void {
    if (this.remaining > 0) throw new WireError('wire.trailing', this.#at, `${this.remaining} bytes after the ${what}`);
  }

  fail(what: string): never {
    throw new WireError('wire.value', this.#at, what);
  }
}

/** Collects bytes; grows as needed. */
export class Writer {
  #buffer = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  #reserve(lengthBytes: number): DataView {
    const needed = this.#length + lengthBytes;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
      grown.set(this.#buffer);
      this.#buffer = grown;
    }
    const view = new DataView(this.#buffer.buffer, this.#length, lengthBytes);
    this.#length = needed;
    return view;
  }

  u8(value: number): this {
    this.#reserve(1).setUint8(0, value);
    return this;
  }

  u16(value: number): this {
    this.#reserve(2).setUint16(0, value);
    return this;
  }

  u32(value: number): this {
    this.#reserve(4).setUint32(0, value);
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length - bytes.length);
    return this;
  }

  /** Rewrites two bytes at `offset`, for lengths known only afterwards. */
  patchU16(offset: number, value: number): void {
    if (value > 0xffff) throw new WireError('wire.tooLong', offset, `${value} does not fit 16 bits`);
    new DataView(this.#buffer.buffer).setUint16(offset, value);
  }

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }
}

/** Reads and writes one kind of value; a layout is declared once and both directions follow from it. */
export interface Codec<T> {
  read(reader: Reader): T;
  write(writer: Writer, value: T): void;
}

export type TypeOf<C> = C extends Codec<infer T> ? T : never;

/** Reads a whole message: bytes left over are an error. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const reader = new Reader(bytes);
  const value = codec.read(reader);
  reader.end();
  return value;
}

export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new Writer();
  codec.write(writer, value);
  return writer.finish();
}

export const u8: Codec<number> = { read: (r) => r.u8(), write: (w, v) => void w.u8(v) };
export const u16: Codec<number> = { read: (r) => r.u16(), write: (w, v) => void w.u16(v) };
export const u32: Codec<number> = { read: (r) => r.u32(), write: (w, v) => void w.u32(v) };
export const rest: Codec<Uint8Array> = { read: (r) => r.rest(), write: (w, v) => void w.raw(v) };

export function bytes(lengthBytes: number): Codec<Uint8Array> {
  return {
    read: (reader) => reader.take(lengthBytes),
    write: (writer, value) => {
      if (value.length !== lengthBytes) {
        throw new WireError('wire.value', writer.length, `${value.length} bytes where ${lengthBytes} belong`);
      }
      writer.raw(value);
    },
  };
}

type Fields = Readonly<Record<string, Codec<unknown>>>;
type StructOf<F extends Fields> = { readonly [K in keyof F]: TypeOf<F[K]> };

/** A record of fields in wire order. */
export function struct<const F extends Fields>(fields: F): Codec<StructOf<F>> {
  const entries = Object.entries(fields) as [keyof F & string, Codec<unknown>][];
  return {
    read: (reader) => Object.fromEntries(entries.map(([name, codec]) => [name, codec.read(reader)])) as StructOf<F>,
    write: (writer, value) => {
      for (const [name, codec] of entries) codec.write(writer, value[name]);
    },
  };
}
