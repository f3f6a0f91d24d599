import * as pkijs from 'pkijs';
import { nameForms } from '../x509/alternative-names.ts';
import type { Certificate } from '../x509/certificate.ts';
import { extensionIds } from '../x509/extensions.ts';

/** Where a certificate says that its revocation can be asked. Only http: what comes is signed, and TLS would need to ask in turn. */

const mostLocations = 3;
const ocsp = '1.3.6.1.5.5.7.48.1';

/** URLs of complete lists of its issuer (RFC 5280 §4.2.1.13). @throws MalformedError */
export function distributionPointsOf({ extensions }: Certificate): readonly string[] {
  const points =
    extensions.find(extensionIds.crlDistributionPoints, pkijs.CRLDistributionPoints)?.distributionPoints ?? [];
  const names = points
    .filter(({ reasons, cRLIssuer }) => reasons === undefined && cRLIssuer === undefined)
    .flatMap(({ distributionPoint }) => (Array.isArray(distributionPoint) ? distributionPoint : []));
  return httpUrls(names);
}

/** URLs of OCSP responders (RFC 5280 §4.2.2.1). @throws MalformedError */
export function respondersOf({ extensions }: Certificate): readonly string[] {
  const access = extensions.find(extensionIds.authorityInformationAccess, pkijs.InfoAccess)?.accessDescriptions ?? [];
  return httpUrls(
    access.filter(({ accessMethod }) => accessMethod === ocsp).map(({ accessLocation }) => accessLocation),
  );
}

function httpUrls(names: readonly pkijs.GeneralName[]): readonly string[] {
  const urls = names.flatMap(({ type, value }) => (type === nameForms.uri && typeof value === 'string' ? [value] : []));
  return urls.filter((url) => url.length <= 1024 && isHttp(url)).slice(0, mostLocations);
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'http:';
}
