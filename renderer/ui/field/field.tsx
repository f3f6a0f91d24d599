import { Eye, EyeOff } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId, useState } from 'react';
import { IconButton } from '../button/button.tsx';
import { strings } from '../../strings/index.ts';
import { names } from '../names.ts';
import styles from './field.module.css';

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly className?: string;
  readonly children: (ids: {
    readonly id: string;
    readonly 'aria-describedby'?: string;
    readonly 'aria-invalid'?: true;
  }) => ReactNode;
}

/** A label, what is below it, and the words that explain it or say what is wrong with it. */
export function Field({ label, hint, error, className, children }: FieldProps) {
  const id = useId();
  const below = error ?? hint;
  return (
    <div className={names(styles.field, className)}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      {children({
        id,
        ...(below !== undefined && { 'aria-describedby': `${id}-below` }),
        ...(error !== undefined && { 'aria-invalid': true }),
      })}
      {below !== undefined && (
        <p id={`${id}-below`} className={error === undefined ? styles.hint : styles.error}>
          {below}
        </p>
      )}
    </div>
  );
}

type TextFieldProps = Omit<ComponentProps<'input'>, 'id'> & Pick<FieldProps, 'label' | 'hint' | 'error'>;

export function TextField({ label, hint, error, className, ...input }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} {...(className !== undefined && { className })}>
      {(ids) => <input autoComplete="off" spellCheck={false} {...input} {...ids} className={styles.input} />}
    </Field>
  );
}

/** Typed unseen; may be shown while it is typed. */
export function SecretField({ label, hint, error, className, ...input }: TextFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} hint={hint} error={error} {...(className !== undefined && { className })}>
      {(ids) => (
        <span className={styles.secret}>
          <input
            autoComplete="off"
            spellCheck={false}
            {...input}
            {...ids}
            type={shown ? 'text' : 'password'}
            className={names(styles.input, shown && 'mono')}
          />
          <IconButton
            label={shown ? strings.field.hide(label) : strings.field.show(label)}
            aria-pressed={shown}
            className={styles.reveal}
            onClick={() => {
              setShown(!shown);
            }}
          >
            {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
          </IconButton>
        </span>
      )}
    </Field>
  );
}

type SelectFieldProps<Value extends string> = Pick<FieldProps, 'label' | 'hint' | 'error'> & {
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly onChange: (value: Value) => void;
  readonly disabled?: boolean;
};

export function SelectField<Value extends string>({
  label,
  hint,
  error,
  value,
  options,
  onChange,
  disabled,
}: SelectFieldProps<Value>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <select
          {...ids}
          className={styles.input}
          value={value}
          disabled={disabled}
          onChange={(event) => {
            onChange(event.target.value as Value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
