import * as pkijs from 'pkijs';
import { isSignedBy, strengthOf } from '../path/signature.ts';
import { mayUseKeyFor } from '../path/usage.ts';
import { nameForms } from '../x509/alternative-names.ts';
import { serialText, type Certificate } from '../x509/certificate.ts';
import { readDistinguishedName, sameName, type DistinguishedName } from '../x509/distinguished-name.ts';
import { extensionIds, extensionsOf } from '../x509/extensions.ts';
import { MalformedError, readingForeign } from '../x509/malformed.ts';
import { distributionPointsOf } from './locations.ts';
import { heldUntil, unknown, type Standing } from './standing.ts';

/** Certificate revocation lists (RFC 5280 §5): complete ones, of the issuer itself. */
export interface RevocationList {
  readonly issuer: DistinguishedName;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number | undefined;
  /** Serials of revoked certificates, in hexadecimal. */
  readonly revoked: ReadonlySet<string>;
  readonly scope: pkijs.IssuingDistributionPoint | undefined;
  /** Delta and indirect lists, and conditions that are not understood: what is not on the list may be revoked all the same. */
  readonly isUsable: boolean;
  readonly parsed: pkijs.CertificateRevocationList;
}

/** A list of 2 MB holds some 50 000 certificates, and is read in less than a second. */
export const largestListBytes = 2 * 1024 * 1024;

const read = new WeakMap<Uint8Array, RevocationList | MalformedError>();

/** Reads each list once, as long as its bytes are held. @throws MalformedError */
export function readRevocationList(der: Uint8Array): RevocationList {
  const known = read.get(der) ?? tryRead(der);
  read.set(der, known);
  if (known instanceof MalformedError) throw known;
  return known;
}

function tryRead(der: Uint8Array): RevocationList | MalformedError {
  try {
    return readAnew(der);
  } catch (error) {
    if (error instanceof MalformedError) return error;
    throw error;
  }
}

function readAnew(der: Uint8Array): RevocationList {
  if (der.length > largestListBytes) throw new MalformedError(`it is larger than ${largestListBytes} bytes`);
  return readingForeign('the revocation list', () => {
    const parsed = pkijs.CertificateRevocationList.fromBER(Uint8Array.from(der));
    const extensions = extensionsOf(parsed.crlExtensions?.extensions ?? []);
    const entries = parsed.revokedCertificates ?? [];
    const isIndirect = entries.some(({ crlEntryExtensions }) =>
      crlEntryExtensions?.extensions.some(({ critical }) => critical),
    );
    return {
      issuer: readDistinguishedName(new Uint8Array(parsed.issuer.valueBeforeDecode)),
      thisUpdateMs: parsed.thisUpdate.value.getTime(),
      nextUpdateMs: parsed.nextUpdate?.value.getTime(),
      revoked: new Set(entries.map(({ userCertificate }) => serialText(userCertificate.valueBlock.valueHexView))),
      scope: extensions.find(extensionIds.issuingDistributionPoint, pkijs.IssuingDistributionPoint),
      isUsable: !isIndirect && extensions.criticalIds.every((id) => id === extensionIds.issuingDistributionPoint),
      parsed,
    };
  });
}

/** What a list says of a certificate. @throws MalformedError where the certificate's own extensions cannot be read */
export function standingByList(
  list: RevocationList,
  certificate: Certificate,
  issuer: Certificate,
  nowMs: number,
): Standing {
  const untilMs = heldUntil(list.thisUpdateMs, list.nextUpdateMs, nowMs);
  if (untilMs === undefined || !list.isUsable || !sameName(list.issuer, certificate.issuer)) return unknown;
  if (!isInScope(list.scope, certificate) || !isOfIssuer(list, issuer)) return unknown;
  return { standing: list.revoked.has(certificate.serial) ? 'revoked' : 'good', untilMs };
}

const checked = new WeakMap<RevocationList, Map<string, boolean>>();

/** Its signature is checked once for each key. */
function isOfIssuer(list: RevocationList, issuer: Certificate): boolean {
  const byIssuer = checked.get(list) ?? new Map<string, boolean>();
  checked.set(list, byIssuer);
  const known = byIssuer.get(issuer.fingerprint);
  if (known !== undefined) return known;
  const { parsed } = list;
  const isGood =
    mayUseKeyFor(issuer, 'crlSign') &&
    strengthOf(parsed.signatureAlgorithm) !== 'broken' &&
    isSignedBy(
      issuer.publicKey,
      parsed.tbsView,
      parsed.signatureAlgorithm,
      parsed.signatureValue.valueBlock.valueHexView,
    );
  byIssuer.set(issuer.fingerprint, isGood);
  return isGood;
}

/** RFC 5280 §5.2.5: a list may be of a part of what its issuer issued. */
function isInScope(scope: pkijs.IssuingDistributionPoint | undefined, certificate: Certificate): boolean {
  if (scope === undefined) return true;
  const { onlyContainsAttributeCerts, onlyContainsCACerts, onlyContainsUserCerts, onlySomeReasons, indirectCRL } =
    scope;
  if (onlyContainsAttributeCerts || indirectCRL || (onlySomeReasons ?? 0) !== 0) return false;
  if (onlyContainsCACerts && !certificate.isAuthority) return false;
  if (onlyContainsUserCerts && certificate.isAuthority) return false;
  if (scope.distributionPoint === undefined) return true;
  const points = Array.isArray(scope.distributionPoint) ? scope.distributionPoint : [];
  const own = distributionPointsOf(certificate);
  return points.some(({ type, value }) => type === nameForms.uri && own.some((url) => url === value));
}
