import type { CertificateEntry } from '../../../../main/contracts/app-state/certificates.ts';
import type { Profile } from '../../../../main/contracts/profile.ts';
import { useSlice } from '../../../store/state.ts';
import { strings } from '../../../strings/index.ts';
import { SelectField } from '../../../ui/field/field.tsx';
import { hintOf } from './member-field.tsx';

const text = strings.certificates.choice;

type OwnCertificate = NonNullable<Profile['ipsec']['certificate']>;

interface CertificateMemberProps {
  /** JSON of the member; empty for none. */
  readonly typed: string;
  readonly lockedBy: string | undefined;
  readonly error: string | undefined;
  readonly onChange: (typed: string) => void;
}

/** One of the user's certificates, or the pre-shared key. Not there for who has none, and needs to know of none. */
export function CertificateMember({ typed, lockedBy, error, onChange }: CertificateMemberProps) {
  const { entries } = useSlice('certificates');
  const own = entries.filter(({ kind }) => kind === 'identity');
  if (own.length === 0 && typed === '') return null;
  const options = [{ value: '', label: text.none }, ...own.map((entry) => optionOf(entry, own))];
  const isListed = options.some(({ value }) => value === typed);
  const hasAuthority = entries.some(({ kind }) => kind === 'authority');
  const isStored = typed !== '' && 'stored' in (JSON.parse(typed) as OwnCertificate);
  const hint = isStored && !hasAuthority ? `${text.hint} ${text.noAuthority}` : text.hint;
  return (
    <SelectField
      label={text.label}
      hint={hintOf(hint, lockedBy)}
      error={error}
      disabled={lockedBy !== undefined}
      value={typed}
      options={isListed ? options : [...options, { value: typed, label: labelOf(typed) }]}
      onChange={onChange}
    />
  );
}

/** By its name, so that the profile goes on with the one that renews it; by its number where the name says too little. */
function optionOf(entry: CertificateEntry, own: readonly CertificateEntry[]): { value: string; label: string } {
  const { id, name, certificate } = entry;
  const isNameEnough = own.every((other) => other === entry || other.name !== name) && /^[^\p{C}]{1,255}$/u.test(name);
  const value: OwnCertificate = { stored: isNameEnough ? name : id };
  return { value: JSON.stringify(value), label: text.stored(name, certificate?.notAfter.slice(0, 10) ?? '') };
}

function labelOf(typed: string): string {
  const certificate = JSON.parse(typed) as OwnCertificate;
  if ('stored' in certificate) return text.missing(certificate.stored);
  return text.files('pkcs12' in certificate ? certificate.pkcs12 : certificate.pem);
}
