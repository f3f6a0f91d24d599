import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { CryptoPort } from '../../protocol/crypto.ts';
import {
  createDynamicAuthorization,
  dynamicAuthorizationDeadlineMs,
  stepDynamicAuthorization,
  type DynamicAuthorizationAnswer,
  type DynamicAuthorizationConfig,
  type DynamicAuthorizationInput,
  type DynamicAuthorizationRequest,
  type DynamicAuthorizationState,
} from '../../protocol/radius/index.ts';

export interface ListenerOptions {
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly config: DynamicAuthorizationConfig;
  readonly crypto: CryptoPort;
  /** Carries a request out. Where it rejects, the server is told that resources are unavailable. */
  readonly onRequest: (request: DynamicAuthorizationRequest) => Promise<DynamicAuthorizationAnswer>;
  readonly onLog?: (text: string) => void;
}

/** Hears servers that disconnect or change sessions (RFC 5176). */
export class DynamicAuthorizationListener {
  readonly #socket: Socket;
  readonly #options: ListenerOptions;
  #state: DynamicAuthorizationState;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(socket: Socket, options: ListenerOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#state = createDynamicAuthorization(options.config);
    socket.on('message', (bytes, { address, port }) => {
      this.#give({ kind: 'datagram', from: { address, port }, bytes: new Uint8Array(bytes) });
    });
    socket.on('error', (error) => {
      this.#log(error.message);
    });
  }

  /** Rejects with the system's error where the address cannot be listened on. */
  static async open(options: ListenerOptions): Promise<DynamicAuthorizationListener> {
    const { address, port } = options;
    const socket = isIPv6(address) ? createSocket({ type: 'udp6', ipv6Only: true }) : createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(error);
      });
      socket.bind(port, address, () => {
        socket.removeAllListeners('error');
        resolve();
      });
    });
    return new DynamicAuthorizationListener(socket, options);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Answers that come later go nowhere. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    await new Promise<void>((resolve) => {
      this.#socket.close(resolve);
    });
  }

  #log(text: string): void {
    this.#options.onLog?.(text);
  }

  #give(input: DynamicAuthorizationInput): void {
    if (this.#closed) return;
    const { crypto } = this.#options;
    const env = { nowMs: performance.now(), unixSeconds: Math.floor(Date.now() / 1000), crypto };
    const { state, effects } = stepDynamicAuthorization(this.#state, input, env);
    this.#state = state;
    this.#arm();
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#socket.send(effect.bytes, effect.to.port, effect.to.address, (error) => {
            if (error !== null) this.#log(error.message);
          });
          break;
        case 'request':
          void this.#carryOut(effect);
          break;
        case 'log':
          this.#log(effect.text);
      }
    }
  }

  async #carryOut(request: DynamicAuthorizationRequest): Promise<void> {
    let answer: DynamicAuthorizationAnswer;
    try {
      answer = await this.#options.onRequest(request);
    } catch (error) {
      this.#log(`${request.client}: ${request.action} failed: ${String(error)}`);
      answer = { ok: false, errorCause: 'resourcesUnavailable' };
    }
    this.#give({ kind: 'answer', request: request.request, answer });
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const dueMs = dynamicAuthorizationDeadlineMs(this.#state);
    if (dueMs === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#give({ kind: 'tick' });
      },
      Math.max(0, Math.ceil(dueMs - performance.now())),
    );
  }
}
