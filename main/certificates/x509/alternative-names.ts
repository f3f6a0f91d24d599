import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { addressText } from './address.ts';
import { readDistinguishedName, distinguishedNameText, type DistinguishedName } from './distinguished-name.ts';
import { MalformedError } from './malformed.ts';
import { printable } from './printable.ts';

/** The names of a certificate beside its subject (RFC 5280 §4.2.1.6), verbatim. Addresses are 4 or 16 bytes. */
export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  readonly mailAddresses: readonly string[];
  readonly addresses: readonly Uint8Array[];
  readonly directoryNames: readonly DistinguishedName[];
  /** Numbers of the forms of names that are there besides: nothing is compared with them. */
  readonly otherForms: readonly number[];
  /** All that people can read. */
  readonly texts: readonly string[];
}

/** GeneralName's choices (RFC 5280 §4.2.1.6). */
export const nameForms = { mailAddress: 1, dnsName: 2, directoryName: 4, uri: 6, address: 7 } as const;

const mostNames = 100;

/** @throws MalformedError */
export function alternativeNames(names: readonly pkijs.GeneralName[]): AlternativeNames {
  if (names.length > mostNames) throw new MalformedError(`it has more than ${mostNames} names`);
  const read = names.map(readName);
  const texts = read.flatMap(({ text }) => (text === undefined ? [] : [printable(text)]));
  return {
    dnsNames: read.flatMap(({ dnsName }) => dnsName ?? []),
    mailAddresses: read.flatMap(({ mailAddress }) => mailAddress ?? []),
    addresses: read.flatMap(({ address }) => (address === undefined ? [] : [address])),
    directoryNames: read.flatMap(({ directoryName }) => (directoryName === undefined ? [] : [directoryName])),
    otherForms: read.flatMap(({ otherForm }) => otherForm ?? []),
    texts,
  };
}

interface ReadName {
  readonly dnsName?: string;
  readonly mailAddress?: string;
  readonly address?: Uint8Array;
  readonly directoryName?: DistinguishedName;
  readonly otherForm?: number;
  readonly text?: string;
}

function readName(name: pkijs.GeneralName): ReadName {
  const value: unknown = name.value;
  switch (name.type) {
    case nameForms.dnsName:
      return { dnsName: asciiOf(value), text: asciiOf(value) };
    case nameForms.mailAddress:
      return { mailAddress: asciiOf(value), text: asciiOf(value) };
    case nameForms.address: {
      const address = addressOf(value);
      return { address, text: addressText(address) };
    }
    case nameForms.directoryName: {
      const directoryName = directoryNameOf(value);
      return { directoryName, text: distinguishedNameText(directoryName) };
    }
    default:
      return { otherForm: name.type };
  }
}

/** IA5String. A NUL or anything else that a name cannot hold would let two readers see two names. */
export function asciiOf(value: unknown): string {
  if (typeof value !== 'string' || !/^[\x21-\x7e]*$/.test(value))
    throw new MalformedError('a name has other characters');
  return value;
}

function addressOf(value: unknown): Uint8Array {
  const bytes = octetsOf(value);
  if (bytes.length !== 4 && bytes.length !== 16) throw new MalformedError('an address is of no known length');
  return bytes;
}

export function octetsOf(value: unknown): Uint8Array {
  if (!(value instanceof asn1js.OctetString)) throw new MalformedError('an address is not a string of octets');
  return Uint8Array.from(value.valueBlock.valueHexView);
}

export function directoryNameOf(value: unknown): DistinguishedName {
  if (!(value instanceof pkijs.RelativeDistinguishedNames)) throw new MalformedError('a name is not a directory name');
  return readDistinguishedName(new Uint8Array(value.valueBeforeDecode));
}
