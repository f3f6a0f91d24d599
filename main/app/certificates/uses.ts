import { certificateMeant } from '../../certificates/index.ts';
import type { CertificateEntry } from '../../contracts/app-state/certificates.ts';
import type { StoredCertificate } from '../../contracts/certificates.ts';
import type { Profile } from '../../contracts/profile.ts';

/** Says of each certificate which profiles go by it now, and of each authority which ones believe it. Pure. */
export function withUses(
  certificates: readonly StoredCertificate[],
  profiles: readonly Pick<Profile, 'name' | 'title' | 'ipsec'>[],
  nowMs: number,
): CertificateEntry[] {
  const uses = profiles.flatMap(({ name, title = name, ipsec: { certificate, trust } }) => {
    if (certificate === undefined || !('stored' in certificate)) return [];
    const id = certificateMeant(certificates, certificate.stored, nowMs)?.id;
    return [{ title, id, believesAll: trust.authorities.length === 0 }];
  });
  return certificates.map((each) => ({
    ...each,
    usedBy: uses
      .filter(({ id, believesAll }) => (each.kind === 'authority' ? believesAll : id === each.id))
      .map(({ title }) => title),
  }));
}
