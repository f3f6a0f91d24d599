import { isDeepStrictEqual } from 'node:util';
import { failure, type Failure } from '../../contracts/failure.ts';
import { membersOf, namesFiles, secretMembers } from '../../contracts/profile-members.ts';

/** What a profile from elsewhere may not have, however well it is written. */

/**
 * A profile that names files would have this computer read them, and tell a gateway of its choice what is in them: as a secret, as a
 * certificate, or by a signature. By the name of the member, wherever it is.
 */
export function refuseWhatNamesFiles(profile: object, file: string): Failure | undefined {
  return refuseOtherFiles(profile, [], file);
}

/** The same, but for what one of the known profiles names in the same place. */
export function refuseOtherFiles(profile: object, known: readonly object[], file: string): Failure | undefined {
  const named = known.flatMap((each) => filesNamedIn(each, ''));
  const members = filesNamedIn(profile, '').filter((member) => !named.some((each) => isDeepStrictEqual(each, member)));
  if (members.length === 0) return undefined;
  return failure('profile.namesFile', { file, members: members.map(([path]) => path).join(', ') });
}

/** By their paths. */
function filesNamedIn(value: unknown, path: string): (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const here = path === '' ? name : `${path}.${name}`;
    const isEmpty = Array.isArray(member) && member.length === 0;
    return [...(namesFiles.test(name) && !isEmpty ? [[here, member] as const] : []), ...filesNamedIn(member, here)];
  });
}

/** Secrets are kept apart from a profile in the store, and never lie in a file that anybody can read. */
export function refuseSecrets(profile: object, file: string): Failure | undefined {
  const members = membersOf(profile);
  const held = [
    ...Object.values(secretMembers).filter((path) => members.has(path)),
    ...(hasPassphrase(members.get('ipsec.certificate')) ? ['ipsec.certificate.passphrase'] : []),
    ...(hasPassphrase(certificateIn(members.get('ppp.eapTls'))) ? ['ppp.eapTls.certificate.passphrase'] : []),
  ];
  if (held.length === 0) return undefined;
  const problems = held.map((path) => `${path}: a secret is kept apart from the profile, and never in the clear`);
  return failure('profile.invalid', { file, problems: problems.join('; ') });
}

function certificateIn(eapTls: unknown): unknown {
  return typeof eapTls === 'object' && eapTls !== null && 'certificate' in eapTls ? eapTls.certificate : undefined;
}

/** Written, and not where it is: then it is asked for when the certificate is opened. */
function hasPassphrase(certificate: unknown): boolean {
  return (
    typeof certificate === 'object' &&
    certificate !== null &&
    'passphrase' in certificate &&
    typeof certificate.passphrase === 'string'
  );
}
