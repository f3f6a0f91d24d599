import type { CertificateStore } from '../certificates/index.ts';
import { failure, type Result } from '../contracts/failure.ts';
import type { OwnCertificateForm } from '../contracts/profile.ts';
import { Secret } from '../contracts/secret.ts';
import {
  type CertificatePlaces,
  type ClientCertificates,
  clientCertificates,
  type ClientTls,
  clientTls,
  eapTlsCertificate,
  eapTlsMember,
} from '../engine/certificates/index.ts';
import { KeychainFailure } from '../profiles/kept-secrets/keychain.ts';
import type { ProfileSource } from './profile-source.ts';

/** A slip of the finger or two; whoever fails more often has to look for the passphrase. */
const mostTries = 3;

export interface OpenedCertificates {
  readonly ike?: ClientCertificates;
  readonly eapTls?: ClientTls;
}

/** `member`: where the profile names the file. `isAgain`: the last one did not fit. */
export type AskPassphrase = (file: string, member: string, isAgain: boolean) => Promise<Result<Secret<string>>>;

/**
 * Opens the certificates that the profile names, for IKE and for EAP-TLS. A passphrase that it does not have is asked for, where a
 * file turns out to need one; once, where both go by the same file.
 */
export async function openCertificates(...asked: Parameters<typeof open>): ReturnType<typeof open> {
  try {
    return await open(...asked);
  } catch (error) {
    // The keys of the user's own certificates are sealed by one that is there.
    if (error instanceof KeychainFailure) return { ok: false, failure: failure('certificates.locked') };
    throw error;
  }
}

async function open(
  source: ProfileSource,
  store: CertificateStore,
  ask: AskPassphrase,
): Promise<Result<OpenedCertificates>> {
  const { profile, folder } = source;
  const typed = new Map<string, Secret<string>>();

  const read = async <Value>(
    member: string,
    certificate: OwnCertificateForm | undefined,
    from: (places: CertificatePlaces) => Promise<Result<Value>>,
  ): Promise<Result<Value>> => {
    const written = await source.passphrase(certificate);
    if (written?.ok === false) return written;
    const file = fileOf(certificate);
    const passphrase = written === undefined ? typed.get(file) : textOf(written.value);
    let opened = await from({ folder, store, passphrase });
    for (let tries = 0; tries < mostTries && written === undefined && needsPassphrase(opened); tries++) {
      const answer = await ask(file, member, tries > 0);
      if (!answer.ok) return answer;
      typed.set(file, answer.value);
      opened = await from({ folder, store, passphrase: answer.value });
    }
    return opened;
  };

  const ike = await read('ipsec.certificate', profile.ipsec.certificate, (places) =>
    clientCertificates(profile, places),
  );
  if (!ike.ok) return ike;
  const eapTls = await read(eapTlsMember(profile), eapTlsCertificate(profile), (places) => clientTls(profile, places));
  if (!eapTls.ok) return eapTls;
  return {
    ok: true,
    value: {
      ...(ike.value !== undefined && { ike: ike.value }),
      ...(eapTls.value !== undefined && { eapTls: eapTls.value }),
    },
  };
}

function needsPassphrase(opened: Result<unknown>): boolean {
  return !opened.ok && opened.failure.code === 'ownCertificate.passphrase';
}

function fileOf(certificate: OwnCertificateForm | undefined): string {
  if (certificate === undefined || 'stored' in certificate) return '';
  return 'pkcs12' in certificate ? certificate.pkcs12 : certificate.key;
}

function textOf(secret: Secret): Secret<string> {
  return new Secret(Buffer.from(secret.expose()).toString('utf8'));
}
