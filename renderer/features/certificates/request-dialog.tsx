import { useState } from 'react';
import { newRequest } from '../../../main/contracts/certificates.ts';
import { problemsOf } from '../../../main/contracts/problems.ts';
import { useAction } from '../../store/action.ts';
import { call } from '../../store/client.ts';
import { strings } from '../../strings/index.ts';
import { SelectField, TextField } from '../../ui/field/field.tsx';
import { FormDialog } from '../../ui/form-dialog/form-dialog.tsx';
import { LinesField } from '../../ui/lines-field/lines-field.tsx';
import { linesOf } from '../../ui/lines-field/lines.ts';

const text = strings.certificates.requestForm;

interface RequestDialogProps {
  readonly onSaid: (said: string) => void;
  readonly onClose: () => void;
}

export function RequestDialog({ onSaid, onClose }: RequestDialogProps) {
  const [typed, setTyped] = useState({ commonName: '', organization: '', names: '' });
  const [key, setKey] = useState<'rsa' | 'ecdsa'>('rsa');
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({});
  const { failure, isBusy, run } = useAction();
  const set = (members: Partial<typeof typed>): void => {
    setTyped((before) => ({ ...before, ...members }));
  };
  const submit = (): void => {
    const organization = typed.organization.trim();
    const wanted = newRequest.safeParse({
      commonName: typed.commonName.trim(),
      ...(organization !== '' && { organization }),
      names: linesOf(typed.names.trim()),
      key,
    });
    // A problem of an entry is its list's.
    const found = wanted.success ? [] : problemsOf(wanted.error);
    setProblems(Object.fromEntries(found.map(({ path, text: what }) => [path.split('.')[0] ?? path, what])));
    if (!wanted.success) return;
    void run(call('certificates.request', wanted.data), (isWritten) => {
      if (isWritten) onSaid(strings.certificates.requested);
      onClose();
    });
  };
  return (
    <FormDialog
      title={text.title}
      description={text.text}
      action={text.action}
      failure={failure}
      isBusy={isBusy}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label={text.commonName}
        hint={text.commonNameHint}
        error={problems['commonName']}
        autoFocus
        value={typed.commonName}
        onChange={(event) => {
          set({ commonName: event.target.value });
        }}
      />
      <TextField
        label={text.organization}
        error={problems['organization']}
        value={typed.organization}
        onChange={(event) => {
          set({ organization: event.target.value });
        }}
      />
      <LinesField
        label={text.names}
        hint={text.namesHint}
        error={problems['names']}
        value={typed.names}
        onChange={(names) => {
          set({ names });
        }}
      />
      <SelectField
        label={text.key}
        value={key}
        options={(['rsa', 'ecdsa'] as const).map((value) => ({ value, label: text.keys[value] }))}
        onChange={setKey}
      />
    </FormDialog>
  );
}
