const longestText = 256;

/** What stands in certificates was chosen by others: no character that moves a cursor, and no more than fits in a sentence. */
export function printable(text: string): string {
  const plain = text.replaceAll(/\p{C}/gu, '\ufffd');
  return plain.length <= longestText ? plain : `${plain.slice(0, longestText - 1)}…`;
}
