import { createHash } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { isSignedBy as isIssuedBy } from '../path/candidates.ts';
import { isSignedBy, strengthOf } from '../path/signature.ts';
import { mayUseKeyFor, purposes, purposesOf } from '../path/usage.ts';
import { readCertificate, serialText, type Certificate } from '../x509/certificate.ts';
import { sameBytes } from '../x509/address.ts';
import { readDistinguishedName, sameName } from '../x509/distinguished-name.ts';
import { extensionsOf } from '../x509/extensions.ts';
import { MalformedError, readingForeign } from '../x509/malformed.ts';
import { heldUntil, unknown, type Standing } from './standing.ts';

/**
 * OCSP (RFC 6960). Requests carry no nonce, as most responders answer from a cache (RFC 5019): that an answer is replayed is bounded
 * by its dates. The identifier of a certificate is hashed with SHA-1, which is all that many responders know, and signs nothing.
 */
export async function requestFor(certificate: Certificate, issuer: Certificate): Promise<Uint8Array> {
  const request = new pkijs.OCSPRequest();
  await request.createForCertificate(certificate.parsed, { hashAlgorithm: 'SHA-1', issuerCertificate: issuer.parsed });
  return new Uint8Array(request.toSchema(true).toBER());
}

export const largestAnswerBytes = 64 * 1024;
const mostCertificates = 4;
const successful = 0;
const basicResponse = '1.3.6.1.5.5.7.48.1.1';

/** What an answer says of a certificate. @throws MalformedError */
export function standingByResponder(
  der: Uint8Array,
  certificate: Certificate,
  issuer: Certificate,
  nowMs: number,
): Standing {
  const basic = readingForeign('the answer', () => readAnswer(der));
  const single = basic?.tbsResponseData.responses.find(({ certID }) => isAbout(certID, certificate, issuer));
  if (basic === undefined || single === undefined) return unknown;
  const untilMs = heldUntil(single.thisUpdate.getTime(), single.nextUpdate?.getTime(), nowMs);
  if (untilMs === undefined || !isAuthentic(basic, issuer, nowMs)) return unknown;
  if (hasUnknownCondition(basic.tbsResponseData.responseExtensions) || hasUnknownCondition(single.singleExtensions))
    return unknown;
  const standing = statuses[statusTag(single)];
  return standing === undefined ? unknown : { standing, untilMs };
}

/** CertStatus (RFC 6960 §4.2.1): good [0], revoked [1], unknown [2]. */
const statuses: readonly ('good' | 'revoked' | undefined)[] = ['good', 'revoked'];

function statusTag(single: pkijs.SingleResponse): number {
  const status: unknown = single.certStatus;
  return status instanceof asn1js.BaseBlock ? status.idBlock.tagNumber : -1;
}

function readAnswer(der: Uint8Array): pkijs.BasicOCSPResponse | undefined {
  if (der.length > largestAnswerBytes) throw new MalformedError('it is too large');
  const answer = pkijs.OCSPResponse.fromBER(Uint8Array.from(der));
  const { responseBytes, responseStatus } = answer;
  if (responseStatus.valueBlock.valueDec !== successful || responseBytes?.responseType !== basicResponse)
    return undefined;
  return pkijs.BasicOCSPResponse.fromBER(Uint8Array.from(responseBytes.response.valueBlock.valueHexView));
}

function hasUnknownCondition(extensions: readonly pkijs.Extension[] | undefined): boolean {
  return extensionsOf(extensions ?? []).criticalIds.length > 0;
}

const hashes: Readonly<Record<string, string>> = { '1.3.14.3.2.26': 'sha1', '2.16.840.1.101.3.4.2.1': 'sha256' };

function isAbout(id: pkijs.CertID, certificate: Certificate, issuer: Certificate): boolean {
  const hash = hashes[id.hashAlgorithm.algorithmId];
  if (hash === undefined || serialText(id.serialNumber.valueBlock.valueHexView) !== certificate.serial) return false;
  const digest = (bytes: Uint8Array): Uint8Array => createHash(hash).update(bytes).digest();
  return (
    sameBytes(
      id.issuerNameHash.valueBlock.valueHexView,
      digest(new Uint8Array(certificate.parsed.issuer.valueBeforeDecode)),
    ) && sameBytes(id.issuerKeyHash.valueBlock.valueHexView, digest(keyBytes(issuer)))
  );
}

function keyBytes({ parsed }: Certificate): Uint8Array {
  return parsed.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView;
}

/** Signed by the issuer, or by whom the issuer itself made a responder (RFC 6960 §4.2.2.2). */
function isAuthentic(basic: pkijs.BasicOCSPResponse, issuer: Certificate, nowMs: number): boolean {
  if (strengthOf(basic.signatureAlgorithm) === 'broken') return false;
  const { tbsView } = basic.tbsResponseData;
  const signature = basic.signature.valueBlock.valueHexView;
  return [issuer, ...delegatesIn(basic, issuer, nowMs)]
    .filter((signer) => isNamed(basic.tbsResponseData.responderID, signer))
    .some((signer) => isSignedBy(signer.publicKey, tbsView, basic.signatureAlgorithm, signature));
}

function delegatesIn(
  { certs = [] }: pkijs.BasicOCSPResponse,
  issuer: Certificate,
  nowMs: number,
): readonly Certificate[] {
  return certs
    .slice(0, mostCertificates)
    .map((certificate) => readCertificate(new Uint8Array(certificate.toSchema().toBER())))
    .filter(
      (delegate) =>
        nowMs >= delegate.notBeforeMs &&
        nowMs <= delegate.notAfterMs &&
        purposesOf(delegate)?.includes(purposes.ocspSigning) === true &&
        mayUseKeyFor(delegate, 'digitalSignature') &&
        strengthOf(delegate.parsed.signatureAlgorithm) !== 'broken' &&
        sameName(delegate.issuer, issuer.subject) &&
        isIssuedBy(delegate, issuer),
    );
}

/** By its name, or by the SHA-1 of its key. */
function isNamed(responder: unknown, signer: Certificate): boolean {
  if (responder instanceof pkijs.RelativeDistinguishedNames) {
    return sameName(readDistinguishedName(new Uint8Array(responder.valueBeforeDecode)), signer.subject);
  }
  if (!(responder instanceof asn1js.OctetString)) return false;
  return sameBytes(responder.valueBlock.valueHexView, createHash('sha1').update(keyBytes(signer)).digest());
}
