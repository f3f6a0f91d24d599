import { daysLeft, standingOf, type Standing } from '../../contracts/certificate-expiry.ts';
import type { CertificateSummary } from '../../contracts/certificates.ts';
import type { IssuedCertificate } from '../../contracts/host-ca.ts';
import { countText, momentText, printable, table } from '../../host/words/format.ts';

export function describeAuthority(
  { subject, key, notAfter, fingerprint }: CertificateSummary,
  files: { readonly authority: string; readonly list: string },
): string {
  return [
    `${printable(subject)} (${key}), until ${momentText(notAfter)}`,
    `  Fingerprint      ${fingerprint}`,
    `  For clients      ${files.authority}`,
    `  Revocation list  ${files.list}`,
  ].join('\n');
}

/** One certificate, as it is after it was issued. */
export function describeIssued(issued: IssuedCertificate): string {
  return `${whose(issued)}: number ${issued.serial}, until ${momentText(issued.notAfter)}`;
}

export function describeIssuedList(
  authority: CertificateSummary,
  issued: readonly IssuedCertificate[],
  warnDays: number,
  nowMs: number,
): string {
  const rows = issued.map((one) => [one.serial, whose(one), momentText(one.notAfter), stateOf(one, warnDays, nowMs)]);
  const own = [authority.serial, authority.subject, momentText(authority.notAfter), 'the authority'];
  return table(['NUMBER', 'OF', 'UNTIL', 'STATE'], [own, ...rows]);
}

function whose({ use, user, device, names }: IssuedCertificate): string {
  if (use === 'server') return `the host (${names.join(', ')})`;
  return printable(device === undefined ? (user ?? '') : `${user ?? ''} (${device})`);
}

function stateOf(issued: IssuedCertificate, warnDays: number, nowMs: number): string {
  if (issued.revokedAt !== undefined) return `revoked on ${momentText(issued.revokedAt)}`;
  return standingText(standingOf(issued, nowMs, warnDays), issued.notAfter, nowMs);
}

export function standingText(standing: Standing, notAfter: string, nowMs: number): string {
  if (standing === 'early') return 'not valid yet';
  return standing === 'good' ? standing : expiresText(notAfter, nowMs);
}

export function expiresText(notAfter: string, nowMs: number): string {
  return Date.parse(notAfter) <= nowMs ? 'expired' : `expires in ${countText(daysLeft(notAfter, nowMs), 'day')}`;
}
