import {
  type DhcpMessage,
  messageTypes,
  type NamedOptions,
  namedOptions,
  optionValue,
  readDhcp,
  writeDhcp,
} from '../../../main/protocol/dhcp/index.ts';
import { toHex } from '../../../main/protocol/wire/bytes.ts';

export interface ServerOptions {
  readonly server?: string;
  readonly seconds?: number;
  readonly addresses?: readonly string[];
  /** What else is in its ACKs. */
  readonly more?: NamedOptions;
}

/** A DHCP server, as simple as one can be: RFC 2131 §4.3 for clients behind a relay, by their client ID. */
export class OfficeServer {
  readonly address: string;
  readonly bound = new Map<string, string>();
  readonly declined = new Set<string>();
  readonly heard: { readonly kind: number; readonly message: DhcpMessage }[] = [];
  refuses = false;
  silent = false;
  readonly #options: ServerOptions;
  readonly #offered = new Map<string, string>();

  constructor(options: ServerOptions = {}) {
    this.#options = options;
    this.address = options.server ?? '10.20.0.1';
  }

  /** @returns the answer, to the relay in the question; none where there is none */
  receive(bytes: Uint8Array): Uint8Array | undefined {
    const asked = readDhcp(bytes);
    const kind = optionValue(asked.options, 'messageType') ?? 0;
    this.heard.push({ kind, message: asked });
    const client = toHex(optionValue(asked.options, 'clientId') ?? new Uint8Array());
    const named = optionValue(asked.options, 'server');
    if (this.silent || asked.giaddr === '0.0.0.0' || (named !== undefined && named !== this.address)) return undefined;
    switch (kind) {
      case messageTypes.discover: {
        const address = this.#addressFor(client);
        if (address === undefined) return undefined;
        this.#offered.set(client, address);
        return this.#answer(asked, messageTypes.offer, address);
      }
      case messageTypes.request: {
        const wanted = asked.ciaddr === '0.0.0.0' ? optionValue(asked.options, 'requestedAddress') : asked.ciaddr;
        const known = this.bound.get(client) ?? this.#offered.get(client);
        if (wanted === undefined || this.refuses || known !== wanted) return this.#answer(asked, messageTypes.nak);
        this.bound.set(client, wanted);
        return this.#answer(asked, messageTypes.ack, wanted);
      }
      case messageTypes.release:
        if (this.bound.get(client) === asked.ciaddr) this.bound.delete(client);
        return undefined;
      case messageTypes.decline:
        this.declined.add(optionValue(asked.options, 'requestedAddress') ?? '');
        this.bound.delete(client);
        this.#offered.delete(client);
        return undefined;
      default:
        return undefined;
    }
  }

  #addressFor(client: string): string | undefined {
    const known = this.bound.get(client) ?? this.#offered.get(client);
    if (known !== undefined) return known;
    const taken = new Set([...this.bound.values(), ...this.#offered.values(), ...this.declined]);
    const addresses = this.#options.addresses ?? Array.from({ length: 50 }, (_, i) => `10.20.0.${100 + i}`);
    return addresses.find((address) => !taken.has(address));
  }

  #answer(asked: DhcpMessage, messageType: number, yiaddr = '0.0.0.0'): Uint8Array {
    const isNak = messageType === messageTypes.nak;
    const lease = isNak ? {} : { leaseSeconds: this.#options.seconds ?? 3600, ...this.#options.more };
    const options = namedOptions({ messageType, server: this.address, ...lease });
    return writeDhcp({ ...asked, op: 'reply', hops: 0, ciaddr: '0.0.0.0', yiaddr, options });
  }
}
