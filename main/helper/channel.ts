import { connect, type Socket } from 'node:net';
import type { z } from 'zod';
import { helperReply, type HelperReply } from '../contracts/helper.ts';
import { encodeFrame, type Frame, FrameReader } from './framing.ts';

export type HelperError = Extract<HelperReply, { kind: 'error' }>;
export type HelperOk = Extract<HelperReply, { kind: 'ok' }>;

/** A request without its id: the channel numbers them. */
export type Unnumbered<Request extends { id: number }> = Request extends unknown ? Omit<Request, 'id'> : never;

/** The helper answered with a typed error. */
export class HelperRefusal extends Error {
  readonly reply: HelperError;

  constructor(reply: HelperError) {
    super(`${reply.code}: ${reply.message}`);
    this.name = 'HelperRefusal';
    this.reply = reply;
  }
}

/** The connection to the helper ended, or spoke what the contract does not know. */
export class HelperLost extends Error {
  override readonly name = 'HelperLost';
}

function isReply(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'kind' in json && (json.kind === 'ok' || json.kind === 'error');
}

interface Waiting {
  readonly resolve: (reply: HelperOk) => void;
  readonly reject: (error: Error) => void;
}

/** One of the helper's two sockets: numbered requests with their answers, commands, and events. */
export class HelperChannel<Request extends { id: number; kind: string }, Event> {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #waiting = new Map<number, Waiting>();
  readonly #eventSchema: z.ZodType<Event>;
  #nextId = 1;
  #lost: HelperLost | undefined;

  /** Called for each event, with its attachment, in order. */
  onEvent: (event: Event, attachment: Uint8Array) => void = () => undefined;
  onLost: (error: HelperLost) => void = () => undefined;

  constructor(socket: Socket, eventSchema: z.ZodType<Event>) {
    this.#socket = socket;
    this.#eventSchema = eventSchema;
    socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    socket.on('error', (error) => {
      this.#end(error.message);
    });
    socket.on('close', () => {
      this.#end('the connection closed');
    });
  }

  /** Connects to `path`; rejects with the system's error. */
  static async connect<Request extends { id: number; kind: string }, Event>(
    path: string,
    eventSchema: z.ZodType<Event>,
  ): Promise<HelperChannel<Request, Event>> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new HelperChannel<Request, Event>(socket, eventSchema);
  }

  /** Rejects with HelperRefusal when the helper refuses, with HelperLost when it goes away. */
  request(request: Unnumbered<Request>, attachment?: Uint8Array): Promise<HelperOk> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#write({ ...request, id }, attachment);
    });
  }

  /** Sends what is not answered. */
  command(command: object, attachment?: Uint8Array): void {
    if (this.#lost === undefined) this.#write(command, attachment);
  }

  close(): void {
    this.#lost ??= new HelperLost('closed by this side');
    this.#socket.end();
  }

  /** All that one turn of the event loop gives rise to leaves by one call of the system. */
  #write(json: object, attachment: Uint8Array | undefined): void {
    const frame = encodeFrame(json, attachment);
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork();
      process.nextTick(() => {
        this.#socket.uncork();
      });
    }
    this.#socket.write(frame, () => frame.fill(0));
  }

  #receive(chunk: Buffer): void {
    if (this.#lost !== undefined) return;
    try {
      for (const frame of this.#reader.push(chunk)) this.#dispatch(frame);
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
    }
  }

  #dispatch(frame: Frame): void {
    if (!isReply(frame.json)) {
      this.onEvent(this.#eventSchema.parse(frame.json), frame.attachment);
      return;
    }
    const reply = helperReply.parse(frame.json);
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) throw new HelperLost(`an answer to no request: ${reply.id}`);
    this.#waiting.delete(reply.id);
    if (reply.kind === 'ok') waiting.resolve(reply);
    else waiting.reject(new HelperRefusal(reply));
  }

  #end(reason: string): void {
    const unexpected = this.#lost === undefined;
    const lost = (this.#lost ??= new HelperLost(reason));
    this.#socket.destroy();
    for (const { reject } of this.#waiting.values()) reject(lost);
    this.#waiting.clear();
    if (unexpected) this.onLost(lost);
  }
}
