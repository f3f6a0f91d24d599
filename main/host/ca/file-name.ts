/** What a user is called, as far as it can be a file's name. */
export function fileNameOf(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9@._-]/g, '_').replace(/^\.+/, '_');
}
