import { resolve } from 'node:path';
import { largestFileBytes, pemText } from '../../certificates/index.ts';
import { readBounded } from '../../files/read-bounded.ts';
import { failure, type Result } from '../../contracts/failure.ts';
import type { OwnCertificateForm, Profile } from '../../contracts/profile.ts';
import type { TlsSettings } from '../eap-tls/channel.ts';
import { believed, type CertificatePlaces, openOwn } from './client.ts';
import { outOfTime } from './own.ts';
import { readAuthorities } from './trust.ts';

export type ClientTls = Extract<TlsSettings, { role: 'client' }>;

/** The certificate that a profile shows in EAP-TLS: one for EAP-TLS, or else that of IKE. Absent where it names files of PEM. */
export function eapTlsCertificate({ ppp: { eapTls }, ipsec }: Profile): OwnCertificateForm | undefined {
  return eapTls?.certificate ?? (eapTls?.certificateFile === undefined ? ipsec.certificate : undefined);
}

/** Where the profile names it. */
export function eapTlsMember({ ppp: { eapTls } }: Profile): string {
  return eapTls?.certificate === undefined ? 'ipsec.certificate' : 'ppp.eapTls.certificate';
}

/** What a profile shows and believes in EAP-TLS; `undefined`: it does not go by it. */
export async function clientTls(profile: Profile, places: CertificatePlaces): Promise<Result<ClientTls | undefined>> {
  const { ppp, gateway } = profile;
  if (!ppp.authentication.includes('eap-tls')) return { ok: true, value: undefined };
  const identity = await identityOf(profile, places);
  if (!identity.ok) return identity;
  const authorities = authoritiesOf(profile, places);
  if (!authorities.ok) return authorities;
  const serverName = ppp.eapTls?.serverName ?? gateway;
  return { ok: true, value: { role: 'client', ...identity.value, authorities: authorities.value, serverName } };
}

async function identityOf(
  profile: Profile,
  places: CertificatePlaces,
): Promise<Result<Pick<ClientTls, 'certificate' | 'key'>>> {
  const certificate = eapTlsCertificate(profile);
  if (certificate === undefined) return filesOfPem(profile, places);
  const opened = await openOwn(certificate, places, eapTlsMember(profile));
  if (!opened.ok) return opened;
  const { chain, key, summary } = opened.value.own;
  const over = outOfTime(summary, Date.now());
  if (over !== undefined) return { ok: false, failure: over };
  const pem = chain.map((der) => pemText('CERTIFICATE', der)).join('');
  return { ok: true, value: { certificate: pem, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() } };
}

function filesOfPem(
  { ppp: { eapTls } }: Profile,
  places: CertificatePlaces,
): Result<Pick<ClientTls, 'certificate' | 'key'>> {
  const certificate = readText(eapTls?.certificateFile ?? '', places, false);
  if (!certificate.ok) return certificate;
  const key = readText(eapTls?.keyFile ?? '', places, true);
  return key.ok ? { ok: true, value: { certificate: certificate.value, key: key.value } } : key;
}

/** Those of EAP-TLS, else those of IKE; with a certificate of the user's, else the one that it is under. */
function authoritiesOf(profile: Profile, places: CertificatePlaces): Result<string> {
  const { ppp, ipsec } = profile;
  if (ppp.eapTls?.authoritiesFile !== undefined) return readText(ppp.eapTls.authoritiesFile, places, false);
  const named = readAuthorities(ipsec.trust, places.folder, 'ipsec.trust');
  if (!named.ok) return named;
  const ders = believed(named.value, eapTlsCertificate(profile), places, eapTlsMember(profile));
  return ders.ok ? { ok: true, value: ders.value.map((der) => pemText('CERTIFICATE', der)).join('') } : ders;
}

function readText(name: string, { folder }: CertificatePlaces, isSecret: boolean): Result<string> {
  const path = resolve(folder, name);
  const refuse = (reason: string): Result<never> => ({
    ok: false,
    failure: failure('certificate.unusable', { what: `file ${path}`, reason }),
  });
  const read = readBounded(path, largestFileBytes);
  if (!read.ok) return refuse(read.detail);
  if (isSecret && read.exposure !== undefined) return refuse(`it ${read.exposure}`);
  return { ok: true, value: Buffer.from(read.bytes).toString('utf8') };
}
