const mostCharacters = 60;

/** What somebody or something is called, as far as it can be the name of a file: a short one that is neither hidden nor elsewhere. */
export function fileNameOf(text: string): string {
  const plain = text.replaceAll(/[^\p{L}\p{N}.@_-]+/gu, '_').replace(/^\.+/, '_');
  return Array.from(plain).slice(0, mostCharacters).join('');
}
