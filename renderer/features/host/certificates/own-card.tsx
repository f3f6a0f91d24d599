import type { ValueTaken } from '../../../../main/contracts/ipc/index.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { Facts } from '../../../ui/facts/facts.tsx';
import { formatMoment } from '../../../ui/format.ts';
import { Notice } from '../../../ui/notice/notice.tsx';

const text = strings.hostCertificates.own;

interface OwnCardProps {
  readonly own: ValueTaken<'host.authority'>['own'];
  /** Absent where there is no authority that could. */
  readonly onIssue?: () => void;
}

/** What the host proves itself by. */
export function OwnCard({ own, onIssue }: OwnCardProps) {
  const isForeign = own.length > 0 && !own.some(({ isIssuedHere }) => isIssuedHere);
  const issue = onIssue !== undefined && (
    <Button onClick={onIssue}>{own.length === 0 ? text.issue : text.issueAgain}</Button>
  );
  return (
    <Card title={text.title} aside={issue}>
      {own.length === 0 && <p className="muted">{text.none}</p>}
      {own.map(({ certificate, isIssuedHere, isEnding }) => (
        <div key={certificate.fingerprint}>
          {isEnding && !isIssuedHere && (
            <Notice kind="warning" title={text.ending}>
              {text.endingText(certificate.issuer)}
            </Notice>
          )}
          <Facts
            rows={[
              [text.names, certificate.names.join(', ') || certificate.subject],
              [text.until, formatMoment(Date.parse(certificate.notAfter))],
              [text.issuer, isIssuedHere ? text.here : certificate.issuer],
            ]}
          />
        </div>
      ))}
      {isForeign && onIssue !== undefined && <p className="muted">{text.foreign}</p>}
    </Card>
  );
}
