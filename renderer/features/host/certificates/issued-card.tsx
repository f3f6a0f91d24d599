import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { formatMoment } from '../../../ui/format.ts';
import { Saved } from '../../../ui/saved/saved.tsx';
import { Table } from '../../../ui/table/table.tsx';
import type { Authority } from './authority-card.tsx';

const text = strings.hostCertificates.issued;

export type Issued = Authority['issued'][number];

export function whose({ use, user = '', device, names }: Issued): string {
  if (use === 'server') return text.host(names.join(', '));
  return device === undefined ? user : text.device(user, device);
}

const columns = [
  { title: text.of, cell: whose },
  { title: text.until, cell: ({ notAfter }: Issued) => formatMoment(Date.parse(notAfter)) },
  { title: text.number, cell: ({ serial }: Issued) => <span className="mono">{serial.slice(0, 8)}</span> },
  { title: text.state, cell: ({ standing }: Issued) => text.standings[standing] },
];

interface IssuedCardProps {
  readonly authority: Authority;
  /** Where the last one is. */
  readonly saved: string | undefined;
  readonly onIssue: () => void;
  readonly onRevoke: (certificate: Issued) => void;
}

export function IssuedCard({ authority: { issued, isCut }, saved, onIssue, onRevoke }: IssuedCardProps) {
  const issue = (
    <Button kind="primary" onClick={onIssue}>
      {text.issue}
    </Button>
  );
  return (
    <Card title={text.title} aside={issue}>
      <Saved path={saved} />
      {issued.length === 0 && <p className="muted">{text.none}</p>}
      {issued.length > 0 && (
        <Table
          label={text.title}
          columns={columns}
          rows={issued}
          keyOf={({ serial }) => serial}
          actions={(certificate) =>
            certificate.standing === 'good' || certificate.standing === 'ending' ? (
              <Button
                kind="quiet"
                aria-label={text.revokeOf(whose(certificate), certificate.serial.slice(0, 8))}
                onClick={() => {
                  onRevoke(certificate);
                }}
              >
                {text.revoke}
              </Button>
            ) : undefined
          }
        />
      )}
      {isCut && <p className="muted">{text.cut}</p>}
    </Card>
  );
}
