import type { HostCertificates } from '../../contracts/host-certificates.ts';
import type { CertificateFacts } from '../../protocol/ike/index.ts';

/** Whether the user may sign in from a client with this certificate, or with none. */
export function isBoundTo(
  certificate: CertificateFacts | undefined,
  binding: HostCertificates['userBinding'] | undefined,
  userName: string,
): boolean {
  if (certificate === undefined || binding === undefined || binding === 'none') return true;
  const { commonNames, names } = certificate;
  const allowed = binding === 'commonName' ? commonNames : [...commonNames, ...names];
  return allowed.some((name) => name.toLowerCase() === userName.toLowerCase());
}
