import type { CryptoPort } from '../../../../main/protocol/crypto.ts';
import { generateAuthenticatorResponse, generateNtResponse } from '../../../../main/protocol/ppp/auth/mschapv2.ts';
import { concat, fromLatin1, utf8 } from '../../../../main/protocol/wire/bytes.ts';
import { identOf, type StockClient, type StockOption } from './clients.ts';

const protocol = { lcp: 0xc021, chap: 0xc223, ipcp: 0x8021 } as const;
const code = {
  request: 1,
  ack: 2,
  nak: 3,
  reject: 4,
  terminate: 5,
  terminateAck: 6,
  protocolReject: 8,
  echo: 9,
} as const;

interface Layer {
  options: readonly StockOption[];
  identifier: number;
  acked: boolean;
  ackedPeer: boolean;
}

interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** PPP as plainly as it can be written, over a line that loses nothing: it asks what the table says, and notes what it is told. */
export class StockPpp {
  readonly rejectedOptions: string[] = [];
  readonly rejectedProtocols: number[] = [];
  address = '';
  readonly servers: string[] = [];
  hostAddress = '';
  terminated = false;
  readonly #client: StockClient['ppp'];
  readonly #who: Credentials;
  readonly #crypto: CryptoPort;
  readonly #layers = new Map<number, Layer>();
  #out: Uint8Array[] = [];
  #proof = '';

  constructor(client: StockClient['ppp'], who: Credentials, crypto: CryptoPort) {
    this.#client = client;
    this.#who = who;
    this.#crypto = crypto;
  }

  get up(): boolean {
    const ipcp = this.#layers.get(protocol.ipcp);
    return ipcp?.acked === true && ipcp.ackedPeer;
  }

  open(): Uint8Array[] {
    this.#ask(protocol.lcp, this.#client.lcp);
    return this.#take();
  }

  terminate(): Uint8Array[] {
    this.#send(protocol.lcp, code.terminate, 77, utf8(''));
    return this.#take();
  }

  receive(frame: Uint8Array): Uint8Array[] {
    const number = ((frame[0] ?? 0) << 8) | (frame[1] ?? 0);
    const lengthBytes = ((frame[4] ?? 0) << 8) | (frame[5] ?? 0);
    const data = frame.subarray(6, 2 + lengthBytes);
    if (number === protocol.chap) this.#chap(frame[2] ?? 0, frame[3] ?? 0, data);
    else this.#control(number, frame[2] ?? 0, frame[3] ?? 0, data);
    return this.#take();
  }

  #take(): Uint8Array[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  #send(number: number, what: number, identifier: number, data: Uint8Array): void {
    const length = data.length + 4;
    const head = Uint8Array.of(number >> 8, number & 0xff, what, identifier, length >> 8, length & 0xff);
    this.#out.push(concat(head, data));
  }

  #ask(number: number, options: readonly StockOption[]): void {
    const known = this.#layers.get(number);
    const identifier = (known?.identifier ?? 0) + 1;
    this.#layers.set(number, { options, identifier, acked: false, ackedPeer: known?.ackedPeer ?? false });
    this.#send(number, code.request, identifier, concat(...options.map(encodeOption)));
  }

  #control(number: number, what: number, identifier: number, data: Uint8Array): void {
    const layer = this.#layers.get(number);
    if (layer === undefined) return;
    const options = decodeOptions(data);
    switch (what) {
      case code.request:
        layer.ackedPeer = true;
        if (number === protocol.ipcp) this.hostAddress = options.find(({ type }) => type === 3)?.data.join('.') ?? '';
        this.#send(number, code.ack, identifier, data);
        break;
      case code.ack:
        layer.acked = true;
        if (number === protocol.ipcp) this.#addresses(options);
        break;
      case code.nak:
        this.#ask(
          number,
          layer.options.map((asked) => options.find(({ type }) => type === asked.type) ?? asked),
        );
        return;
      case code.reject:
        for (const { type } of options) this.rejectedOptions.push(`${number.toString(16)}/${type}`);
        this.#ask(
          number,
          layer.options.filter((asked) => options.every(({ type }) => type !== asked.type)),
        );
        return;
      case code.terminateAck:
        this.terminated = true;
        return;
      case code.terminate:
        this.terminated = true;
        this.#send(number, code.terminateAck, identifier, data);
        return;
      case code.protocolReject:
        this.rejectedProtocols.push(((data[0] ?? 0) << 8) | (data[1] ?? 0));
        return;
      default:
        return;
    }
    const opened = layer.acked && layer.ackedPeer;
    if (number === protocol.lcp && opened) {
      for (const [i, text] of this.#client.idents.entries()) this.#send(number, 12, 100 + i, identOf(text));
    }
  }

  #addresses(options: readonly StockOption[]): void {
    for (const { type, data } of options) {
      if (type === 3) this.address = data.join('.');
      else this.servers.push(`${type} ${data.join('.')}`);
    }
  }

  #chap(what: number, identifier: number, data: Uint8Array): void {
    const { user, password } = this.#who;
    if (what === 1) {
      const authenticatorChallenge = data.slice(1, 17);
      const peerChallenge = this.#crypto.random(16);
      const challenges = { authenticatorChallenge, peerChallenge, userName: user };
      const ntResponse = generateNtResponse(this.#crypto, challenges, password);
      this.#proof = generateAuthenticatorResponse(this.#crypto, challenges, ntResponse, password);
      const value = concat(peerChallenge, new Uint8Array(8), ntResponse, Uint8Array.of(0));
      this.#send(protocol.chap, 2, identifier, concat(Uint8Array.of(value.length), value, utf8(user)));
    }
    if (what !== 3 || !fromLatin1(data).startsWith(`S=${this.#proof}`)) return;
    for (const [number, options] of this.#client.also) this.#ask(number, options);
    this.#ask(protocol.ipcp, this.#client.ipcp);
  }
}

function encodeOption({ type, data }: StockOption): Uint8Array {
  return concat(Uint8Array.of(type, data.length + 2), data);
}

function decodeOptions(data: Uint8Array): StockOption[] {
  const options: StockOption[] = [];
  for (let at = 0; at + 1 < data.length; at += Math.max(2, data[at + 1] ?? 2)) {
    options.push({ type: data[at] ?? 0, data: data.slice(at + 2, at + (data[at + 1] ?? 2)) });
  }
  return options;
}
