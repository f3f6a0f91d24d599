import { useDeferredValue, useState } from 'react';
import type { AuditKind } from '../../../../main/contracts/audit.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { SelectField, TextField } from '../../../ui/field/field.tsx';
import { formatMoment } from '../../../ui/format.ts';
import { names } from '../../../ui/names.ts';
import { Failed } from '../../../ui/failed/failed.tsx';
import styles from '../host.module.css';
import { useHostValue } from '../use-host-value.ts';

const text = strings.host.audit;
const pageRecords = 100;
const mostRecords = 500;
const everything = '';
const kindOptions = [
  { value: everything, label: text.everything },
  ...(Object.keys(text.kinds) as AuditKind[]).map((value) => ({ value, label: text.kinds[value] })),
] as const;

export function AuditTab() {
  const [words, setWords] = useState('');
  const [kind, setKind] = useState<AuditKind | typeof everything>(everything);
  const [last, setLast] = useState(pageRecords);
  const wanted = useDeferredValue(words.trim()).slice(0, 100);
  const { value, failure } = useHostValue('host.audit', {
    last,
    ...(wanted !== '' && { text: wanted }),
    ...(kind !== everything && { kind }),
  });
  return (
    <Card title={text.title}>
      <div className={styles.pair}>
        <TextField
          label={text.text}
          type="search"
          placeholder={text.textHint}
          value={words}
          onChange={(event) => {
            setWords(event.target.value);
          }}
        />
        <SelectField label={text.kind} value={kind} options={kindOptions} onChange={setKind} />
      </div>
      <Failed failure={failure} />
      {value?.length === 0 && <p className="muted">{text.none}</p>}
      {value !== undefined && value.length > 0 && (
        // Focusable, so that the keyboard scrolls it.
        <ol className={names(styles.records, 'selectable')} aria-label={text.label} tabIndex={0} reversed>
          {value.toReversed().map((record) => (
            <li key={record.sequence} data-kind={record.kind}>
              <time dateTime={record.at}>{formatMoment(Date.parse(record.at))}</time>
              <span>{record.text}</span>
            </li>
          ))}
        </ol>
      )}
      {value !== undefined && value.length >= last && last < mostRecords && (
        <Button
          onClick={() => {
            setLast(Math.min(mostRecords, last + pageRecords));
          }}
        >
          {text.older}
        </Button>
      )}
    </Card>
  );
}
