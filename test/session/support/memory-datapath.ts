import { createHmac } from 'node:crypto';
import { concat, sameBytes } from '../../../main/protocol/wire/bytes.ts';

/** What travels on the wire in memory: IKE on either socket, a keepalive, or a sealed packet. */
const kinds = ['ike', 'natt', 'keepalive', 'sealed'] as const;
type Kind = (typeof kinds)[number];
/** What is inside a sealed packet. */
const payloads = ['l2tp', 'ppp', 'data'] as const;
export type Payload = (typeof payloads)[number];

const tagBytes = 8;
/** SPI, sequence number, and what is inside. */
const headBytes = 9;

export function frame(kind: Kind, body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(kinds.indexOf(kind)), body);
}

export function unframe(datagram: Uint8Array): { readonly kind: Kind | undefined; readonly body: Uint8Array } {
  return { kind: kinds[datagram[0] ?? 255], body: datagram.subarray(1) };
}

/**
 * Security associations without ESP: packets are authenticated by an HMAC under the negotiated keys, so that two ends
 * whose keys differ, or a corrupted or repeated packet, are found out just as by the real datapath.
 */
export class MemoryDatapath {
  readonly #inbound = new Map<number, Uint8Array>();
  readonly #outbound = new Map<number, Uint8Array>();
  readonly #seen = new Map<number, Set<number>>();
  #sequence = 0;
  #sendBy: number | undefined;

  get installed(): number {
    return this.#inbound.size;
  }

  install(inboundSpi: number, outboundSpi: number, inboundKey: Uint8Array, outboundKey: Uint8Array): void {
    this.#inbound.set(inboundSpi, inboundKey.slice());
    this.#outbound.set(outboundSpi, outboundKey.slice());
  }

  use(outboundSpi: number): void {
    this.#sendBy = outboundSpi;
  }

  remove(inboundSpi: number): void {
    this.#inbound.delete(inboundSpi);
  }

  seal(payload: Payload, body: Uint8Array): Uint8Array[] {
    const key = this.#sendBy === undefined ? undefined : this.#outbound.get(this.#sendBy);
    if (this.#sendBy === undefined || key === undefined) return [];
    const head = new Uint8Array(headBytes);
    const view = new DataView(head.buffer);
    view.setUint32(0, this.#sendBy);
    view.setUint32(4, ++this.#sequence);
    head[8] = payloads.indexOf(payload);
    const content = concat(head, body);
    return [frame('sealed', concat(content, tag(key, content)))];
  }

  /** `undefined`: no such SA, not authentic, or here before. */
  open(sealed: Uint8Array): { readonly spi: number; readonly payload: Payload; readonly body: Uint8Array } | undefined {
    if (sealed.length < headBytes + tagBytes) return undefined;
    const view = new DataView(sealed.buffer, sealed.byteOffset);
    const [spi, sequence] = [view.getUint32(0), view.getUint32(4)];
    const key = this.#inbound.get(spi);
    const content = sealed.subarray(0, -tagBytes);
    const payload = payloads[sealed[8] ?? 255];
    if (key === undefined || payload === undefined) return undefined;
    if (!sameBytes(tag(key, content), sealed.subarray(-tagBytes))) return undefined;
    const seen = this.#seen.get(spi) ?? new Set();
    if (seen.has(sequence)) return undefined;
    this.#seen.set(spi, seen.add(sequence));
    return { spi, payload, body: content.subarray(headBytes) };
  }
}

function tag(key: Uint8Array, content: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(content).digest().subarray(0, tagBytes);
}
