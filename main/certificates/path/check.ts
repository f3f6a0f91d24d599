import * as pkijs from 'pkijs';
import type { CertificateFault } from '../../contracts/certificates.ts';
import type { ExpectedPeer, TrustSettings } from '../types.ts';
import { subjectText, type Certificate } from '../x509/certificate.ts';
import { extensionIds } from '../x509/extensions.ts';
import { isStrongKey, keyText } from '../x509/key.ts';
import type { Path } from './candidates.ts';
import { isSelfIssued, nameBeyond } from './name-constraints.ts';
import { isOf, isOfHost } from './names.ts';
import { obeysPolicies } from './policies.ts';
import { strengthOf } from './signature.ts';
import { isForRole, mayUseKeyFor } from './usage.ts';

/** What is wrong with a certificate of a path. `detail` ends a sentence that begins with the certificate. */
export interface PathFault {
  readonly reason: CertificateFault;
  readonly certificate: Certificate;
  readonly detail: string;
}

/** Judges a path whose signatures hold, all but revocation. @throws MalformedError where an extension cannot be read */
export async function faultOfPath(
  path: Path,
  expected: ExpectedPeer,
  trust: Pick<TrustSettings, 'allowSha1'>,
  nowMs: number,
): Promise<PathFault | undefined> {
  const [leaf] = path;
  if (leaf === undefined) return undefined;
  return (
    first(path, (certificate, place) => weakness(certificate, place === path.length - 1, trust.allowSha1)) ??
    first(path, (certificate) => untimely(certificate, nowMs)) ??
    first(path, (certificate, place) => misuse(certificate, place, path, expected.role)) ??
    misnamed(leaf, expected) ??
    ((await obeysPolicies(path, nowMs))
      ? undefined
      : { reason: 'wrongUsage', certificate: leaf, detail: 'does not follow the policies that its authorities demand' })
  );
}

function first(
  path: Path,
  fault: (certificate: Certificate, place: number) => Omit<PathFault, 'certificate'> | undefined,
): PathFault | undefined {
  for (const [place, certificate] of path.entries()) {
    const found = fault(certificate, place);
    if (found !== undefined) return { certificate, ...found };
  }
  return undefined;
}

type Fault = Omit<PathFault, 'certificate'> | undefined;

/** The signature of who is trusted by itself proves nothing and need not. */
function weakness(certificate: Certificate, isTrusted: boolean, allowSha1: boolean): Fault {
  if (!isStrongKey(certificate.publicKey)) {
    return {
      reason: 'weak',
      detail: `has a key that is too weak or of an unknown kind (${keyText(certificate.publicKey)})`,
    };
  }
  const strength = isTrusted ? 'strong' : strengthOf(certificate.parsed.signatureAlgorithm);
  if (strength === 'strong' || (strength === 'sha1' && allowSha1)) return undefined;
  return {
    reason: 'weak',
    detail: strength === 'sha1' ? 'is signed with SHA-1' : 'is signed with a broken or unknown algorithm',
  };
}

function untimely({ notBeforeMs, notAfterMs }: Certificate, nowMs: number): Fault {
  if (nowMs < notBeforeMs) return { reason: 'notYetValid', detail: `is valid from ${dayText(notBeforeMs)} on` };
  return nowMs > notAfterMs ? { reason: 'expired', detail: `expired on ${dayText(notAfterMs)}` } : undefined;
}

function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

const understood: readonly string[] = [
  extensionIds.keyUsage,
  extensionIds.subjectAltName,
  extensionIds.basicConstraints,
  extensionIds.nameConstraints,
  extensionIds.crlDistributionPoints,
  extensionIds.certificatePolicies,
  extensionIds.policyMappings,
  extensionIds.policyConstraints,
  extensionIds.extendedKeyUsage,
  extensionIds.inhibitAnyPolicy,
];

function misuse(certificate: Certificate, place: number, path: Path, role: ExpectedPeer['role']): Fault {
  const wrong = (detail: string): Fault => ({ reason: 'wrongUsage', detail });
  const unknown = certificate.extensions.criticalIds.find((id) => !understood.includes(id));
  if (unknown !== undefined) return wrong(`makes a condition that is not understood (critical extension ${unknown})`);
  const isLeaf = place === 0;
  const isTrusted = place === path.length - 1;
  if (isLeaf) {
    if (!isForRole(certificate, role)) return wrong(`is not made for ${role === 'gateway' ? 'a gateway' : 'a client'}`);
    if (!mayUseKeyFor(certificate, 'digitalSignature', 'contentCommitment')) return wrong('may not be used to sign');
    return undefined;
  }
  if (!certificate.isAuthority || !mayUseKeyFor(certificate, 'keyCertSign')) return wrong('may not issue certificates');
  if (!isTrusted && !isForRole(certificate, role)) return wrong('may not issue certificates of this use');
  if (exceedsPathLength(certificate, path.slice(1, place)))
    return wrong('may not issue certificates to further authorities');
  const beyond = nameBeyond(certificate, path.slice(0, place));
  return beyond === undefined ? undefined : wrong(`may not issue certificates for ${beyond}`);
}

/** RFC 5280 §4.2.1.9: how many authorities may be between it and the end, not counting its own new certificates. */
function exceedsPathLength({ extensions }: Certificate, between: readonly Certificate[]): boolean {
  const limit = extensions.find(extensionIds.basicConstraints, pkijs.BasicConstraints)?.pathLenConstraint;
  // A limit that is no small number is larger than any path.
  return typeof limit === 'number' && between.filter((authority) => !isSelfIssued(authority)).length > limit;
}

function misnamed(leaf: Certificate, { claimed, identity, names }: ExpectedPeer): PathFault | undefined {
  const fault = (detail: string): PathFault => ({ reason: 'wrongName', certificate: leaf, detail });
  const held = heldNames(leaf);
  if (identity !== undefined && !isOf(leaf, identity)) return fault(`is not the expected one; ${held}`);
  if (identity === undefined && names.length > 0 && !names.some((name) => isOfHost(leaf, name))) {
    return fault(`is not of ${names.join(' or ')}; ${held}`);
  }
  if (claimed !== undefined && !isOf(leaf, claimed)) return fault(`is not of what the peer calls itself; ${held}`);
  return undefined;
}

function heldNames(leaf: Certificate): string {
  const { texts } = leaf.names;
  return texts.length === 0
    ? `it holds no alternative name, only the subject ${subjectText(leaf)}`
    : `it is of ${texts.slice(0, 8).join(', ')}`;
}
