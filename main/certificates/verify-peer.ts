import { candidatePaths, isAmong } from './path/candidates.ts';
import { faultOfPath, type PathFault } from './path/check.ts';
import { revocationFault } from './revocation/check.ts';
import type { ExpectedPeer, PeerVerdict, TrustSettings } from './types.ts';
import { readable, readCertificate, subjectText, summaryOf, type Certificate } from './x509/certificate.ts';
import { distinguishedNameText } from './x509/distinguished-name.ts';
import { MalformedError } from './x509/malformed.ts';
import { printable } from './x509/printable.ts';

/** More certificates than a peer's chain has. */
export const longestChain = 10;

/**
 * Judges the chain that a peer sent: DER, its own certificate first, the rest in any order. Never rejects; bounded in work, and in
 * time where it asks for revocation.
 */
export async function verifyPeer(
  chain: readonly Uint8Array[],
  expected: ExpectedPeer,
  trust: TrustSettings,
  nowMs: number,
): Promise<PeerVerdict> {
  let leaf: Certificate | undefined;
  try {
    const [own, ...sent] = readChain(chain);
    leaf = own;
    const authorities = trust.authorities.flatMap(trusted);
    const pool = unique([...sent, ...trust.intermediates.flatMap(trusted)], authorities);
    const paths = candidatePaths(leaf, pool, authorities);
    if (paths.length === 0) return refused(leaf, 'unknownAuthority', unknownAuthority(leaf));
    let fault: PathFault | undefined;
    for (const path of paths) {
      const found =
        (await faultOfPath(path, expected, trust, nowMs)) ?? (await revocationFault(path, trust.revocation, nowMs));
      if (found === undefined) return { ok: true, publicKey: leaf.publicKey, certificate: summaryOf(leaf) };
      fault ??= found;
    }
    return fault === undefined
      ? refused(leaf, 'unknownAuthority', unknownAuthority(leaf))
      : refused(fault.certificate, fault.reason, fault.detail);
  } catch (error) {
    // Nothing that a peer can send may end the program.
    const detail = error instanceof MalformedError ? error.message : 'cannot be read';
    return {
      ok: false,
      reason: 'malformed',
      subject: leaf === undefined ? '' : subjectText(leaf),
      detail: printable(detail),
    };
  }
}

function readChain(chain: readonly Uint8Array[]): readonly [Certificate, ...Certificate[]] {
  const [own, ...rest] = chain;
  if (own === undefined) throw new MalformedError('there is no certificate');
  if (chain.length > longestChain) throw new MalformedError(`there are more than ${longestChain} certificates`);
  // One that only came along and cannot be read (of a curve that this runtime has not, say) is as good as not sent.
  return [readCertificate(own), ...rest.flatMap(readable)];
}

const read = new WeakMap<Uint8Array, readonly Certificate[]>();

/** Of the settings: read once for all peers. */
function trusted(der: Uint8Array): readonly Certificate[] {
  const known = read.get(der) ?? readable(der);
  read.set(der, known);
  return known;
}

function unique(pool: readonly Certificate[], authorities: readonly Certificate[]): readonly Certificate[] {
  return pool.filter(
    (certificate, place) => !isAmong(pool.slice(0, place), certificate) && !isAmong(authorities, certificate),
  );
}

function unknownAuthority({ issuer }: Certificate): string {
  return `is issued by ${distinguishedNameText(issuer)}, which no trusted authority stands for`;
}

function refused(certificate: Certificate, reason: PathFault['reason'], detail: string): PeerVerdict {
  return { ok: false, reason, subject: subjectText(certificate), detail: printable(detail) };
}
