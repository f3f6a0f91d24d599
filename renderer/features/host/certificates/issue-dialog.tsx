import { useState } from 'react';
import { newClientCertificate } from '../../../../main/contracts/ipc/host-authority.ts';
import { useAction } from '../../../store/action.ts';
import { problemsByKey } from '../../../../main/contracts/problems.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { SecretField, SelectField, TextField } from '../../../ui/field/field.tsx';
import { FormDialog } from '../../../ui/form-dialog/form-dialog.tsx';
import { Switch } from '../../../ui/switch/switch.tsx';
import { useHostValue } from '../use-host-value.ts';

const text = strings.hostCertificates.client;

interface IssueDialogProps {
  /** Only RSA keys fit into the encryption of old. */
  readonly mayBeLegacy: boolean;
  readonly onSaved: (path: string | undefined) => void;
  readonly onClose: () => void;
}

const nothing = { user: '', device: '', days: '365', passphrase: '', again: '', legacy: false };
type Typed = typeof nothing;
type TextMember = Exclude<keyof Typed, 'legacy'>;

function wantedOf({ user, device, days, passphrase, legacy }: Typed) {
  const machine = device.trim();
  return { user, days: Number(days), passphrase, legacy, ...(machine !== '' && { device: machine }) };
}

function problemsOf(typed: Typed): Readonly<Record<string, string>> {
  const checked = newClientCertificate.safeParse(wantedOf(typed));
  return {
    ...(!checked.success && problemsByKey(checked.error, ([member]) => String(member))),
    ...(typed.passphrase === '' && { passphrase: text.empty }),
    ...(typed.passphrase !== typed.again && { again: text.differ }),
  };
}

/** A certificate for a user, into a file that the user of this computer picks. */
export function IssueDialog({ mayBeLegacy, onSaved, onClose }: IssueDialogProps) {
  const { value: users } = useHostValue('host.users');
  const [typed, setTyped] = useState<Typed>(nothing);
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({});
  const { failure, isBusy, run } = useAction();
  const set = (members: Partial<Typed>): void => {
    setTyped((before) => ({ ...before, ...members }));
  };
  const whole = { ...typed, user: typed.user === '' ? (users?.[0]?.name ?? '') : typed.user };
  const field = (member: TextMember) => ({
    value: typed[member],
    error: problems[member],
    onChange: (event: { readonly target: { readonly value: string } }) => {
      set({ [member]: event.target.value });
    },
  });
  const submit = (): void => {
    const found = problemsOf(whole);
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    void run(call('host.issueClient', wantedOf(whole)), (path) => {
      if (path === undefined) return;
      onSaved(path);
      onClose();
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
      <SelectField
        label={text.user}
        error={problems['user']}
        value={whole.user}
        options={users?.map(({ name }) => ({ value: name, label: name })) ?? []}
        onChange={(user) => {
          set({ user });
        }}
      />
      <TextField label={text.device} hint={text.deviceHint} maxLength={64} {...field('device')} />
      <TextField label={text.days} inputMode="numeric" {...field('days')} />
      <SecretField label={text.passphrase} autoComplete="new-password" {...field('passphrase')} />
      <SecretField label={text.again} autoComplete="new-password" {...field('again')} />
      {mayBeLegacy && (
        <Switch
          label={text.legacy}
          hint={text.legacyHint}
          checked={typed.legacy}
          onChange={(legacy) => {
            set({ legacy });
          }}
        />
      )}
    </FormDialog>
  );
}
