import { certificateMeant } from '../../certificates/index.ts';
import type { CertificateEntry } from '../../contracts/app-state/certificates.ts';
import type { StoredCertificate } from '../../contracts/certificates.ts';
import type { Profile } from '../../contracts/profile.ts';

/** Says of each certificate which profiles go by it now and whether its name means it, and of each authority which ones believe it. Pure. */
export function withUses(
  certificates: readonly StoredCertificate[],
  profiles: readonly Pick<Profile, 'name' | 'title' | 'ipsec' | 'ppp'>[],
  nowMs: number,
): CertificateEntry[] {
  const uses = profiles.flatMap(({ name, title = name, ipsec, ppp }) => {
    const named = [ipsec.certificate, ppp.eapTls?.certificate].flatMap((each) =>
      each !== undefined && 'stored' in each ? [each.stored] : [],
    );
    if (named.length === 0) return [];
    const meant = named.flatMap((stored) => certificateMeant(certificates, stored, nowMs) ?? []);
    const believed = ipsec.trust.authorities.length > 0 ? [] : meant.flatMap(({ vouchedBy = [] }) => vouchedBy);
    return [{ title, ids: [...meant.map(({ id }) => id), ...believed] }];
  });
  return certificates.map((each) => ({
    ...each,
    usedBy: uses.filter(({ ids }) => ids.includes(each.id)).map(({ title }) => title),
    isMeantByName: certificateMeant(certificates, each.name, nowMs)?.id === each.id,
  }));
}
