import { useState } from 'react';
import { serverNames } from '../../../../main/contracts/ipc/host-authority.ts';
import { useAction } from '../../../store/action.ts';
import { firstProblem } from '../../../../main/contracts/problems.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { FormDialog } from '../../../ui/form-dialog/form-dialog.tsx';
import { LinesField } from '../../../ui/lines-field/lines-field.tsx';
import { linesOf } from '../../../ui/lines-field/lines.ts';

const text = strings.hostCertificates.server;

interface ServerDialogProps {
  readonly suggested: readonly string[];
  readonly onClose: () => void;
}

export function ServerDialog({ suggested, onClose }: ServerDialogProps) {
  const [typed, setTyped] = useState(suggested.join('\n'));
  const [problem, setProblem] = useState<string>();
  const { failure, isBusy, run } = useAction();
  const submit = (): void => {
    const names = serverNames.safeParse(linesOf(typed));
    setProblem(names.success ? undefined : firstProblem(names.error));
    if (!names.success) return;
    void run(call('host.issueServer', { names: names.data }), onClose);
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
      <LinesField label={text.names} hint={text.namesHint} error={problem} value={typed} onChange={setTyped} />
    </FormDialog>
  );
}
