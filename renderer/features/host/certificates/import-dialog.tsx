import { useState } from 'react';
import { useAction } from '../../../store/action.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { SecretField } from '../../../ui/field/field.tsx';
import { FormDialog } from '../../../ui/form-dialog/form-dialog.tsx';

const text = strings.hostCertificates.take;

export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const [passphrase, setPassphrase] = useState('');
  const { failure, isBusy, run } = useAction();
  const submit = (): void => {
    const asked = call('host.importAuthority', passphrase === '' ? {} : { passphrase });
    void run(asked, (isTaken) => {
      if (isTaken) onClose();
    });
  };
  return (
    <FormDialog
      title={text.title}
      description={text.text}
      action={text.submit}
      failure={failure}
      isBusy={isBusy}
      onSubmit={submit}
      onClose={onClose}
    >
      <SecretField
        label={text.passphrase}
        hint={text.passphraseHint}
        maxLength={1024}
        value={passphrase}
        onChange={(event) => {
          setPassphrase(event.target.value);
        }}
      />
    </FormDialog>
  );
}
