import type { CertificateEntry } from '../../../main/contracts/app-state/certificates.ts';
import { daysLeft, standingOf } from '../../../main/contracts/certificate-expiry.ts';
import { strings } from '../../strings/index.ts';

const text = strings.certificates.standing;

/** In words; empty where nothing is to be said. */
export function standingText({ certificate }: CertificateEntry, nowMs: number): string {
  if (certificate === undefined) return '';
  const standing = standingOf(certificate, nowMs);
  return standing === 'ending' ? text.ending(daysLeft(certificate.notAfter, nowMs)) : text[standing];
}
