import { Field } from '../field/field.tsx';
import styles from './lines-field.module.css';

interface LinesFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly value: string;
  readonly disabled?: boolean;
  readonly onChange: (value: string) => void;
}

/** A list, one entry in a line. */
export function LinesField({ label, hint, error, value, disabled = false, onChange }: LinesFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <textarea
          {...ids}
          className={styles.lines}
          rows={Math.min(8, Math.max(2, value.split('\n').length))}
          spellCheck={false}
          value={value}
          disabled={disabled}
          onChange={(event) => {
            onChange(event.target.value);
          }}
        />
      )}
    </Field>
  );
}
