import { resolve } from 'node:path';
import {
  loadOwnCertificate,
  type OwnCertificate as Opened,
  type OwnCertificateSource,
} from '../../certificates/index.ts';
import type { CertificateSummary, OwnCertificateFault } from '../../contracts/certificates.ts';
import { failure, type Failure, type FailureCode, type Result } from '../../contracts/failure.ts';
import type { Secret } from '../../contracts/secret.ts';
import type { Identity, OwnCertificate } from '../../protocol/ike/index.ts';
import { signingKey } from '../crypto/signatures.ts';

/** A certificate of this machine's, ready for IKE. */
export interface ReadyCertificate {
  readonly own: OwnCertificate;
  readonly summary: CertificateSummary;
}

/** Where it is, as profiles and the host's configuration say it. */
export type OwnCertificateFiles = { readonly pkcs12: string } | { readonly pem: string; readonly key: string };

interface Place {
  /** What the files are relative to. */
  readonly folder: string;
  /** The member that names them, for failures. */
  readonly member: string;
}

/** What a certificate is called in failures. */
interface Called {
  readonly member: string;
  readonly file: string;
}

/** @param identity  what it goes by in IKE; its subject when absent */
export async function readOwnCertificate(
  files: OwnCertificateFiles,
  passphrase: Secret<string> | undefined,
  place: Place,
  identity?: Identity,
): Promise<Result<ReadyCertificate>> {
  const opened = await openFiles(files, passphrase, place);
  return opened.ok ? readyForIke(opened.value, identity) : opened;
}

/** A certificate of one's own and its key, and what it is called in failures. */
export interface OpenedCertificate {
  readonly own: Opened;
  readonly called: Called;
}

export async function openFiles(
  files: OwnCertificateFiles,
  passphrase: Secret<string> | undefined,
  { folder, member }: Place,
): Promise<Result<OpenedCertificate>> {
  const loaded = await loadOwnCertificate({
    ...sourceOf(files, folder),
    ...(passphrase !== undefined && { passphrase }),
  });
  if (loaded.ok) {
    return { ok: true, value: { own: loaded.own, called: { member, file: Object.values(files).join(', ') } } };
  }
  const { reason, file, detail } = loaded;
  return { ok: false, failure: failure(codes[reason], { member, file, reason: detail }) };
}

/** @param identity  what it goes by in IKE; its subject when absent */
export function readyForIke({ own, called }: OpenedCertificate, identity?: Identity): Result<ReadyCertificate> {
  const { chain, subject, summary, key: opened } = own;
  const key = signingKey(opened);
  if (key === undefined) {
    return {
      ok: false,
      failure: failure('ownCertificate.invalid', { ...called, reason: `its key is ${summary.key}` }),
    };
  }
  const subjectName: Identity = { type: 'distinguishedName', der: subject };
  return { ok: true, value: { own: { key, chain, identity: identity ?? subjectName }, summary } };
}

/** Why it is of no use at this time. */
export function outOfTime({ subject, notBefore, notAfter }: CertificateSummary, nowMs: number): Failure | undefined {
  if (nowMs > Date.parse(notAfter)) return failure('ownCertificate.expired', { subject, date: dayOf(notAfter) });
  if (nowMs < Date.parse(notBefore)) return failure('ownCertificate.notYetValid', { subject, date: dayOf(notBefore) });
  return undefined;
}

function dayOf(instant: string): string {
  return instant.slice(0, 10);
}

function sourceOf(files: OwnCertificateFiles, folder: string): OwnCertificateSource {
  return 'pkcs12' in files
    ? { kind: 'pkcs12', file: resolve(folder, files.pkcs12) }
    : { kind: 'pem', certificateFile: resolve(folder, files.pem), keyFile: resolve(folder, files.key) };
}

const codes: Readonly<Record<OwnCertificateFault, FailureCode>> = {
  missing: 'ownCertificate.unreadable',
  unreadable: 'ownCertificate.unreadable',
  exposed: 'ownCertificate.exposed',
  malformed: 'ownCertificate.invalid',
  passphraseNeeded: 'ownCertificate.passphrase',
  wrongPassphrase: 'ownCertificate.passphrase',
  noCertificate: 'ownCertificate.invalid',
  noPrivateKey: 'ownCertificate.invalid',
  keyMismatch: 'ownCertificate.invalid',
  unsupportedKey: 'ownCertificate.invalid',
};
