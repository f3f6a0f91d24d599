import { latin1, fromLatin1 } from './bytes.ts';
import type { Codec, Reader } from './codec.ts';
import { WireError } from './error.ts';

/** RFC 1035 §3.1, §2.3.4 */
const longestLabelBytes = 63;
const longestNameBytes = 255;
const pointerFlag = 0xc0;
const mostNames = 64;

/**
 * A list of domain names (RFC 3397 for DHCP, RFC 8415 §10, RFC 8106 §5.2), such as `office.example`. Each is read wherever its
 * labels are: a pointer leads backwards within the list (RFC 1035 §4.1.4). Written without pointers. Empty names are padding.
 */
export const domainNames: Codec<readonly string[]> = {
  read: (reader) => {
    const { bytes } = reader;
    const names: string[] = [];
    while (reader.remaining > 0) {
      const name = readName(bytes, reader.offset, reader);
      reader.take(name.next - reader.offset, 'domain name');
      if (name.text === '') continue;
      if (names.length === mostNames) reader.fail('too many names');
      names.push(name.text);
    }
    return names;
  },
  write: (writer, names) => {
    for (const name of names) {
      const labels = name.split('.').map(latin1);
      const total = labels.reduce((sum, label) => sum + 1 + label.length, 1);
      if (total > longestNameBytes || labels.some(({ length }) => length === 0 || length > longestLabelBytes)) {
        throw new WireError('wire.value', writer.length, 'a domain name that DNS cannot hold');
      }
      for (const label of labels) writer.u8(label.length).raw(label);
      writer.u8(0);
    }
  },
};

/** @returns the name, and where what follows it in the list begins */
function readName(bytes: Uint8Array, start: number, reader: Reader): { readonly text: string; readonly next: number } {
  const labels: string[] = [];
  let next: number | undefined;
  let nameBytes = 1;
  /** Pointers lead before all that was read of the name, so that they come to an end. */
  let limit = start;
  for (let at = start; ;) {
    const length = bytes[at] ?? reader.fail('a domain name without an end');
    if (length === 0) return { text: labels.join('.'), next: next ?? at + 1 };
    if (length >= pointerFlag) {
      const low = bytes[at + 1] ?? reader.fail('half a pointer');
      const target = ((length & ~pointerFlag) << 8) | low;
      if (target >= limit) reader.fail('a pointer that does not lead backwards');
      next ??= at + 2;
      [at, limit] = [target, target];
      continue;
    }
    nameBytes += 1 + length;
    const label = bytes.subarray(at + 1, at + 1 + length);
    if (length > longestLabelBytes || label.length < length || nameBytes > longestNameBytes)
      reader.fail('a domain name');
    labels.push(fromLatin1(label));
    at += 1 + length;
  }
}
