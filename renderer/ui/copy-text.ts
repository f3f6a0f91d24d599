/**
 * Puts text on the clipboard. By the older way: the newer one asks for a permission, and the window is given none.
 *
 * @returns whether it is there
 */
export function copyText(text: string): boolean {
  const put = (event: ClipboardEvent): void => {
    event.preventDefault();
    event.clipboardData?.setData('text/plain', text);
  };
  document.addEventListener('copy', put, { once: true });
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
    return document.execCommand('copy');
  } finally {
    document.removeEventListener('copy', put);
  }
}
