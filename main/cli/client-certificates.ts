import type { CertificateStore } from '../certificates/index.ts';
import type { Result } from '../contracts/failure.ts';
import { Secret } from '../contracts/secret.ts';
import { type ClientCertificates, clientCertificates } from '../engine/certificates/index.ts';
import type { ProfileSource } from './profile-source.ts';

/** A slip of the finger or two; whoever fails more often has to look for the passphrase. */
const mostTries = 3;

/**
 * Opens the certificates that the profile names. A passphrase that it does not have is asked for, where a file turns out to need one.
 *
 * @param ask  `isAgain`: the last one did not fit
 */
export async function openCertificates(
  source: ProfileSource,
  store: CertificateStore,
  ask: (file: string, isAgain: boolean) => Promise<Result<Secret<string>>>,
): Promise<Result<ClientCertificates | undefined>> {
  const { profile, folder } = source;
  const known = await source.passphrase();
  if (known?.ok === false) return known;
  let opened = await clientCertificates(profile, { folder, store, passphrase: known && textOf(known.value) });
  for (let tries = 0; tries < mostTries && known === undefined && needsPassphrase(opened); tries++) {
    const typed = await ask(fileOf(profile), tries > 0);
    if (!typed.ok) return typed;
    opened = await clientCertificates(profile, { folder, store, passphrase: typed.value });
  }
  return opened;
}

function needsPassphrase(opened: Result<unknown>): boolean {
  return !opened.ok && opened.failure.code === 'ownCertificate.passphrase';
}

function fileOf({ ipsec: { certificate } }: ProfileSource['profile']): string {
  if (certificate === undefined || 'stored' in certificate) return '';
  return 'pkcs12' in certificate ? certificate.pkcs12 : certificate.key;
}

function textOf(secret: Secret): Secret<string> {
  return new Secret(Buffer.from(secret.expose()).toString('utf8'));
}
