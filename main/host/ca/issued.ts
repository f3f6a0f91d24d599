import type { IssuedCertificate } from '../../contracts/host-ca.ts';
import { dayMs } from '../../contracts/time.ts';

/** For so long after its end a certificate is listed, and on the revocation list. */
const rememberedMs = 90 * dayMs;

/** Neither over nor revoked. */
export function isCurrent({ notAfter, revokedAt }: IssuedCertificate, nowMs: number): boolean {
  return revokedAt === undefined && Date.parse(notAfter) > nowMs;
}

/** When the certificate of each user ends that ends last, revoked ones apart. */
export function certificateEnds(issued: readonly IssuedCertificate[]): ReadonlyMap<string, string> {
  const ends = new Map<string, string>();
  for (const { user, notAfter, revokedAt } of issued) {
    if (user === undefined || revokedAt !== undefined) continue;
    const before = ends.get(user);
    if (before === undefined || Date.parse(before) < Date.parse(notAfter)) ends.set(user, notAfter);
  }
  return ends;
}

export function withoutForgotten<Entry extends IssuedCertificate>(
  issued: readonly Entry[],
  nowMs: number,
): readonly Entry[] {
  return issued.filter(({ notAfter }) => Date.parse(notAfter) + rememberedMs > nowMs);
}

/** What ends within the window and has no successor: nobody needs to be told of a certificate that was replaced. */
export function endingIssued(
  issued: readonly IssuedCertificate[],
  nowMs: number,
  warnDays: number,
): readonly IssuedCertificate[] {
  const current = issued.filter((one) => isCurrent(one, nowMs));
  const isReplaced = (one: IssuedCertificate): boolean =>
    current.some(
      (other) =>
        other.notAfter > one.notAfter &&
        other.use === one.use &&
        other.user === one.user &&
        other.device === one.device,
    );
  return current.filter((one) => Date.parse(one.notAfter) - nowMs < warnDays * dayMs && !isReplaced(one));
}
