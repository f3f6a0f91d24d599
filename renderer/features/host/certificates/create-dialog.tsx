import { useState } from 'react';
import { newAuthority } from '../../../../main/contracts/ipc/host-authority.ts';
import { useAction } from '../../../store/action.ts';
import { firstProblem } from '../../../../main/contracts/problems.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { SelectField, TextField } from '../../../ui/field/field.tsx';
import { FormDialog } from '../../../ui/form-dialog/form-dialog.tsx';

const text = strings.hostCertificates.create;
const keys = [
  { value: 'rsa', label: text.keys.rsa },
  { value: 'ecdsa', label: text.keys.ecdsa },
] as const;

export function CreateDialog({ onClose }: { readonly onClose: () => void }) {
  const [organization, setOrganization] = useState('');
  const [key, setKey] = useState<'rsa' | 'ecdsa'>('rsa');
  const [problem, setProblem] = useState<string>();
  const { failure, isBusy, run } = useAction();
  const submit = (): void => {
    const named = organization.trim();
    const checked = newAuthority.safeParse({ key, ...(named !== '' && { organization: named }) });
    setProblem(checked.success ? undefined : firstProblem(checked.error));
    if (!checked.success) return;
    void run(call('host.createAuthority', checked.data), onClose);
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
      <TextField
        label={text.organization}
        hint={text.organizationHint}
        error={problem}
        value={organization}
        onChange={(event) => {
          setOrganization(event.target.value);
        }}
      />
      <SelectField label={text.key} value={key} options={keys} onChange={setKey} />
    </FormDialog>
  );
}
