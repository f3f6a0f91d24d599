import * as pkijs from 'pkijs';
import { readCertificate } from './x509/certificate.ts';
import { sameName } from './x509/distinguished-name.ts';
import { MalformedError, readingForeign } from './x509/malformed.ts';

/** Certificates as IKE carries them (RFC 2408 §3.9): one as DER, or several in a SignedData of PKCS #7, as Windows sends its chain. */
export interface Presented {
  readonly encoding: 'x509' | 'pkcs7';
  readonly data: Uint8Array;
}

/** pkijs says of the content that it may be anything. */
interface Content {
  readonly contentType: string;
  readonly content: unknown;
}

/** What a bag may hold before nothing of it is looked at. */
const mostInBag = 10;

/** @returns DER, the peer's own certificate first. What cannot be read of a bag is as good as not sent. */
export function unwrapCertificates(presented: readonly Presented[]): readonly Uint8Array[] {
  const single = presented.flatMap(({ encoding, data }) => (encoding === 'x509' ? [data] : []));
  const bagged = presented.flatMap(({ encoding, data }) => (encoding === 'pkcs7' ? contentsOf(data) : []));
  return single.length > 0 ? [...single, ...bagged] : leafFirst(bagged);
}

function contentsOf(bag: Uint8Array): readonly Uint8Array[] {
  try {
    return readingForeign('the PKCS #7 message', () => {
      const { contentType, content } = pkijs.ContentInfo.fromBER(Uint8Array.from(bag)) as Content;
      if (contentType !== pkijs.ContentInfo.SIGNED_DATA) throw new MalformedError('it is no SignedData');
      const { certificates = [] } = new pkijs.SignedData({ schema: content });
      if (certificates.length > mostInBag) throw new MalformedError('it holds too many certificates');
      return certificates.flatMap((one) =>
        one instanceof pkijs.Certificate ? [new Uint8Array(one.toSchema(false).toBER())] : [],
      );
    });
  } catch (error) {
    if (error instanceof MalformedError) return [];
    throw error;
  }
}

/** A bag has no order: the peer's own certificate is the one that issued none of the others. */
function leafFirst(ders: readonly Uint8Array[]): readonly Uint8Array[] {
  const read = ders.flatMap((der) => {
    try {
      return [{ der, ...namesOf(der) }];
    } catch (error) {
      if (error instanceof MalformedError) return [];
      throw error;
    }
  });
  const leaf = read.find(({ subject }, i) => !read.some(({ issuer }, j) => i !== j && sameName(issuer, subject)));
  return leaf === undefined ? ders : [leaf.der, ...ders.filter((der) => der !== leaf.der)];
}

function namesOf(der: Uint8Array) {
  const { subject, issuer } = readCertificate(der);
  return { subject, issuer };
}

/** DER of the subjects of authorities, as a request for certificates names them. */
export function authorityNames(ders: readonly Uint8Array[]): readonly Uint8Array[] {
  return ders.map((der) => new Uint8Array(readCertificate(der).parsed.subject.valueBeforeDecode));
}
