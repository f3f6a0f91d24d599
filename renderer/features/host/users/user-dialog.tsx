import { useState } from 'react';
import { hostPassword, hostUser, type HostUser } from '../../../../main/contracts/host-user.ts';
import { firstProblem, problemsByKey } from '../../../../main/contracts/problems.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { SecretField, TextField } from '../../../ui/field/field.tsx';
import { LinesField } from '../../../ui/lines-field/lines-field.tsx';
import { Switch } from '../../../ui/switch/switch.tsx';
import { FormDialog } from '../../../ui/form-dialog/form-dialog.tsx';
import { useHostValue } from '../use-host-value.ts';
import { useAction } from '../../../store/action.ts';
import { GroupsOfUser } from './groups-of-user.tsx';
import { lastDayOf, membersOf, typedOf, type Typed } from './typed-user.ts';

const text = strings.host.users;

/** Adds a user, or changes one. Of one that is there only what the form shows is sent: the rest stays as it is. */
export function UserDialog({ user, onClose }: { readonly user?: HostUser; readonly onClose: () => void }) {
  const [typed, setTyped] = useState<Typed>(() => typedOf(user));
  const [password, setPassword] = useState('');
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({});
  const { failure, isBusy, run } = useAction();
  const { value: known } = useHostValue('host.groups');
  const set = (members: Partial<Typed>): void => {
    setTyped((before) => ({ ...before, ...members }));
  };
  const submit = (): void => {
    const members = membersOf(typed);
    const found = problemsOf(typed.name, members, user === undefined ? password : undefined);
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    const { address = null, sessions = null, expiresAt = null, hours = null, ...rest } = members;
    const changes = {
      ...rest,
      address,
      sessions,
      hours,
      // A time of day that somebody set elsewhere is kept.
      ...(typed.lastDay === lastDayOf(user?.expiresAt) ? {} : { expiresAt }),
    };
    const asked =
      user === undefined
        ? call('host.addUser', { user: { name: typed.name, ...members }, password })
        : call('host.changeUser', { name: user.name, changes });
    void run(asked, onClose);
  };
  return (
    <FormDialog
      title={user === undefined ? text.add : text.edit(user.name)}
      action={user === undefined ? text.add : text.save}
      failure={failure}
      isBusy={isBusy}
      onSubmit={submit}
      onClose={onClose}
    >
      {user === undefined && (
        <>
          <TextField
            label={text.name}
            hint={text.nameHint}
            error={problems['name']}
            value={typed.name}
            onChange={(event) => {
              set({ name: event.target.value });
            }}
          />
          <SecretField
            label={text.password}
            error={problems['password']}
            autoComplete="new-password"
            value={password}
            onChange={(event) => {
              setPassword(event.target.value);
            }}
          />
        </>
      )}
      <GroupsOfUser
        known={known?.groups.map(({ name }) => name) ?? []}
        chosen={typed.groups}
        onChange={(groups) => {
          set({ groups });
        }}
      />
      <TextField
        label={text.address}
        hint={text.addressHint}
        error={problems['address']}
        value={typed.address}
        onChange={(event) => {
          set({ address: event.target.value.trim() });
        }}
      />
      <TextField
        label={text.sessions}
        hint={text.sessionsHint}
        error={problems['sessions']}
        inputMode="numeric"
        value={typed.sessions}
        onChange={(event) => {
          set({ sessions: event.target.value.trim() });
        }}
      />
      <TextField
        label={text.expires}
        hint={text.expiresHint}
        error={problems['expiresAt']}
        type="date"
        value={typed.lastDay}
        onChange={(event) => {
          set({ lastDay: event.target.value });
        }}
      />
      <LinesField
        label={text.hours}
        hint={text.hoursHint}
        error={problems['hours']}
        value={typed.hours}
        onChange={(hours) => {
          set({ hours });
        }}
      />
      {typed.hours.trim() !== '' && (
        <TextField
          label={text.timeZone}
          hint={text.timeZoneHint}
          error={problems['timeZone']}
          value={typed.timeZone}
          onChange={(event) => {
            set({ timeZone: event.target.value });
          }}
        />
      )}
      <LinesField
        label={text.networks}
        hint={text.networksHint}
        error={problems['networks']}
        value={typed.networks}
        onChange={(networks) => {
          set({ networks });
        }}
      />
      <Switch
        label={text.mustChange}
        checked={typed.mustChangePassword}
        onChange={(mustChangePassword) => {
          set({ mustChangePassword });
        }}
      />
      <Switch
        label={text.disabled}
        hint={text.disabledHint}
        checked={typed.disabled}
        onChange={(disabled) => {
          set({ disabled });
        }}
      />
    </FormDialog>
  );
}

/** @param password  of a new user */
function problemsOf(
  name: string,
  members: ReturnType<typeof membersOf>,
  password: string | undefined,
): Readonly<Record<string, string>> {
  const checked = hostUser.safeParse({ name, ...members });
  const problems = checked.success ? {} : problemsByKey(checked.error, fieldOf);
  const typedPassword = password === undefined ? undefined : hostPassword.safeParse(password);
  return {
    ...problems,
    ...('hours' in problems && { hours: text.hoursWrong }),
    ...(typedPassword?.success === false && { password: firstProblem(typedPassword.error) }),
  };
}

/** Hours are typed into one field, but for their time zone. */
const fieldOf = ([member, part]: readonly PropertyKey[]): string =>
  part === 'timeZone' ? 'timeZone' : String(member ?? '');
