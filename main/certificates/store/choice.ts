import type { StoredCertificate } from '../../contracts/certificates.ts';

/** The beginning of a number that nobody takes for a name. */
export const shortestNumber = 12;

/**
 * Which of one's own certificates is meant by its name, or the beginning of its number: of several, the one that is valid now and for
 * longest. So whoever names one goes on with the one that renews it. None where they are not all of the same authority, as anybody can
 * issue a certificate of any name.
 */
export function certificateMeant(
  certificates: readonly StoredCertificate[],
  which: string,
  nowMs: number,
): StoredCertificate | undefined {
  const rank = ({ certificate }: StoredCertificate): number => {
    if (certificate === undefined) return 0;
    const isEarly = Date.parse(certificate.notBefore) > nowMs;
    return isEarly ? 0 : Date.parse(certificate.notAfter);
  };
  const [first, ...others] = named(certificates, which).toSorted((a, b) => rank(b) - rank(a));
  return first !== undefined && others.every((other) => isOfSameAuthority(first, other)) ? first : undefined;
}

/** Whether there are any of that name, whoever they are of. */
export function isNamed(certificates: readonly StoredCertificate[], which: string): boolean {
  return named(certificates, which).length > 0;
}

function named(certificates: readonly StoredCertificate[], which: string): readonly StoredCertificate[] {
  const own = certificates.filter(({ kind }) => kind === 'identity');
  const number = which.toLowerCase();
  const exact = own.filter(({ id }) => id === number);
  if (exact.length > 0) return exact;
  const isNumber = which.length >= shortestNumber;
  return own.filter(({ id, name }) => name === which || (isNumber && id.startsWith(number)));
}

function isOfSameAuthority({ vouchedBy = [] }: StoredCertificate, other: StoredCertificate): boolean {
  return vouchedBy.some((voucher) => other.vouchedBy?.includes(voucher));
}
