import type { CertificateSummary } from '../contracts/certificates.ts';
import { readCertificate, summaryOf } from './x509/certificate.ts';

/** What stands in a certificate of one's own. @throws MalformedError */
export function certificateFacts(der: Uint8Array): CertificateSummary {
  return summaryOf(readCertificate(der));
}
