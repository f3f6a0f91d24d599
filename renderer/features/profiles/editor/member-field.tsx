import { strings } from '../../../strings/index.ts';
import { SelectField, TextField } from '../../../ui/field/field.tsx';
import { LinesField } from '../../../ui/lines-field/lines-field.tsx';
import { Switch } from '../../../ui/switch/switch.tsx';
import styles from '../profiles.module.css';
import { type Member, textIn, type Typed } from './members.ts';

const text = strings.profiles.editor;

interface MemberFieldProps {
  readonly member: Member;
  readonly typed: Typed;
  /** Who locked it. */
  readonly lockedBy: string | undefined;
  readonly error: string | undefined;
  readonly onChange: (typed: Typed) => void;
}

export function MemberField({ member, typed, lockedBy, error, onChange }: MemberFieldProps) {
  const isLocked = lockedBy !== undefined;
  const hint = hintOf(member.hint, lockedBy);
  const common = { label: member.label, hint, error, disabled: isLocked };
  switch (member.kind) {
    case 'switch':
      return (
        <Switch label={member.label} hint={hint} checked={typed === true} disabled={isLocked} onChange={onChange} />
      );
    case 'choice':
      return (
        <SelectField
          {...common}
          value={textIn(typed)}
          options={member.isOptional ? [{ value: '', label: text.standard }, ...member.choices] : member.choices}
          onChange={onChange}
        />
      );
    case 'lines':
      return <LinesField {...common} hint={`${hint} ${text.oneInALine}`} value={textIn(typed)} onChange={onChange} />;
    case 'identity':
      return <IdentityField {...common} typed={typed} onChange={onChange} />;
    // Has a place of its own in the form.
    case 'certificate':
    case 'number':
    case 'text':
      return (
        <TextField
          {...common}
          value={textIn(typed)}
          {...(member.kind === 'number' && { inputMode: 'numeric' as const })}
          onChange={(event) => {
            onChange(event.target.value);
          }}
        />
      );
  }
}

export function hintOf(hint: string, lockedBy: string | undefined): string {
  return lockedBy === undefined ? hint : `${text.lockedBy(lockedBy)} ${hint}`;
}

interface IdentityFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly error: string | undefined;
  readonly disabled: boolean;
  readonly typed: Typed;
  readonly onChange: (typed: Typed) => void;
}

function IdentityField({ label, hint, error, disabled, typed, onChange }: IdentityFieldProps) {
  const { kind, value } = typeof typed === 'object' ? typed : { kind: '', value: '' };
  const kinds = Object.entries(text.kinds).map(([each, name]) => ({ value: each, label: name }));
  return (
    <div className={styles.identity}>
      <SelectField
        label={text.identityKind(label)}
        value={kind}
        disabled={disabled}
        options={[{ value: '', label: text.identityNone }, ...kinds]}
        onChange={(next) => {
          onChange({ kind: next, value });
        }}
      />
      <TextField
        label={label}
        hint={hint}
        error={error}
        value={value}
        disabled={disabled || kind === ''}
        maxLength={255}
        onChange={(event) => {
          onChange({ kind, value: event.target.value });
        }}
      />
    </div>
  );
}
