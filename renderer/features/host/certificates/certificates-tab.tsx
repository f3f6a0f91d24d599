import { useState } from 'react';
import type { ValueTaken } from '../../../../main/contracts/ipc/index.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { Confirm } from '../../../ui/confirm/confirm.tsx';
import { Failed } from '../../../ui/failed/failed.tsx';
import { Empty } from '../../../ui/page/page.tsx';
import { useHostValue } from '../use-host-value.ts';
import { AuthorityCard } from './authority-card.tsx';
import { CreateDialog } from './create-dialog.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { IssueDialog } from './issue-dialog.tsx';
import { IssuedCard, whose, type Issued } from './issued-card.tsx';
import { OwnCard } from './own-card.tsx';
import { ServerDialog } from './server-dialog.tsx';

const text = strings.hostCertificates;

type Open =
  | { readonly dialog: 'create' | 'import' | 'server' | 'client' }
  | { readonly dialog: 'revoke'; readonly certificate: Issued };

/** The host's own authority: what it is, what the host proves itself by, and what was issued. */
export function CertificatesTab() {
  const { value, failure, reload } = useHostValue('host.authority');
  const [open, setOpen] = useState<Open>();
  const [saved, setSaved] = useState<string>();
  const show = (dialog: 'create' | 'import' | 'server' | 'client') => () => {
    setOpen({ dialog });
  };
  const close = (): void => {
    setOpen(undefined);
    reload();
  };
  return (
    <>
      <Failed failure={failure} />
      {value !== undefined && (
        <Parts
          value={value}
          show={show}
          saved={saved}
          onRevoke={(certificate) => {
            setOpen({ dialog: 'revoke', certificate });
          }}
        />
      )}
      {open?.dialog === 'create' && <CreateDialog onClose={close} />}
      {open?.dialog === 'import' && <ImportDialog onClose={close} />}
      {open?.dialog === 'server' && <ServerDialog suggested={namesOf(value)} onClose={close} />}
      {open?.dialog === 'client' && (
        <IssueDialog
          mayBeLegacy={value?.authority?.certificate.key.startsWith('RSA') === true}
          onSaved={setSaved}
          onClose={close}
        />
      )}
      {open?.dialog === 'revoke' && (
        <Confirm
          title={text.issued.revokeTitle(whose(open.certificate))}
          description={text.issued.revokeText}
          action={text.issued.revoke}
          onClose={close}
          onConfirm={() => call('host.revokeCertificate', { serial: open.certificate.serial })}
        />
      )}
    </>
  );
}

interface PartsProps {
  readonly value: ValueTaken<'host.authority'>;
  readonly saved: string | undefined;
  readonly show: (dialog: 'create' | 'import' | 'server' | 'client') => () => void;
  readonly onRevoke: (certificate: Issued) => void;
}

function Parts({ value: { authority, own }, saved, show, onRevoke }: PartsProps) {
  if (authority === undefined) {
    return (
      <>
        <Card title={text.authority.title}>
          <Empty
            title={text.none.title}
            actions={
              <>
                <Button onClick={show('import')}>{text.take.action}</Button>
                <Button kind="primary" onClick={show('create')}>
                  {text.create.action}
                </Button>
              </>
            }
          >
            {text.none.text}
          </Empty>
        </Card>
        {own.length > 0 && <OwnCard own={own} />}
      </>
    );
  }
  return (
    <>
      <AuthorityCard authority={authority} />
      <OwnCard own={own} onIssue={show('server')} />
      <IssuedCard authority={authority} saved={saved} onIssue={show('client')} onRevoke={onRevoke} />
    </>
  );
}

/** What the host's certificate holds now, else what clients dial. */
function namesOf(value: ValueTaken<'host.authority'> | undefined): readonly string[] {
  const present = value?.own.find(({ isIssuedHere }) => isIssuedHere)?.certificate.names;
  return present ?? (value === undefined || value.server === '' ? [] : [value.server]);
}
