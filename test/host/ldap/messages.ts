/** Builds what a server sends (RFC 4511 Appendix B), apart from the code that reads it. */

type Part = Uint8Array | string | number;

const bytesOf = (part: Part): Uint8Array =>
  typeof part === 'number' ? Uint8Array.of(part) : typeof part === 'string' ? Buffer.from(part, 'utf8') : part;

export function element(tag: number, ...parts: readonly Part[]): Uint8Array {
  const content = Buffer.concat(parts.map(bytesOf));
  const length =
    content.length < 128 ? [content.length] : [0x84, ...[24, 16, 8, 0].map((bits) => (content.length >>> bits) & 0xff)];
  return Buffer.concat([Uint8Array.of(tag, ...length), content]);
}

const octets = (text: string): Uint8Array => element(0x04, text);
const result = (code: number, text = ''): Uint8Array[] => [element(0x0a, code), octets(''), octets(text)];

export const message = (id: number, operation: Uint8Array, ...more: readonly Uint8Array[]): Uint8Array =>
  element(0x30, element(0x02, id), operation, ...more);

export const bound = (id: number, code = 0, text = ''): Uint8Array => message(id, element(0x61, ...result(code, text)));

export const done = (id: number, code = 0, text = ''): Uint8Array => message(id, element(0x65, ...result(code, text)));

export const extended = (id: number, code = 0): Uint8Array => message(id, element(0x78, ...result(code)));

export const reference = (id: number, url: string): Uint8Array => message(id, element(0x73, octets(url)));

export function entry(
  id: number,
  dn: string,
  attributes: Readonly<Record<string, readonly string[]>> = {},
): Uint8Array {
  const list = Object.entries(attributes).map(([name, values]) =>
    element(0x30, octets(name), element(0x31, ...values.map(octets))),
  );
  return message(id, element(0x64, octets(dn), element(0x30, ...list)));
}

/** The control of the password policy, with its error. */
export const policyControl = (error: number): Uint8Array =>
  element(0xa0, element(0x30, octets('1.3.6.1.4.1.42.2.27.8.5.1'), element(0x04, element(0x30, element(0x81, error)))));
