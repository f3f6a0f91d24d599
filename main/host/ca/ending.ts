import type { AuditEvent } from '../../contracts/audit.ts';
import type { CertificateSummary } from '../../contracts/certificates.ts';
import type { IssuedCertificate } from '../../contracts/host-ca.ts';
import { dayMs } from '../../contracts/time.ts';
import type { AuthorityState } from './authority.ts';
import { endingIssued } from './issued.ts';

export type CertificateEnding = Extract<AuditEvent, { kind: 'certificateExpiring' }>;

/** All that it issued ends with the authority, so its own end is said a year before. */
const authorityDays = 365;

/** What is about to end of an authority: itself, and what it issued. */
export function endingCertificates(
  { authority, issued }: AuthorityState,
  nowMs: number,
  warnDays: number,
): readonly CertificateEnding[] {
  const { serial, notAfter: expiresAt } = authority;
  const isEnding = Date.parse(expiresAt) - nowMs < Math.max(authorityDays, warnDays) * dayMs;
  const own: CertificateEnding = { kind: 'certificateExpiring', use: 'authority', serial, expiresAt };
  return [...(isEnding ? [own] : []), ...endingIssued(issued, nowMs, warnDays).map(endingOf)];
}

/** Of the host's own certificates, those that somebody else issued, and has to renew. */
export function endingOwn(
  own: readonly CertificateSummary[],
  issued: readonly IssuedCertificate[],
  nowMs: number,
  warnDays: number,
): readonly CertificateEnding[] {
  const isIssuedHere = new Set(issued.map(({ serial }) => serial));
  return own
    .filter(({ serial, notAfter }) => !isIssuedHere.has(serial) && Date.parse(notAfter) - nowMs < warnDays * dayMs)
    .map(({ serial, notAfter }) => ({ kind: 'certificateExpiring', use: 'server', serial, expiresAt: notAfter }));
}

function endingOf({ use, serial, user, notAfter }: IssuedCertificate): CertificateEnding {
  return { kind: 'certificateExpiring', use, serial, expiresAt: notAfter, ...(user !== undefined && { user }) };
}
