/** Small exact pieces for bytes: what ES2023 without Node or DOM types does not have. */

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Equality of public values. Secrets and authenticators are compared by `CryptoPort.equal`. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += hexOfByte[byte] ?? '';
  return hex;
}

/** @throws RangeError when `hex` is not an even number of hexadecimal digits. */
export function fromHex(hex: string): Uint8Array {
  const digits = hex.replaceAll(/[\s:]/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new RangeError('not hexadecimal');
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function utf8(text: string): Uint8Array {
  const encoded = unescapePercent(encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\ufffd')));
  return Uint8Array.from(encoded, (char) => char.charCodeAt(0));
}

/** Reads UTF-8; where the bytes are not UTF-8 (old gateways send Latin-1), reads each byte as one character. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decodeURIComponent(Array.from(bytes, (byte) => '%' + byte.toString(16).padStart(2, '0')).join(''));
  } catch {
    return fromLatin1(bytes);
  }
}

/** One byte a character; for text that must survive a round trip through a string (ASCII protocols). */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);
}

export function fromLatin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

/** UTF-16 little-endian, as Windows hashes passwords (RFC 2759 §8.3). */
export function utf16le(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    bytes[2 * i] = text.charCodeAt(i) & 0xff;
    bytes[2 * i + 1] = text.charCodeAt(i) >> 8;
  }
  return bytes;
}

function unescapePercent(text: string): string {
  return text.replaceAll(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
