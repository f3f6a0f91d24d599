import { EllipsisVertical } from 'lucide-react';
import { useState } from 'react';
import type { CertificateEntry } from '../../../main/contracts/app-state/certificates.ts';
import { useAction } from '../../store/action.ts';
import { call } from '../../store/client.ts';
import { strings } from '../../strings/index.ts';
import { IconButton } from '../../ui/button/button.tsx';
import { Confirm } from '../../ui/confirm/confirm.tsx';
import { Failed } from '../../ui/failed/failed.tsx';
import { Menu } from '../../ui/menu/menu.tsx';
import { Switch } from '../../ui/switch/switch.tsx';
import { PassphraseDialog } from '../passphrase/passphrase-dialog.tsx';

const text = strings.certificates;

interface CertificateMenuProps {
  readonly entry: CertificateEntry;
  readonly onSaid: (said: string) => void;
}

/** What can be done with one, and the questions before. */
export function CertificateMenu({ entry, onSaid }: CertificateMenuProps) {
  const { id, kind, name, usedBy } = entry;
  const [asking, setAsking] = useState<'export' | 'remove'>();
  const { failure, run } = useAction();
  const ask = (what: typeof asking) => () => {
    setAsking(what);
  };
  const close = (): void => {
    setAsking(undefined);
  };
  const exportPublic = async () => {
    const written = await call('certificates.exportPublic', { id });
    if (written.ok && written.value) onSaid(text.exported);
    return written;
  };
  const remove = async () => {
    const removed = await call('certificates.remove', { id });
    if (removed.ok) onSaid(text.removed(name));
    return removed;
  };
  const items = [
    ...(kind === 'identity' ? [{ label: text.actions.export, onPick: ask('export') }] : []),
    {
      label: kind === 'request' ? text.actions.exportRequest : text.actions.exportPublic,
      onPick: () => void run(exportPublic()),
    },
    { label: text.actions.remove, danger: true, onPick: ask('remove') },
  ];
  const what = { identity: text.remove.own, request: text.remove.request, authority: text.remove.authority }[kind];
  return (
    <>
      <Menu
        trigger={
          <IconButton label={text.actions.of(name)}>
            <EllipsisVertical aria-hidden />
          </IconButton>
        }
        items={items}
      />
      <Failed failure={failure} />
      {asking === 'export' && <ExportDialog entry={entry} onSaid={onSaid} onClose={close} />}
      {asking === 'remove' && (
        <Confirm
          title={text.remove.title(name)}
          description={usedBy.length === 0 ? what : `${text.remove.usedBy(usedBy)} ${what}`}
          action={text.remove.action}
          onConfirm={remove}
          onClose={close}
        />
      )}
    </>
  );
}

function ExportDialog({ entry, onSaid, onClose }: CertificateMenuProps & { readonly onClose: () => void }) {
  const { id, name, certificate } = entry;
  const [isLegacy, setLegacy] = useState(false);
  return (
    <PassphraseDialog
      title={text.exportKey.title(name)}
      description={text.exportKey.text}
      action={text.exportKey.action}
      isNew
      onSubmit={async (passphrase) => {
        const encryption = isLegacy ? 'legacy' : 'modern';
        const written = await call('certificates.export', { id, passphrase, encryption });
        if (written.ok && written.value) onSaid(text.exported);
        return written;
      }}
      onClose={onClose}
    >
      {certificate?.key.startsWith('RSA') === true && (
        <Switch
          label={text.exportKey.legacy}
          hint={text.exportKey.legacyHint}
          checked={isLegacy}
          onChange={setLegacy}
        />
      )}
    </PassphraseDialog>
  );
}
