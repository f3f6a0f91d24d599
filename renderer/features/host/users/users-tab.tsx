import { EllipsisVertical } from 'lucide-react';
import { useState } from 'react';
import type { HostUser } from '../../../../main/contracts/host-user.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { Button, IconButton } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { Menu } from '../../../ui/menu/menu.tsx';
import { Empty } from '../../../ui/page/page.tsx';
import { Table } from '../../../ui/table/table.tsx';
import { Confirm } from '../../../ui/confirm/confirm.tsx';
import { Failed } from '../../../ui/failed/failed.tsx';
import { useHostValue } from '../use-host-value.ts';
import { useAction } from '../../../store/action.ts';
import { PasswordDialog } from './password-dialog.tsx';
import { UserDialog } from './user-dialog.tsx';
import { EnrolDialog } from './codes/enrol-dialog.tsx';
import { AskForCodes } from './codes/ask-for-codes.tsx';
import { RenewDialog } from './codes/renew-dialog.tsx';

const text = strings.host.users;

/** What is open above the list. */
type OfUser = 'edit' | 'password' | 'remove' | 'enrol' | 'renew' | 'removeCodes';
type Open = { readonly dialog: 'add' } | { readonly dialog: OfUser; readonly user: HostUser };

function stateOf({ disabled, expiresAt, mustChangePassword }: HostUser): string {
  if (disabled) return text.states.disabled;
  if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()) return text.states.expired;
  return mustChangePassword ? text.states.passwordExpired : text.states.enabled;
}

const columns = [
  { title: text.name, cell: ({ name }: HostUser) => name },
  { title: text.state, cell: stateOf },
  { title: text.groups, cell: ({ groups }: HostUser) => groups.join(', ') || '–' },
  {
    title: text.codes,
    cell: ({ oneTimeCode }: HostUser) => (oneTimeCode === undefined ? '–' : text.codesOf(oneTimeCode.recoveryCodes)),
  },
];

export function UsersTab() {
  const { value: users, failure, reload } = useHostValue('host.users');
  const [open, setOpen] = useState<Open>();
  const changing = useAction();
  const close = (): void => {
    setOpen(undefined);
    reload();
  };
  const setDisabled = (name: string, disabled: boolean): void => {
    void changing.run(call('host.changeUser', { name, changes: { disabled } })).then(reload);
  };
  const add = (
    <Button
      kind="primary"
      onClick={() => {
        setOpen({ dialog: 'add' });
      }}
    >
      {text.add}
    </Button>
  );
  return (
    <Card title={text.title} aside={add}>
      <Failed failure={failure ?? changing.failure} />
      {users?.length === 0 && <Empty title={text.none.title}>{text.none.text}</Empty>}
      {users !== undefined && users.length > 0 && (
        <Table
          label={text.title}
          columns={columns}
          rows={users as readonly HostUser[]}
          keyOf={({ name }) => name}
          actions={(user) => <UserMenu user={user} onOpen={setOpen} onDisable={setDisabled} />}
        />
      )}
      {users?.some(({ oneTimeCode }) => oneTimeCode !== undefined) === true && <AskForCodes />}
      {open?.dialog === 'add' && <UserDialog onClose={close} />}
      {open?.dialog === 'edit' && <UserDialog user={open.user} onClose={close} />}
      {open?.dialog === 'password' && <PasswordDialog name={open.user.name} onClose={close} />}
      {open?.dialog === 'enrol' && <EnrolDialog user={open.user} onClose={close} />}
      {open?.dialog === 'renew' && <RenewDialog name={open.user.name} onClose={close} />}
      {open?.dialog === 'removeCodes' && (
        <Confirm
          title={text.removeCodesTitle(open.user.name)}
          description={text.removeCodesText}
          action={text.removeAction}
          onClose={close}
          onConfirm={() => call('host.removeCodes', { name: open.user.name })}
        />
      )}
      {open?.dialog === 'remove' && (
        <Confirm
          title={text.removeTitle(open.user.name)}
          description={text.removeText}
          action={text.removeAction}
          onClose={close}
          onConfirm={() => call('host.removeUser', { name: open.user.name })}
        />
      )}
    </Card>
  );
}

interface UserMenuProps {
  readonly user: HostUser;
  readonly onOpen: (open: Open) => void;
  readonly onDisable: (name: string, disabled: boolean) => void;
}

function UserMenu({ user, onOpen, onDisable }: UserMenuProps) {
  const open = (dialog: OfUser) => () => {
    onOpen({ dialog, user });
  };
  return (
    <Menu
      trigger={
        <IconButton label={text.more(user.name)}>
          <EllipsisVertical aria-hidden />
        </IconButton>
      }
      items={[
        { label: text.editAction, onPick: open('edit') },
        { label: text.passwordAction, onPick: open('password') },
        ...(user.oneTimeCode === undefined
          ? [{ label: text.enrolAction, onPick: open('enrol') }]
          : [
              { label: text.enrolAgainAction, onPick: open('enrol') },
              { label: text.renewAction, onPick: open('renew') },
              { label: text.removeCodesAction, danger: true, onPick: open('removeCodes') },
            ]),
        {
          label: user.disabled ? text.enableAction : text.disableAction,
          onPick: () => {
            onDisable(user.name, !user.disabled);
          },
        },
        { label: text.removeAction, danger: true, onPick: open('remove') },
      ]}
    />
  );
}
