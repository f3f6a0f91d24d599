import { useState } from 'react';
import type { CertificateEntry } from '../../../main/contracts/app-state/certificates.ts';
import { expiring } from '../../../main/contracts/certificate-expiry.ts';
import { useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { Card } from '../../ui/card/card.tsx';
import { Notice } from '../../ui/notice/notice.tsx';
import { Empty, Page } from '../../ui/page/page.tsx';
import { Table } from '../../ui/table/table.tsx';
import { CertificateMenu } from './certificate-menu.tsx';
import styles from './certificates.module.css';
import { ImportButton } from './import-button.tsx';
import { RequestDialog } from './request-dialog.tsx';
import { standingText } from './standing.ts';

const text = strings.certificates;

export function CertificatesPage() {
  const { entries, damaged } = useSlice('certificates');
  const [said, setSaid] = useState<string>();
  const [isRequesting, setRequesting] = useState(false);
  const own = entries.filter(({ kind }) => kind !== 'authority');
  const authorities = entries.filter(({ kind }) => kind === 'authority');
  const actions = (
    <>
      <Button
        onClick={() => {
          setRequesting(true);
        }}
      >
        {text.request}
      </Button>
      <ImportButton onSaid={setSaid} />
    </>
  );
  return (
    <Page title={text.title} actions={actions}>
      {said !== undefined && <Notice kind="good" title={said} />}
      <Warnings />
      {damaged.map((file) => (
        <Notice key={file} kind="warning" title={text.damaged(file)} />
      ))}
      {entries.length === 0 && <Empty title={text.none.title}>{text.none.text}</Empty>}
      {own.length > 0 && (
        <Card title={text.own}>
          <CertificateTable label={text.own} entries={own} onSaid={setSaid} />
        </Card>
      )}
      {authorities.length > 0 && (
        <Card title={text.authorities}>
          <p className={styles.introduction}>{text.authoritiesText}</p>
          <CertificateTable label={text.authorities} entries={authorities} onSaid={setSaid} />
        </Card>
      )}
      {isRequesting && (
        <RequestDialog
          onSaid={setSaid}
          onClose={() => {
            setRequesting(false);
          }}
        />
      )}
    </Page>
  );
}

/** What needs something done, before anything else. */
function Warnings() {
  const { entries, at } = useSlice('certificates');
  const ending = expiring(entries, at);
  if (ending.length === 0) return null;
  return (
    <Notice kind="warning" title={text.warning.title(ending.length)}>
      {ending.map((entry) => (
        <p key={entry.id}>{text.warning.one(entry.name, standingText(entry, at))}</p>
      ))}
      <p>{text.warning.fix}</p>
    </Notice>
  );
}

interface CertificateTableProps {
  readonly label: string;
  readonly entries: readonly CertificateEntry[];
  readonly onSaid: (said: string) => void;
}

const columns = [
  { title: text.columns.owner, cell: (entry: CertificateEntry) => <Owner entry={entry} /> },
  { title: text.columns.issuer, cell: ({ certificate }: CertificateEntry) => certificate?.issuer ?? '–' },
  { title: text.columns.until, cell: (entry: CertificateEntry) => <Until entry={entry} /> },
  { title: text.columns.usedBy, cell: ({ usedBy }: CertificateEntry) => usedBy.join(', ') || '–' },
];

function CertificateTable({ label, entries, onSaid }: CertificateTableProps) {
  return (
    <Table
      label={label}
      columns={columns}
      rows={entries}
      keyOf={({ id }) => id}
      actions={(entry) => <CertificateMenu entry={entry} onSaid={onSaid} />}
    />
  );
}

/** Two of one name are told by their numbers. */
function Owner({ entry: { id, name, certificate } }: { readonly entry: CertificateEntry }) {
  return (
    <span className={styles.owner}>
      <strong>{name}</strong>
      <span className="muted">
        {certificate?.key} <span className="mono">{id.slice(0, 12)}</span>
      </span>
    </span>
  );
}

function Until({ entry }: { readonly entry: CertificateEntry }) {
  const { at } = useSlice('certificates');
  const { certificate } = entry;
  if (certificate === undefined) return <span className="muted">{text.waits}</span>;
  const standing = standingText(entry, at);
  return (
    <span className={styles.owner}>
      {certificate.notAfter.slice(0, 10)}
      {standing !== '' && <span className={styles.warning}>{standing}</span>}
    </span>
  );
}
