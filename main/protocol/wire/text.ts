import { fromUtf8 } from './bytes.ts';

/** Text of the peer's, without what a terminal would obey. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, ' ').trim();
}

export function readable(bytes: Uint8Array): string {
  return printable(fromUtf8(bytes));
}
