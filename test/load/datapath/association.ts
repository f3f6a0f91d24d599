import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { DatapathRequest } from '../../../main/contracts/helper.ts';
import { espCiphers, espIntegrities } from '../../../main/protocol/ipsec/index.ts';

/** ESP in transport mode (RFC 4303), one packet at a time, as plainly as it can be written: for tests alone. */

type Parameters = Extract<DatapathRequest, { kind: 'installSa' }>['inbound'];

/** SPI and sequence number: what is authenticated but not encrypted. */
const headerBytes = 8;
const udpProtocol = 17;

interface Keys {
  readonly cipherKey: Uint8Array;
  readonly salt: Uint8Array;
  readonly integrityKey: Uint8Array;
}

function split({ cipher, cipherKeyBytes, integrityKeyBytes }: Parameters, keys: Uint8Array): Keys {
  const keyBytes = cipherKeyBytes - espCiphers[cipher].saltBytes;
  return {
    cipherKey: keys.slice(0, keyBytes),
    salt: keys.slice(keyBytes, cipherKeyBytes),
    integrityKey: keys.slice(cipherKeyBytes, cipherKeyBytes + integrityKeyBytes),
  };
}

function cipherName({ cipher }: Parameters, { cipherKey }: Keys): string {
  const bits = cipherKey.length * 8;
  return { 'aes-gcm-16': `aes-${bits}-gcm`, 'aes-cbc': `aes-${bits}-cbc`, '3des-cbc': 'des-ede3-cbc' }[cipher];
}

function checkValue({ integrity }: Parameters, { integrityKey }: Keys, packet: Uint8Array): Uint8Array {
  const hash = integrity.split('-')[1] ?? '';
  return createHmac(hash, integrityKey).update(packet).digest().subarray(0, espIntegrities[integrity].tagBytes);
}

/** The sending direction of an SA. */
export class Sealer {
  readonly #parameters: Parameters;
  readonly #keys: Keys;
  #sequence = 0;

  constructor(parameters: Parameters, keys: Uint8Array) {
    this.#parameters = parameters;
    this.#keys = split(parameters, keys);
  }

  /** @param segment  the inner UDP datagram */
  seal(segment: Uint8Array): Uint8Array {
    const { spi, cipher, integrity } = this.#parameters;
    const { alignBytes, ivBytes } = espCiphers[cipher];
    const paddingBytes = (alignBytes - ((segment.length + 2) % alignBytes)) % alignBytes;
    const padding = Uint8Array.from({ length: paddingBytes }, (_, i) => i + 1); // RFC 4303 §2.4
    const plain = Buffer.concat([segment, padding, Uint8Array.of(paddingBytes, udpProtocol)]);
    const header = Buffer.alloc(headerBytes);
    header.writeUInt32BE(spi, 0);
    header.writeUInt32BE(++this.#sequence, 4);
    const name = cipherName(this.#parameters, this.#keys);
    const { cipherKey, salt } = this.#keys;
    if (integrity === 'none') {
      const iv = Buffer.concat([Buffer.alloc(ivBytes - 4), header.subarray(4)]);
      const sealing = createCipheriv(name as CipherGCMTypes, cipherKey, Buffer.concat([salt, iv])).setAAD(header);
      return Buffer.concat([header, iv, sealing.update(plain), sealing.final(), sealing.getAuthTag()]);
    }
    const iv = randomBytes(ivBytes);
    const packet = Buffer.concat([header, iv, createCipheriv(name, cipherKey, iv).setAutoPadding(false).update(plain)]);
    return Buffer.concat([packet, checkValue(this.#parameters, this.#keys, packet)]);
  }
}

/** The receiving direction of an SA. What comes again is opened again: the window of RFC 4303 §3.4.3 is left out. */
export class Opener {
  readonly #parameters: Parameters;
  readonly #keys: Keys;

  constructor(parameters: Parameters, keys: Uint8Array) {
    this.#parameters = parameters;
    this.#keys = split(parameters, keys);
  }

  /** @returns the inner UDP datagram; `undefined` where the packet is not authentic, or is none. */
  open(packet: Uint8Array): Uint8Array | undefined {
    const { cipher, integrity } = this.#parameters;
    const { ivBytes, alignBytes, tagBytes } = espCiphers[cipher];
    const checkBytes = tagBytes + espIntegrities[integrity].tagBytes;
    const sealedBytes = packet.length - headerBytes - ivBytes - checkBytes;
    if (sealedBytes < alignBytes || sealedBytes % alignBytes !== 0) return undefined;
    const end = packet.length - checkBytes;
    const [authenticated, check] = [packet.subarray(0, end), packet.subarray(end)];
    const plain = integrity === 'none' ? this.#openAead(authenticated, check) : this.#openCbc(authenticated, check);
    if (plain === undefined) return undefined;
    const [paddingBytes = 0, nextHeader] = plain.subarray(-2);
    return nextHeader === udpProtocol ? plain.subarray(0, plain.length - 2 - paddingBytes) : undefined;
  }

  #openAead(packet: Uint8Array, tag: Uint8Array): Uint8Array | undefined {
    const [header, iv, sealed] = this.#parts(packet);
    const { cipherKey, salt } = this.#keys;
    const name = cipherName(this.#parameters, this.#keys) as CipherGCMTypes;
    const opening = createDecipheriv(name, cipherKey, Buffer.concat([salt, iv]));
    opening.setAAD(header).setAuthTag(tag);
    try {
      return Buffer.concat([opening.update(sealed), opening.final()]);
    } catch {
      return undefined;
    }
  }

  #openCbc(packet: Uint8Array, check: Uint8Array): Uint8Array | undefined {
    if (!timingSafeEqual(checkValue(this.#parameters, this.#keys, packet), check)) return undefined;
    const [, iv, sealed] = this.#parts(packet);
    const name = cipherName(this.#parameters, this.#keys);
    return createDecipheriv(name, this.#keys.cipherKey, iv).setAutoPadding(false).update(sealed);
  }

  #parts(packet: Uint8Array): readonly [header: Uint8Array, iv: Uint8Array, sealed: Uint8Array] {
    const sealedAt = headerBytes + espCiphers[this.#parameters.cipher].ivBytes;
    return [packet.subarray(0, headerBytes), packet.subarray(headerBytes, sealedAt), packet.subarray(sealedAt)];
  }
}
