import { type ReactNode, useState } from 'react';
import type { Result } from '../../../main/contracts/failure.ts';
import { useAction } from '../../store/action.ts';
import { strings } from '../../strings/index.ts';
import { SecretField } from '../../ui/field/field.tsx';
import { FormDialog } from '../../ui/form-dialog/form-dialog.tsx';

const text = strings.profiles.exportSecrets;

interface PassphraseDialogProps {
  readonly title: string;
  readonly description?: string;
  readonly action: string;
  /** A new one is typed twice. */
  readonly isNew: boolean;
  readonly onSubmit: (passphrase: string) => Promise<Result<unknown>>;
  readonly onClose: () => void;
  /** Beside the passphrase. */
  readonly children?: ReactNode;
}

export function PassphraseDialog(props: PassphraseDialogProps) {
  const { title, description, action, isNew, onSubmit, onClose, children } = props;
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const [tried, setTried] = useState(false);
  const { failure, isBusy, run } = useAction();
  const differ = isNew && passphrase !== again;
  const submit = (): void => {
    setTried(true);
    if (passphrase === '' || differ) return;
    void run(onSubmit(passphrase), onClose);
  };
  return (
    <FormDialog
      title={title}
      {...(description !== undefined && { description })}
      action={action}
      failure={failure}
      isBusy={isBusy}
      onSubmit={submit}
      onClose={onClose}
    >
      <SecretField
        label={text.passphrase}
        maxLength={1024}
        autoFocus
        value={passphrase}
        onChange={(event) => {
          setPassphrase(event.target.value);
        }}
      />
      {isNew && (
        <SecretField
          label={text.again}
          maxLength={1024}
          error={tried && differ ? text.differ : undefined}
          value={again}
          onChange={(event) => {
            setAgain(event.target.value);
          }}
        />
      )}
      {children}
    </FormDialog>
  );
}
