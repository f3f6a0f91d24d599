import { fromUtf8 } from '../../wire/bytes.ts';
import type { Packet } from '../../ppp/packet.ts';
import { printable } from '../../wire/text.ts';

/**
 * EAP's messages (RFC 3748 §4). Their header is that of PPP's own packets, so that they are `Packet`s here; requests and responses
 * begin their data with a type (§5).
 */

export const eapCodes = { request: 1, response: 2, success: 3, failure: 4 } as const;

/** RFC 3748 §5, RFC 5216 §3, draft-kamath-pppext-eap-mschapv2 §2. */
export const eapTypes = { identity: 1, notification: 2, nak: 3, md5: 4, gtc: 6, tls: 13, mschapv2: 26 } as const;

/** The methods that both roles speak, by the names that people give them. */
export const eapMethodTypes = {
  'eap-tls': eapTypes.tls,
  'eap-mschapv2': eapTypes.mschapv2,
  'eap-gtc': eapTypes.gtc,
  'eap-md5': eapTypes.md5,
} as const;

export type EapMethod = keyof typeof eapMethodTypes;

export function eapMethodOfType(type: number): EapMethod | undefined {
  return (Object.keys(eapMethodTypes) as EapMethod[]).find((method) => eapMethodTypes[method] === type);
}

/** For people: also of methods that we do not speak (IANA "EAP Method Types"). */
export function eapTypeName(type: number): string {
  const others: Readonly<Record<number, string>> = { 21: 'eap-ttls', 25: 'eap-peap', 43: 'eap-fast', 52: 'eap-pwd' };
  return eapMethodOfType(type) ?? others[type] ?? `eap type ${type}`;
}

export interface Typed {
  readonly type: number;
  readonly data: Uint8Array;
}

/** What a request or a response says; `undefined`: it has no type, and is none. */
export function typed({ data }: Packet): Typed | undefined {
  const [type] = data;
  return type === undefined ? undefined : { type, data: data.subarray(1) };
}

export function message(code: number, identifier: number, type: number, data: Uint8Array): Packet {
  const whole = new Uint8Array(1 + data.length);
  whole[0] = type;
  whole.set(data, 1);
  return { code, identifier, data: whole };
}

/** A text to be shown, which ends where a zero stands (§5.1: what follows are options). */
export function shownText(data: Uint8Array): string {
  const end = data.indexOf(0);
  return printable(fromUtf8(end < 0 ? data : data.subarray(0, end)));
}
