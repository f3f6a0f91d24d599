import { authorityNames, type CertificateStore, storeFailure, type TrustSettings } from '../../certificates/index.ts';
import type { CertificateSummary, StoredCertificate } from '../../contracts/certificates.ts';
import { failure, type Result } from '../../contracts/failure.ts';
import type { OwnCertificateForm, Profile } from '../../contracts/profile.ts';
import type { Secret } from '../../contracts/secret.ts';
import type { ClientConfig } from '../../session/client/index.ts';
import { identityOf } from '../../session/identity.ts';
import { type Judge, judgeOf } from './judge.ts';
import { openFiles, type OpenedCertificate, readyForIke } from './own.ts';
import { readTrust } from './trust.ts';

/** What a connection by certificates needs. */
export interface ClientCertificates {
  readonly ike: NonNullable<ClientConfig['certificates']>;
  readonly judge: Judge;
  /** This computer's own. */
  readonly summary: CertificateSummary;
}

/** Where the certificates are that a profile names. */
export interface CertificatePlaces {
  /** What the profile's files are relative to. */
  readonly folder: string;
  /** The user's own. */
  readonly store: Pick<CertificateStore, 'find' | 'own' | 'authoritiesOf'>;
  /** Of a file's private key. */
  readonly passphrase?: Secret<string> | undefined;
}

/** Reads what the profile says of certificates; `undefined` where it has none and goes by a pre-shared key. */
export async function clientCertificates(
  { gateway, ipsec }: Profile,
  places: CertificatePlaces,
): Promise<Result<ClientCertificates | undefined>> {
  const { certificate, localId, remoteId } = ipsec;
  if (certificate === undefined) return { ok: true, value: undefined };
  const trust = trustOf(ipsec, places);
  if (!trust.ok) return trust;
  const identity = localId === undefined ? undefined : identityOf(localId);
  const opened = await openOwn(certificate, places, 'ipsec.certificate');
  if (!opened.ok) return opened;
  const ready = readyForIke(opened.value, identity);
  if (!ready.ok) return ready;
  const { own, summary } = ready.value;
  const { authorities } = trust.value;
  // A key ID is no certificate's, and the profile's schema refuses one here.
  const pinned =
    remoteId === undefined || remoteId.kind === 'keyId' ? undefined : { kind: remoteId.kind, value: remoteId.value };
  return {
    ok: true,
    value: {
      ike: { own: [own], authorities: authorityNames(authorities) },
      judge: judgeOf(trust.value, { role: 'gateway', names: [gateway], ...(pinned && { identity: pinned }) }),
      summary,
    },
  };
}

function trustOf({ certificate, trust }: Profile['ipsec'], places: CertificatePlaces): Result<TrustSettings> {
  const read = readTrust(trust, places.folder, 'ipsec.trust');
  if (!read.ok) return read;
  const authorities = believed(read.value.authorities, certificate, places, 'ipsec.certificate');
  return authorities.ok ? { ok: true, value: { ...read.value, authorities: authorities.value } } : authorities;
}

/**
 * Who is believed: whom the profile names; else, with one of the user's own certificates, the authority that this one is under. Others
 * of the list came along with other certificates, from who knows where, and are no reason to believe this one's gateway.
 *
 * @param member  what names the certificate in the profile, for failures
 */
export function believed(
  named: readonly Uint8Array[],
  certificate: OwnCertificateForm | undefined,
  places: CertificatePlaces,
  member: string,
): Result<readonly Uint8Array[]> {
  if (named.length > 0) return { ok: true, value: named };
  const none: Result<never> = { ok: false, failure: failure('trust.none', { member: 'ipsec.trust.authorities' }) };
  if (certificate === undefined || !('stored' in certificate)) return none;
  const found = findStored(certificate.stored, places, member);
  if (!found.ok) return found;
  const authorities = places.store.authoritiesOf(found.value);
  return authorities.length === 0 ? none : { ok: true, value: authorities };
}

function findStored(which: string, { store }: CertificatePlaces, member: string): Result<StoredCertificate> {
  const found = store.find(which, Date.now());
  if (found === undefined) return { ok: false, failure: failure('ownCertificate.notStored', { which, member }) };
  if (found === 'ambiguous') return { ok: false, failure: failure('ownCertificate.ambiguous', { which, member }) };
  return { ok: true, value: found };
}

/** @param member  what names it in the profile, for failures */
export async function openOwn(
  certificate: OwnCertificateForm,
  places: CertificatePlaces,
  member: string,
): Promise<Result<OpenedCertificate>> {
  const { folder, store, passphrase } = places;
  if (!('stored' in certificate)) return openFiles(certificate, passphrase, { folder, member });
  const found = findStored(certificate.stored, places, member);
  if (!found.ok) return found;
  const { id, name } = found.value;
  const opened = await store.own(id);
  if (!opened.ok) return { ok: false, failure: storeFailure(opened.reason, name) };
  return { ok: true, value: { own: opened.value, called: { member, file: name } } };
}
