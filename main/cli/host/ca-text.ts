import type { CertificateSummary } from '../../contracts/certificates.ts';
import type { IssuedCertificate } from '../../contracts/host-ca.ts';
import { countText, momentText, printable, table } from './format.ts';

const dayMs = 86_400_000;

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

function stateOf({ revokedAt, notAfter }: IssuedCertificate, warnDays: number, nowMs: number): string {
  if (revokedAt !== undefined) return `revoked on ${momentText(revokedAt)}`;
  const leftMs = Date.parse(notAfter) - nowMs;
  if (leftMs <= 0) return 'over';
  return leftMs < warnDays * dayMs ? `ends in ${countText(Math.floor(leftMs / dayMs), 'day')}` : 'good';
}
