import { toHex } from '../../../protocol/wire/bytes.ts';

/** A security identifier in its text form, `S-1-5-21-…-513` (MS-DTYP §2.4.2); `undefined` where the bytes are none. */
export function sidText(bytes: Uint8Array): string | undefined {
  const [revision, subAuthorities = 0] = bytes;
  if (revision !== 1 || bytes.length !== 8 + 4 * subAuthorities) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const authority = view.getUint16(2) * 2 ** 32 + view.getUint32(4);
  const parts = Array.from({ length: subAuthorities }, (_, i) => view.getUint32(8 + 4 * i, true));
  return ['S', revision, authority, ...parts].join('-');
}

/** The group that an account is in by its number alone, beside those that list it as a member (MS-ADTS §3.1.1.4.5.14). */
export function primaryGroupSid(accountSid: Uint8Array, groupNumber: string): string | undefined {
  const sid = sidText(accountSid);
  if (sid === undefined || !/^\d{1,10}$/.test(groupNumber)) return undefined;
  return `${sid.slice(0, sid.lastIndexOf('-'))}-${groupNumber}`;
}

const guidBytes = 16;

/** Where an object is found, wherever it was moved and whatever it is called (MS-ADTS §3.1.1.3.1.2.4). */
export function guidBase(guid: string): string {
  return `<GUID=${guid}>`;
}

/** The bytes of an objectGUID as text, in their order. */
export function guidText(bytes: Uint8Array): string | undefined {
  return bytes.length === guidBytes ? toHex(bytes) : undefined;
}
