/** BER as LDAP uses it (RFC 4511 §5.1): lengths are definite, and no tag needs a second byte. */

export interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

const sequence = 0x30;
const manyByteTag = 0x1f;
const longLength = 0x80;
const mostLengthBytes = 4;

/**
 * Where the element at the beginning of `bytes` has its content: `undefined` while there are too few bytes to say,
 * `malformed` where no element of LDAP begins so.
 */
function headerOf(bytes: Uint8Array): { readonly from: number; readonly to: number } | 'malformed' | undefined {
  const [tag, first] = bytes;
  if (tag !== undefined && (tag & manyByteTag) === manyByteTag) return 'malformed';
  if (tag === undefined || first === undefined) return undefined;
  if (first < longLength) return { from: 2, to: 2 + first };
  const lengthBytes = first - longLength;
  if (lengthBytes === 0 || lengthBytes > mostLengthBytes) return 'malformed';
  const from = 2 + lengthBytes;
  if (bytes.length < from) return undefined;
  const length = bytes.subarray(2, from).reduce((sum, byte) => sum * 256 + byte, 0);
  return { from, to: from + length };
}

/** The bytes of the message that `bytes` begin with, which may be more than there are yet. */
export function messageLength(bytes: Uint8Array): number | 'malformed' | undefined {
  if (bytes.length > 0 && bytes[0] !== sequence) return 'malformed';
  const header = headerOf(bytes);
  return typeof header === 'object' ? header.to : header;
}

/** The elements that `content` is made of; `undefined` where it is not made of whole elements. */
export function elementsOf(content: Uint8Array): readonly Element[] | undefined {
  const elements: Element[] = [];
  for (let rest = content; rest.length > 0;) {
    const header = headerOf(rest);
    if (typeof header !== 'object' || header.to > rest.length) return undefined;
    elements.push({ tag: rest[0] ?? 0, content: rest.subarray(header.from, header.to) });
    rest = rest.subarray(header.to);
  }
  return elements;
}
