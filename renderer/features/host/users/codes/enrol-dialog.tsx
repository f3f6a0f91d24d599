import { useEffect, useState } from 'react';
import type { HostUser } from '../../../../../main/contracts/host-user.ts';
import type { Result } from '../../../../../main/contracts/failure.ts';
import type { ValueTaken } from '../../../../../main/contracts/ipc/index.ts';
import { useAction } from '../../../../store/action.ts';
import { call } from '../../../../store/client.ts';
import { strings } from '../../../../strings/index.ts';
import { TextField } from '../../../../ui/field/field.tsx';
import { FormDialog } from '../../../../ui/form-dialog/form-dialog.tsx';
import { CopyButton } from '../../command.tsx';
import styles from '../../host.module.css';
import { QrCode } from '../../qr-code.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';

const text = strings.host.users.enrol;

/** A secret for the user's telephone, which counts once its first code is typed; then the recovery codes, once. */
export function EnrolDialog({ user, onClose }: { readonly user: HostUser; readonly onClose: () => void }) {
  const { name } = user;
  const [begun, setBegun] = useState<Result<ValueTaken<'host.beginEnrolment'>>>();
  const [typed, setTyped] = useState('');
  const [recovery, setRecovery] = useState<readonly string[]>();
  const { failure, isBusy, run } = useAction();
  useEffect(() => {
    let isCurrent = true;
    void call('host.beginEnrolment', { name }).then((answered) => {
      if (isCurrent) setBegun(answered);
    });
    return () => {
      isCurrent = false;
    };
  }, [name]);
  const submit = (): void => {
    if (typed.trim() === '') return;
    void run(call('host.confirmEnrolment', { name, code: typed }), (enrolled) => {
      setRecovery(enrolled.recovery);
    });
  };
  if (recovery !== undefined) return <RecoveryCodes name={name} recovery={recovery} onClose={onClose} />;
  return (
    <FormDialog
      title={text.title(name)}
      description={user.oneTimeCode === undefined ? text.text : `${text.text} ${text.again}`}
      action={text.action}
      failure={begun?.ok === false ? begun.failure : failure}
      isBusy={isBusy || typed.trim() === ''}
      onSubmit={submit}
      onClose={onClose}
    >
      {begun?.ok === true && (
        <>
          <QrCode rows={begun.value.code} label={text.code} />
          <p className="muted">{text.secret}</p>
          <p className={styles.secret}>
            <span className="selectable mono">{begun.value.secret}</span>
            <CopyButton
              label={strings.host.clients.copy(text.secretName)}
              value={begun.value.secret.replaceAll(' ', '')}
            />
          </p>
          <TextField
            label={text.first}
            hint={text.firstHint}
            inputMode="numeric"
            maxLength={32}
            autoFocus
            autoComplete="one-time-code"
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
            }}
          />
        </>
      )}
    </FormDialog>
  );
}
