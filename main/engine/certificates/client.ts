import { authorityNames, type CertificateStore, storeFailure, type TrustSettings } from '../../certificates/index.ts';
import type { CertificateSummary } from '../../contracts/certificates.ts';
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
  readonly store: Pick<CertificateStore, 'find' | 'own' | 'authorities'>;
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
  const authorities = believed(read.value.authorities, certificate, places);
  return authorities.ok ? { ok: true, value: { ...read.value, authorities: authorities.value } } : authorities;
}

/** With a certificate of the user's, those authorities are believed that are beside it, unless the profile names some. */
export function believed(
  named: readonly Uint8Array[],
  certificate: OwnCertificateForm | undefined,
  { store }: CertificatePlaces,
): Result<readonly Uint8Array[]> {
  const isStored = certificate !== undefined && 'stored' in certificate;
  const authorities = named.length === 0 && isStored ? store.authorities() : named;
  if (authorities.length > 0) return { ok: true, value: authorities };
  return { ok: false, failure: failure('trust.none', { member: 'ipsec.trust.authorities' }) };
}

/** @param member  what names it in the profile, for failures */
export async function openOwn(
  certificate: OwnCertificateForm,
  { folder, store, passphrase }: CertificatePlaces,
  member: string,
): Promise<Result<OpenedCertificate>> {
  if (!('stored' in certificate)) return openFiles(certificate, passphrase, { folder, member });
  const which = certificate.stored;
  const found = store.find(which, Date.now());
  if (found === undefined) return { ok: false, failure: failure('ownCertificate.notStored', { which, member }) };
  const opened = await store.own(found.id);
  if (!opened.ok) return { ok: false, failure: storeFailure(opened.reason, found.name) };
  return { ok: true, value: { own: opened.value, called: { member, file: found.name } } };
}
