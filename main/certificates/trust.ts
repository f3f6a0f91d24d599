import { certificateLabels, derBlocks } from './files/pem.ts';
import { readBounded } from '../files/read-bounded.ts';
import { largestListBytes, readRevocationList } from './revocation/list.ts';
import { readCertificate } from './x509/certificate.ts';
import { MalformedError } from './x509/malformed.ts';

/** Certificates and revocation lists out of files, PEM (any number of them) or DER (one); each was read once and can be. */
export type TrustFileResult =
  | { readonly ok: true; readonly ders: readonly Uint8Array[] }
  | {
      readonly ok: false;
      readonly reason: 'missing' | 'unreadable' | 'malformed';
      readonly file: string;
      readonly detail: string;
    };

/** Bundles of a system hold some 150 authorities. */
const largestBundleBytes = 1024 * 1024;

export function readCertificateFile(file: string): TrustFileResult {
  return readFile(file, largestBundleBytes, 'no certificate', certificateLabels, readCertificate);
}

export function readRevocationListFile(file: string): TrustFileResult {
  // PEM is a third longer.
  return readFile(file, 2 * largestListBytes, 'no revocation list', ['X509 CRL'], readRevocationList);
}

/** @throws MalformedError */
export function revocationListDates(der: Uint8Array): {
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number | undefined;
} {
  const { thisUpdateMs, nextUpdateMs } = readRevocationList(der);
  return { thisUpdateMs, nextUpdateMs };
}

function readFile(
  file: string,
  limitBytes: number,
  absence: string,
  labels: readonly string[],
  check: (der: Uint8Array) => unknown,
): TrustFileResult {
  const read = readBounded(file, limitBytes);
  if (!read.ok) return { ...read, file };
  try {
    const ders = derBlocks(read.bytes, ...labels);
    if (ders.length === 0) return { ok: false, reason: 'malformed', file, detail: `it holds ${absence}` };
    ders.forEach(check);
    return { ok: true, ders };
  } catch (error) {
    if (error instanceof MalformedError) return { ok: false, reason: 'malformed', file, detail: error.message };
    throw error;
  }
}
