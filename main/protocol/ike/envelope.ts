import type { CryptoPort } from '../crypto.ts';
import { type IkeKeys, type Pair, decryptBody, encryptBody, firstHash, phase2Iv } from './keys.ts';
import { noCookie } from './state.ts';
import {
  type Chain,
  type ExchangeName,
  type Header,
  type NotificationName,
  type Packet,
  type Payload,
  decodeChain,
  encodeChain,
  encodeMessage,
  encodePacket,
} from './wire/index.ts';

/** Encrypted messages: RFC 2409 Appendix B for the IVs, §5.5 and §5.7 for the hashes. */

interface Sealed {
  readonly bytes: Uint8Array;
  readonly nextIv: Uint8Array;
}

interface Opened {
  readonly chain: Chain;
  readonly nextIv: Uint8Array;
}

export function headerOf(cookies: Pair, exchange: ExchangeName, messageId: number, encrypted: boolean): Header {
  return {
    initiatorCookie: cookies.initiator,
    responderCookie: cookies.responder,
    exchange,
    encrypted,
    commit: false,
    authenticationOnly: false,
    messageId,
  };
}

export function seal(
  crypto: CryptoPort,
  keys: IkeKeys,
  iv: Uint8Array,
  header: Header,
  payloads: readonly Payload[],
): Sealed {
  const { firstPayload, body } = encodeChain(payloads);
  const encrypted = encryptBody(crypto, keys, iv, body);
  return { bytes: encodePacket({ header, firstPayload, body: encrypted.body }), nextIv: encrypted.nextIv };
}

/** The same behind the HASH payload that is made from the other payloads' bytes. */
export function sealHashed(
  crypto: CryptoPort,
  keys: IkeKeys,
  iv: Uint8Array,
  header: Header,
  payloads: readonly Payload[],
  hash: (payloads: Uint8Array) => Uint8Array,
): Sealed {
  return seal(crypto, keys, iv, header, [{ kind: 'hash', data: hash(encodeChain(payloads).body) }, ...payloads]);
}

/** @throws WireError: with a wrong key, almost always. */
export function open(crypto: CryptoPort, keys: IkeKeys, iv: Uint8Array, packet: Packet): Opened {
  const { payloads, nextIv } = decryptBody(crypto, keys, iv, packet.body);
  return { chain: decodeChain(packet.firstPayload, payloads, { padded: true }), nextIv };
}

/** A refusal in the clear, where nothing is agreed on yet: smaller than what it answers. */
export function refusalOf(initiator: Uint8Array, type: NotificationName, responder: Uint8Array = noCookie): Uint8Array {
  return encodeMessage(headerOf({ initiator, responder }, 'informational', 0, false), [
    { kind: 'notification', protocol: 'isakmp', spi: new Uint8Array(), type, data: new Uint8Array() },
  ]);
}

/** Whether the first payload is the HASH that the rest of the message calls for. */
export function verifies(crypto: CryptoPort, chain: Chain, expected: Uint8Array): boolean {
  const [first] = chain.payloads;
  return first?.kind === 'hash' && crypto.equal(first.data, expected);
}

/** What an informational exchange needs of an SA, or of a main mode that has its keys (RFC 2409 §5.7). */
export interface Protection {
  readonly cookies: Pair;
  readonly keys: IkeKeys;
  readonly lastBlock: Uint8Array;
}

export function sealInformational(
  crypto: CryptoPort,
  { cookies, keys, lastBlock }: Protection,
  messageId: number,
  payload: Payload,
): Uint8Array {
  const iv = phase2Iv(crypto, keys.suite, lastBlock, messageId);
  const header = headerOf(cookies, 'informational', messageId, true);
  const hash = (payloads: Uint8Array) => firstHash(crypto, keys, messageId, payloads);
  return sealHashed(crypto, keys, iv, header, [payload], hash).bytes;
}

/** @returns undefined where the hash is wrong. @throws WireError */
export function openInformational(crypto: CryptoPort, protection: Protection, packet: Packet): Chain | undefined {
  const { messageId } = packet.header;
  const { keys, lastBlock } = protection;
  const { chain } = open(crypto, keys, phase2Iv(crypto, keys.suite, lastBlock, messageId), packet);
  return verifies(crypto, chain, firstHash(crypto, keys, messageId, chain.afterFirst)) ? chain : undefined;
}
