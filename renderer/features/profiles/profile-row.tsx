import { Ellipsis, Lock } from 'lucide-react';
import { useState } from 'react';
import type { ProfileEntry } from '../../../main/contracts/app-state/profiles.ts';
import { useAction } from '../../store/action.ts';
import { call } from '../../store/client.ts';
import { strings } from '../../strings/index.ts';
import { IconButton } from '../../ui/button/button.tsx';
import { Confirm } from '../../ui/confirm/confirm.tsx';
import { copyText } from '../../ui/copy-text.ts';
import { Failed } from '../../ui/failed/failed.tsx';
import { Menu } from '../../ui/menu/menu.tsx';
import { PassphraseDialog } from '../passphrase/passphrase-dialog.tsx';
import styles from './profiles.module.css';

const text = strings.profiles;

interface ProfileRowProps {
  readonly entry: ProfileEntry;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onEdit: () => void;
  readonly onMove: (by: -1 | 1) => void;
  /** Something went well that nobody sees. */
  readonly onSaid: (said: string) => void;
}

export function ProfileRow({ entry, isFirst, isLast, onEdit, onMove, onSaid }: ProfileRowProps) {
  const { id, name, gateway, user, managedBy, isComputers = false } = entry;
  const [asking, setAsking] = useState<'remove' | 'export'>();
  const { failure, run } = useAction();
  const isManaged = managedBy !== undefined;
  const exportTo = async (passphrase: string | undefined) => {
    const written = await call('profiles.export', { id, ...(passphrase !== undefined && { passphrase }) });
    if (written.ok && written.value) onSaid(text.exported);
    return written;
  };
  const copyLink = async () => {
    const link = await call('profiles.link', { id });
    if (link.ok && copyText(link.value)) onSaid(text.linkCopied);
    return link;
  };
  const items = [
    { label: text.actions.edit, onPick: onEdit },
    { label: text.actions.duplicate, disabled: isManaged, onPick: () => void run(call('profiles.duplicate', { id })) },
    {
      label: text.actions.up,
      disabled: isFirst,
      onPick: () => {
        onMove(-1);
      },
    },
    {
      label: text.actions.down,
      disabled: isLast,
      onPick: () => {
        onMove(1);
      },
    },
    { label: text.actions.export, disabled: isComputers, onPick: () => void run(exportTo(undefined)) },
    {
      label: text.actions.exportWithSecrets,
      disabled: isManaged,
      onPick: () => {
        setAsking('export');
      },
    },
    { label: text.actions.copyLink, disabled: isComputers, onPick: () => void run(copyLink()) },
    {
      label: text.actions.remove,
      danger: true,
      disabled: isComputers,
      onPick: () => {
        setAsking('remove');
      },
    },
  ];
  const close = (): void => {
    setAsking(undefined);
  };
  return (
    <li className={styles.row}>
      <button type="button" className={styles.open} onClick={onEdit}>
        <span className={styles.name}>{name}</span>
        <span className={styles.detail}>{text.detail(gateway, user)}</span>
        {managedBy !== undefined && (
          <span className={styles.managed}>
            <Lock aria-hidden />
            {text.managedBy(managedBy)}
          </span>
        )}
      </button>
      <Menu
        trigger={
          <IconButton label={text.actions.of(name)}>
            <Ellipsis aria-hidden />
          </IconButton>
        }
        items={items}
      />
      <Failed failure={failure} />
      {asking === 'remove' && (
        <Confirm
          title={text.remove.title(name)}
          description={text.remove.text}
          action={text.remove.action}
          onConfirm={() => call('profiles.remove', { id })}
          onClose={close}
        />
      )}
      {asking === 'export' && (
        <PassphraseDialog
          title={text.exportSecrets.title}
          description={text.exportSecrets.text}
          action={text.exportSecrets.action}
          isNew
          onSubmit={exportTo}
          onClose={close}
        />
      )}
    </li>
  );
}
