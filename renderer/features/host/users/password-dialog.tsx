import { useState } from 'react';
import { hostPassword } from '../../../../main/contracts/host-user.ts';
import { firstProblem } from '../../../../main/contracts/problems.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { SecretField } from '../../../ui/field/field.tsx';
import { FormDialog } from '../../../ui/form-dialog/form-dialog.tsx';
import { useAction } from '../../../store/action.ts';

const text = strings.host.users;

export function PasswordDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string>();
  const { failure, isBusy, run } = useAction();
  const submit = (): void => {
    const checked = hostPassword.safeParse(password);
    setProblem(checked.success ? undefined : firstProblem(checked.error));
    if (!checked.success) return;
    void run(call('host.setPassword', { name, password }), onClose);
  };
  return (
    <FormDialog
      title={text.passwordFor(name)}
      action={text.save}
      failure={failure}
      isBusy={isBusy}
      onSubmit={submit}
      onClose={onClose}
    >
      <SecretField
        label={text.newPassword}
        error={problem}
        autoComplete="new-password"
        value={password}
        onChange={(event) => {
          setPassword(event.target.value);
        }}
      />
    </FormDialog>
  );
}
