import type { CertificateEntry } from '../../../../main/contracts/app-state/certificates.ts';
import type { OwnCertificateForm, Profile } from '../../../../main/contracts/profile.ts';
import { useSlice } from '../../../store/state.ts';
import { strings } from '../../../strings/index.ts';
import { SelectField } from '../../../ui/field/field.tsx';
import { hintOf } from './member-field.tsx';

const text = strings.certificates.choice;

type EapTls = NonNullable<Profile['ppp']['eapTls']>;

interface MemberProps {
  /** JSON of the member; empty for none. */
  readonly typed: string;
  readonly lockedBy: string | undefined;
  readonly error: string | undefined;
  readonly onChange: (typed: string) => void;
}

/** What the profile goes by in IKE. Not there for who has no certificate, and needs to know of none. */
export function CertificateMember(props: MemberProps) {
  const { entries } = useSlice('certificates');
  const certificate = props.typed === '' ? undefined : (JSON.parse(props.typed) as OwnCertificateForm);
  const hasOwn = entries.some(({ kind }) => kind === 'identity');
  if (!hasOwn && certificate === undefined) return null;
  return (
    <CertificateChoice
      {...props}
      {...text.ike}
      isStored={certificate !== undefined && 'stored' in certificate}
      current={certificate && labelOf(certificate)}
      typedOf={(chosen) => (chosen === undefined ? '' : JSON.stringify(chosen))}
    />
  );
}

/** What it shows in EAP-TLS; the other members of EAP-TLS stay as they are. */
export function EapTlsMember(props: MemberProps) {
  const eapTls = props.typed === '' ? {} : (JSON.parse(props.typed) as EapTls);
  const { certificate, certificateFile, authoritiesFile, serverName } = eapTls;
  const rest = {
    ...(authoritiesFile !== undefined && { authoritiesFile }),
    ...(serverName !== undefined && { serverName }),
  };
  return (
    <CertificateChoice
      {...props}
      {...text.eapTls}
      isStored={certificate !== undefined && 'stored' in certificate}
      current={certificate === undefined ? certificateFile && text.files(certificateFile) : labelOf(certificate)}
      typedOf={(chosen) => {
        const next = chosen === undefined ? rest : { certificate: chosen, ...rest };
        return Object.keys(next).length === 0 ? '' : JSON.stringify(next);
      }}
    />
  );
}

interface CertificateChoiceProps extends MemberProps {
  readonly label: string;
  readonly hint: string;
  readonly none: string;
  readonly isStored: boolean;
  /** What is chosen now, in words. */
  readonly current: string | undefined;
  readonly typedOf: (chosen: OwnCertificateForm | undefined) => string;
}

function CertificateChoice(props: CertificateChoiceProps) {
  const { typed, lockedBy, error, onChange, label, hint, none, isStored, current, typedOf } = props;
  const { entries } = useSlice('certificates');
  const own = entries.filter(({ kind }) => kind === 'identity');
  const options = [
    { value: typedOf(undefined), label: none },
    ...own.map((entry) => ({ value: typedOf(formOf(entry)), label: nameOf(entry) })),
  ];
  const isListed = options.some(({ value }) => value === typed);
  const hasAuthority = entries.some(({ kind }) => kind === 'authority');
  const words = isStored && !hasAuthority ? `${hint} ${text.noAuthority}` : hint;
  return (
    <SelectField
      label={label}
      hint={hintOf(words, lockedBy)}
      error={error}
      disabled={lockedBy !== undefined}
      value={typed}
      options={isListed ? options : [...options, { value: typed, label: current ?? none }]}
      onChange={onChange}
    />
  );
}

/** By its name, so that the profile goes on with the one that renews it; by its number where the name means another, or cannot be written. */
function formOf({ id, name, isMeantByName }: CertificateEntry): OwnCertificateForm {
  return { stored: isMeantByName && /^[^\p{C}]{1,255}$/u.test(name) ? name : id };
}

function nameOf({ name, certificate }: CertificateEntry): string {
  return text.stored(name, certificate?.notAfter.slice(0, 10) ?? '');
}

function labelOf(certificate: OwnCertificateForm): string {
  if ('stored' in certificate) return text.missing(certificate.stored);
  return text.files('pkcs12' in certificate ? certificate.pkcs12 : certificate.pem);
}
