import { fromUtf8 } from '../../protocol/wire/bytes.ts';

/**
 * A name of a group as it is compared: without regard to upper and lower case and, where it is a distinguished name
 * (RFC 4514), to how that is written: spaces beside its separators, escapes, the order of a part of several values.
 */
export function comparableName(name: string): string {
  const parts = splitAt(name, ',').map((part) => splitAt(part, '+').map(readPair));
  const isDistinguished = parts.every((part) => part.every((pair) => pair !== undefined));
  return isDistinguished ? `name ${JSON.stringify(parts.map((part) => part.sort()))}` : `text ${comparable(name)}`;
}

/** Splits at separators that no backslash stands before (RFC 4514 §2.4). */
function splitAt(text: string, separator: ',' | '+'): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') {
      at += 1;
    } else if (text[at] === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

const pairForm = /^\s*([a-z][a-z0-9-]*|\d+(?:\.\d+)*)\s*=([^]*)$/i;

/** `type=value` as comparable text; `undefined` where it is none. */
function readPair(text: string): string | undefined {
  const [, type, value] = pairForm.exec(text) ?? [];
  if (type === undefined || value === undefined) return undefined;
  return `${type.toLowerCase()}=${comparable(unescaped(value))}`;
}

/** Bytes as pairs of digits are UTF-8; any other escaped character is itself. */
function unescaped(value: string): string {
  return value.replaceAll(/((?:\\[0-9a-f]{2})+)|\\([^])/gi, (_, bytes?: string, character?: string) =>
    bytes === undefined ? (character ?? '') : fromUtf8(Buffer.from(bytes.replaceAll('\\', ''), 'hex')),
  );
}

/** As caseIgnoreMatch does (RFC 4518): no case, inner spaces as one. */
function comparable(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
}
