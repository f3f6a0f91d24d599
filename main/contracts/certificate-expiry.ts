import { dayMs } from './time.ts';

/** How long a certificate still holds, for lists and warnings. Without schemas, since the window's first page needs it. */

/** Where nobody says otherwise: how long before its end a certificate is warned about. */
export const warnDays = 30;

interface Times {
  readonly notBefore: string;
  readonly notAfter: string;
}

/** `early`: it does not hold yet. `ending`: for fewer days than are warned about. */
export type Standing = 'early' | 'good' | 'ending' | 'over';

export function standingOf({ notBefore, notAfter }: Times, nowMs: number, endingDays = warnDays): Standing {
  if (Date.parse(notAfter) <= nowMs) return 'over';
  if (Date.parse(notBefore) > nowMs) return 'early';
  return daysLeft(notAfter, nowMs) < endingDays ? 'ending' : 'good';
}

/** Whole days until it ends; none where it has. */
export function daysLeft(notAfter: string, nowMs: number): number {
  return Math.max(0, Math.floor((Date.parse(notAfter) - nowMs) / dayMs));
}

interface Listed {
  readonly kind: string;
  readonly name: string;
  readonly certificate?: Times;
  readonly usedBy: readonly string[];
}

/** What needs something done: about to end, or over and still in use, unless one of the same name goes on for longer. */
export function expiring<Entry extends Listed>(entries: readonly Entry[], nowMs: number): Entry[] {
  return entries.filter((entry) => {
    const { certificate } = entry;
    if (certificate === undefined || isReplaced(entry, entries, nowMs)) return false;
    const standing = standingOf(certificate, nowMs);
    return standing === 'ending' || (standing === 'over' && entry.usedBy.length > 0);
  });
}

function isReplaced({ kind, name }: Listed, entries: readonly Listed[], nowMs: number): boolean {
  return entries.some(
    (other) =>
      other.kind === kind &&
      other.name === name &&
      other.certificate !== undefined &&
      standingOf(other.certificate, nowMs) === 'good',
  );
}
