/** IP addresses between their text and their bytes in network order. */

/** @returns 4 or 16 bytes; `undefined` where `text` is not an IPv4 or IPv6 literal (without a zone). */
export function addressBytes(text: string): Uint8Array | undefined {
  return text.includes(':') ? ipv6Bytes(text) : ipv4Bytes(text);
}

/** @param bytes  4 bytes, or 16, which are written as RFC 5952 says. */
export function addressText(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : ipv6Text(bytes);
}

function ipv4Bytes(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return Uint8Array.from(parts, Number);
}

/** RFC 4291 §2.2 */
function ipv6Bytes(text: string): Uint8Array | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted && ipv4Bytes(dotted[2] ?? '');
  if (dotted && !tail) return undefined;
  const hextets = dotted && tail ? `${dotted[1] ?? ''}${hextetsOf(tail).join(':')}` : text;
  const [left = '', right, ...others] = hextets.split('::');
  if (others.length > 0) return undefined;
  const before = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  const missing = 8 - before.length - after.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...before, ...Array<string>(missing).fill('0'), ...after];
  if (!all.every((hextet) => /^[0-9a-f]{1,4}$/i.test(hextet))) return undefined;
  return Uint8Array.from(all.flatMap((hextet) => [parseInt(hextet, 16) >> 8, parseInt(hextet, 16) & 0xff]));
}

function hextetsOf(bytes: Uint8Array): string[] {
  return Array.from({ length: bytes.length / 2 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
}

/** RFC 5952 §4: the longest run of two or more zero fields, the first of equals, becomes "::". */
function ipv6Text(bytes: Uint8Array): string {
  const hextets = hextetsOf(bytes);
  let run = { start: 0, length: 1 };
  for (let start = 0; start < hextets.length; start++) {
    let length = 0;
    while (hextets[start + length] === '0') length++;
    if (length > run.length) run = { start, length };
  }
  if (run.length < 2) return hextets.join(':');
  return `${hextets.slice(0, run.start).join(':')}::${hextets.slice(run.start + run.length).join(':')}`;
}
