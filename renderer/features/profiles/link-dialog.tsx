import { useState } from 'react';
import { useAction } from '../../store/action.ts';
import { call } from '../../store/client.ts';
import { strings } from '../../strings/index.ts';
import { TextField } from '../../ui/field/field.tsx';
import { FormDialog } from '../../ui/form-dialog/form-dialog.tsx';

const text = strings.profiles.link;

export function LinkDialog({ onClose }: { readonly onClose: () => void }) {
  const [link, setLink] = useState('');
  const { failure, isBusy, run } = useAction();
  return (
    <FormDialog
      title={text.title}
      action={text.action}
      failure={failure}
      isBusy={isBusy || link === ''}
      onClose={onClose}
      onSubmit={() => {
        onClose();
        void run(call('profiles.considerImport', { text: link.trim(), source: strings.profiles.fromLink }));
      }}
    >
      <TextField
        label={text.label}
        hint={text.hint}
        autoFocus
        value={link}
        maxLength={32 * 1024}
        onChange={(event) => {
          setLink(event.target.value);
        }}
      />
    </FormDialog>
  );
}
