import type { StoredCertificate } from '../../contracts/certificates.ts';

/** The beginning of a number that nobody takes for a name. */
export const shortestNumber = 12;

/**
 * Which of one's own certificates is meant by its name, or the beginning of its number: of several, the one that is valid now and for
 * longest. So whoever names one goes on with the one that renews it.
 */
export function certificateMeant(
  certificates: readonly StoredCertificate[],
  which: string,
  nowMs: number,
): StoredCertificate | undefined {
  const isNumber = which.length >= shortestNumber;
  const meant = certificates.filter(
    ({ kind, id, name }) => kind === 'identity' && (name === which || (isNumber && id.startsWith(which.toLowerCase()))),
  );
  const rank = ({ certificate }: StoredCertificate): number => {
    if (certificate === undefined) return 0;
    const isEarly = Date.parse(certificate.notBefore) > nowMs;
    return isEarly ? 0 : Date.parse(certificate.notAfter);
  };
  return meant.toSorted((a, b) => rank(b) - rank(a))[0];
}
