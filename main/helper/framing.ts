import { maxFrameBytes } from '../contracts/helper.ts';

export interface Frame {
  /** Parsed JSON, not yet checked against the contract. */
  readonly json: unknown;
  readonly attachment: Uint8Array;
}

/** The stream is not what the contract describes; the connection is useless from here on. */
export class FramingError extends Error {
  readonly code = 'helper.framing';
}

/** `u32 length | u32 JSON length | JSON | attachment`; see contracts/helper.ts. */
export function encodeFrame(json: unknown, attachment: Uint8Array = new Uint8Array()): Buffer {
  const text = Buffer.from(JSON.stringify(json), 'utf8');
  const length = 4 + text.length + attachment.length;
  if (length > maxFrameBytes) throw new FramingError(`a frame of ${length} bytes is over the limit`);
  const frame = Buffer.alloc(4 + length);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt32BE(text.length, 4);
  text.copy(frame, 8);
  frame.set(attachment, 8 + text.length);
  return frame;
}

/** Cuts a byte stream into frames, however it arrives. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  /** @throws FramingError on a length that cannot be or JSON that is not. */
  push(chunk: Buffer): Frame[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const frames: Frame[] = [];
    while (this.#pending.length >= 4) {
      const length = this.#pending.readUInt32BE(0);
      if (length < 4 || length > maxFrameBytes) throw new FramingError(`impossible frame length ${length}`);
      if (this.#pending.length < 4 + length) break;
      frames.push(parse(this.#pending.subarray(4, 4 + length)));
      this.#pending = this.#pending.subarray(4 + length);
    }
    return frames;
  }
}

function parse(body: Buffer): Frame {
  const jsonLength = body.readUInt32BE(0);
  if (jsonLength > body.length - 4) throw new FramingError(`impossible JSON length ${jsonLength}`);
  try {
    const json: unknown = JSON.parse(body.toString('utf8', 4, 4 + jsonLength));
    return { json, attachment: Uint8Array.from(body.subarray(4 + jsonLength)) };
  } catch {
    throw new FramingError('the JSON of a frame does not parse');
  }
}
