import * as asn1js from 'asn1js';
import { MalformedError, readingForeign } from './malformed.ts';
import { printable } from './printable.ts';

/** One attribute: its object identifier, and its text, or where it is none its DER in hexadecimal. */
interface Attribute {
  readonly type: string;
  readonly form: 'text' | 'der';
  readonly value: string;
}

/** A distinguished name (RFC 5280 §4.1.2.4) in the order of the certificate; attributes of one part belong together. */
export type DistinguishedName = readonly (readonly Attribute[])[];

/** RFC 4519 §2, RFC 2985, and as openssl and strongSwan write them. The first name of a type is the one that is shown. */
const attributeNames = {
  '2.5.4.3': ['CN'],
  '2.5.4.6': ['C'],
  '2.5.4.7': ['L'],
  '2.5.4.8': ['ST', 'S'],
  '2.5.4.9': ['STREET'],
  '2.5.4.10': ['O'],
  '2.5.4.11': ['OU'],
  '2.5.4.4': ['SURNAME', 'SN'],
  '2.5.4.42': ['GIVENNAME', 'GN', 'G'],
  '2.5.4.5': ['SERIALNUMBER'],
  '2.5.4.12': ['TITLE', 'T'],
  '0.9.2342.19200300.100.1.25': ['DC'],
  '0.9.2342.19200300.100.1.1': ['UID'],
  '1.2.840.113549.1.9.1': ['E', 'EMAIL', 'EMAILADDRESS'],
} as const;

const shownNames = new Map<string, string>(Object.entries(attributeNames).map(([type, [name]]) => [type, name]));
const typesByName = new Map<string, string>(
  Object.entries(attributeNames).flatMap(([type, names]) => names.map((name) => [name, type] as const)),
);

const mostAttributes = 64;

/** @throws MalformedError */
export function readDistinguishedName(der: Uint8Array): DistinguishedName {
  return readingForeign('a distinguished name', () => {
    const { offset, result } = asn1js.fromBER(der);
    if (offset !== der.length || !(result instanceof asn1js.Sequence)) throw new MalformedError('it is not a name');
    const name = result.valueBlock.value.map((part) => {
      if (!(part instanceof asn1js.Set)) throw new MalformedError('a part of a name is not a set');
      return part.valueBlock.value.map(readAttribute);
    });
    if (name.flat().length > mostAttributes) throw new MalformedError(`a name has more than ${mostAttributes} parts`);
    return name;
  });
}

function readAttribute(attribute: asn1js.AsnType): Attribute {
  const [type, value] = attribute instanceof asn1js.Sequence ? attribute.valueBlock.value : [];
  if (!(type instanceof asn1js.ObjectIdentifier) || value === undefined) {
    throw new MalformedError('a part of a name has no type and value');
  }
  const text = value instanceof asn1js.BaseStringBlock ? value.getValue() : undefined;
  return {
    type: type.valueBlock.toString(),
    ...(text === undefined
      ? { form: 'der', value: Buffer.from(value.toBER()).toString('hex') }
      : { form: 'text', value: text }),
  };
}

/** As openssl and strongSwan write it: `C=CH, O=Example, CN=alice`. */
export function distinguishedNameText(name: DistinguishedName): string {
  const parts = name.map((part) =>
    part.map((attribute) => `${shownNames.get(attribute.type) ?? attribute.type}=${escaped(attribute)}`).join('+'),
  );
  return printable(parts.join(', '));
}

/** RFC 4514 §2.4. */
function escaped({ form, value }: Attribute): string {
  return form === 'der' ? `#${value}` : value.replaceAll(/^#|[,+"\\<>;]/g, '\\$&');
}

/** The text of the first attribute of a type, such as the common name. */
export function attributeOf(name: DistinguishedName, shownName: string): string | undefined {
  return name.flat().find(({ type }) => shownNames.get(type) === shownName)?.value;
}

/** Equal where, and only where, two names are the same by RFC 5280 §7.1: case and repeated spaces do not count, the kind of string neither. */
export function nameKey(name: DistinguishedName): string {
  return JSON.stringify(
    name.map((part) => part.map(({ type, form, value }) => [type, form, folded(value)].join(' ')).sort()),
  );
}

export function sameName(a: DistinguishedName, b: DistinguishedName): boolean {
  return nameKey(a) === nameKey(b);
}

/** RFC 4518 for what names are made of: compatibility forms, case, spaces. */
function folded(value: string): string {
  return value.normalize('NFKC').toLowerCase().trim().replaceAll(/\s+/g, ' ');
}

/** Whether a name begins with another one: is in its subtree (RFC 5280 §4.2.1.10). */
export function isBelow(name: DistinguishedName, base: DistinguishedName): boolean {
  return name.length >= base.length && sameName(name.slice(0, base.length), base);
}

/**
 * Reads `C=CH, O=Example, CN=alice`, or `/C=CH/O=Example/CN=alice`, with the escapes of RFC 4514 §2.4.
 *
 * @returns `undefined` where the text is no such name
 */
export function parseDistinguishedName(text: string): DistinguishedName | undefined {
  const separators = text.startsWith('/') ? '/' : ',;';
  const parts = splitUnescaped(text.startsWith('/') ? text.slice(1) : text, separators);
  const name = parts.map((part) => splitUnescaped(part, '+').map(parseAttribute));
  const isWhole = name.every((part): part is Attribute[] => part.every((attribute) => attribute !== undefined));
  return isWhole && name.flat().length <= mostAttributes ? name : undefined;
}

function parseAttribute(text: string): Attribute | undefined {
  const [, name = '', written = ''] = /^\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=([\s\S]*)$/.exec(text) ?? [];
  const type = /^\d/.test(name) ? name : typesByName.get(name.toUpperCase());
  if (type === undefined) return undefined;
  const [, der] = /^\s*#((?:[0-9a-f]{2})+)\s*$/i.exec(written) ?? [];
  if (der !== undefined) return { type, form: 'der', value: der.toLowerCase() };
  const value = unescape(written);
  return value === '' ? undefined : { type, form: 'text', value };
}

function splitUnescaped(text: string, separators: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') isQuoted = !isQuoted;
    if (!isQuoted && separators.includes(char)) {
      parts.push(part);
      part = '';
    } else part += char === '\\' ? char + text.charAt(++at) : char;
  }
  return [...parts, part];
}

function unescape(written: string): string {
  const trimmed = written.trim();
  const text = /^"(.*)"$/s.exec(trimmed)?.[1] ?? trimmed;
  const bytes: Uint8Array[] = [];
  for (const [, hex, literal, plain] of text.matchAll(/\\([0-9a-f]{2})|\\(.)|([^\\]+)/gis)) {
    bytes.push(hex === undefined ? Buffer.from(literal ?? plain ?? '') : Buffer.from(hex, 'hex'));
  }
  return Buffer.concat(bytes).toString('utf8');
}
