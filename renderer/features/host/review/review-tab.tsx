import { useState } from 'react';
import { weaknesses } from '../../../../main/contracts/access-review.ts';
import type { ValueTaken } from '../../../../main/contracts/ipc/index.ts';
import { call } from '../../../store/client.ts';
import { useSaving } from '../../../store/saving.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { Failed } from '../../../ui/failed/failed.tsx';
import { SelectField } from '../../../ui/field/field.tsx';
import { asSentence, formatMoment } from '../../../ui/format.ts';
import { Notice } from '../../../ui/notice/notice.tsx';
import { Saved } from '../../../ui/saved/saved.tsx';
import { Table } from '../../../ui/table/table.tsx';
import styles from '../host.module.css';
import { useHostValue } from '../use-host-value.ts';
import { reviewColumns } from './columns.ts';

const text = strings.accessReview;
const spans = [30, 90, 180, 365].map((days) => ({ value: String(days), label: text.days(days) }));

/** Who may connect, what they reach, and when they last did. */
export function ReviewTab() {
  const [days, setDays] = useState('90');
  const unusedAfterDays = Number(days);
  const { value, failure } = useHostValue('host.accessReview', { unusedAfterDays });
  const saving = useSaving();
  const save = (format: 'csv' | 'html') => () => {
    saving.save(call('host.saveAccessReview', { format, unusedAfterDays }));
  };
  return (
    <Card title={text.title}>
      <p className="muted">{text.text}</p>
      <SelectField label={text.unusedAfter} value={days} options={spans} onChange={setDays} />
      <p className={styles.buttons}>
        <Button disabled={saving.isBusy} onClick={save('csv')}>
          {text.saveCsv}
        </Button>
        <Button disabled={saving.isBusy} onClick={save('html')}>
          {text.saveHtml}
        </Button>
      </p>
      <Saved path={saving.path} />
      <Failed failure={failure ?? saving.failure} />
      {value !== undefined && <Review value={value} />}
    </Card>
  );
}

function Review({ value: { review, users } }: { readonly value: ValueTaken<'host.accessReview'> }) {
  const { auditLogFrom } = review;
  return (
    <>
      <p className="muted">
        {auditLogFrom === undefined ? text.noLog : text.from(formatMoment(Date.parse(auditLogFrom)))}
      </p>
      {review.weaknesses.length > 0 && (
        <Notice kind="warning" title={text.weak}>
          <ul>
            {review.weaknesses.map((weakness) => (
              <li key={weakness}>
                {asSentence(weaknesses[weakness].what)} {weaknesses[weakness].fix}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {review.users.length === 0 ? (
        <p className="muted">{text.none}</p>
      ) : (
        <Table label={text.title} columns={reviewColumns} rows={review.users} keyOf={({ user }) => user} />
      )}
      {users > review.users.length && <p className="muted">{text.cut(review.users.length, users)}</p>}
    </>
  );
}
