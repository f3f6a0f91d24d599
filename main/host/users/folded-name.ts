/**
 * A name as directories compare it, at its most generous: without regard to case, spaces, accents, width and what is invisible
 * (RFC 4518; Active Directory). For who counts, and for what is said of users whom others judge: `Alice`, `ALICE ` and `ａlice`
 * are one entry there, so they must not be three users here. Names of the local store are compared verbatim, never by this.
 */
export function foldedName(user: string): string {
  return user
    .normalize('NFKD')
    .replaceAll(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .trim();
}
