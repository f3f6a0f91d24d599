import type { ValueTaken } from '../../../../main/contracts/ipc/index.ts';
import { call } from '../../../store/client.ts';
import { useSaving } from '../../../store/saving.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { Facts } from '../../../ui/facts/facts.tsx';
import { Failed } from '../../../ui/failed/failed.tsx';
import { formatMoment } from '../../../ui/format.ts';
import { Notice } from '../../../ui/notice/notice.tsx';
import { Saved } from '../../../ui/saved/saved.tsx';
import styles from '../host.module.css';

const text = strings.hostCertificates.authority;

export type Authority = NonNullable<ValueTaken<'host.authority'>['authority']>;

export function AuthorityCard({ authority }: { readonly authority: Authority }) {
  const { certificate, listUntil, isEnding } = authority;
  const { failure, isBusy, path, run, save } = useSaving();
  const saveFile = (what: 'authority' | 'list') => () => {
    save(call('host.saveAuthorityFile', { what }));
  };
  return (
    <Card title={text.title}>
      {isEnding && (
        <Notice kind="warning" title={text.ending}>
          {text.endingText}
        </Notice>
      )}
      <Facts
        rows={[
          [text.subject, certificate.subject],
          [text.key, certificate.key],
          [text.until, formatMoment(Date.parse(certificate.notAfter))],
          [
            text.fingerprint,
            <span key="fingerprint" className={`mono ${styles.long ?? ''}`}>
              {certificate.fingerprint}
            </span>,
          ],
          [text.list, listUntil === undefined ? text.listUnreadable : formatMoment(Date.parse(listUntil))],
        ]}
      />
      <p className="muted">{text.saveHint}</p>
      <p className={styles.buttons}>
        <Button disabled={isBusy} onClick={saveFile('authority')}>
          {text.saveAuthority}
        </Button>
        <Button disabled={isBusy} onClick={saveFile('list')}>
          {text.saveList}
        </Button>
        <Button
          disabled={isBusy}
          onClick={() => {
            void run(call('host.renewRevocationList'));
          }}
        >
          {text.renewList}
        </Button>
      </p>
      <Saved path={path} />
      <Failed failure={failure} />
    </Card>
  );
}
