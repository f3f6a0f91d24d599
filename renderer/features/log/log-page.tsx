import { useDeferredValue, useEffect, useState } from 'react';
import type { LogLine } from '../../../main/contracts/app-state/log.ts';
import { call } from '../../store/client.ts';
import { useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { SelectField, TextField } from '../../ui/field/field.tsx';
import { formatClock } from '../../ui/format.ts';
import { names } from '../../ui/names.ts';
import { Empty, Page } from '../../ui/page/page.tsx';
import { Switch } from '../../ui/switch/switch.tsx';
import { ReportButton } from '../report/report-button.tsx';
import styles from './log.module.css';

const text = strings.log;
const levels = ['debug', 'info', 'warning', 'error'] as const;
const levelOptions = levels.map((value) => ({ value, label: text.levels[value] }));
/** So many are shown: more would make the page slow, and nobody reads them. */
const shownLines = 1000;

export function LogPage() {
  const [redacted, setRedacted] = useState(false);
  const lines = useLog(redacted);
  const [words, setWords] = useState('');
  const [level, setLevel] = useState<LogLine['level']>('info');
  const wanted = useDeferredValue(words.toLowerCase());
  const found = lines.filter(
    (line) =>
      levels.indexOf(line.level) >= levels.indexOf(level) &&
      (wanted === '' || `${line.source} ${line.text}`.toLowerCase().includes(wanted)),
  );
  const actions = (
    <>
      <ReportButton />
      <Button
        disabled={lines.length === 0}
        onClick={() => {
          void call('log.clear');
        }}
      >
        {text.clear}
      </Button>
    </>
  );
  return (
    <Page title={text.title} actions={actions}>
      <div className={styles.filters}>
        <TextField
          label={text.filter}
          type="search"
          placeholder={text.filterPlaceholder}
          value={words}
          onChange={(event) => {
            setWords(event.target.value);
          }}
        />
        <SelectField label={text.level} value={level} options={levelOptions} onChange={setLevel} />
      </div>
      <Switch label={text.redacted} checked={redacted} onChange={setRedacted} />
      {found.length === 0 ? (
        <Empty title={text.empty.title}>{lines.length === 0 ? text.empty.text : text.none}</Empty>
      ) : (
        // Focusable, so that the keyboard scrolls it.
        <ol className={names(styles.lines, 'selectable')} aria-label={text.label} tabIndex={0}>
          {found
            .slice(-shownLines)
            .reverse()
            .map((line) => (
              <Line key={line.number} line={line} />
            ))}
        </ol>
      )}
    </Page>
  );
}

function Line({ line }: { readonly line: LogLine }) {
  return (
    <li className={styles.line} data-level={line.level}>
      <time dateTime={new Date(line.at).toISOString()}>{formatClock(line.at)}</time>
      <span className={styles.source}>{line.source}</span>
      <span className={styles.text}>{line.text}</span>
    </li>
  );
}

const none: readonly LogLine[] = [];

/** The log, kept up to date while the page is shown: only what is new is fetched. */
function useLog(redacted: boolean): readonly LogLine[] {
  const { newest, oldest } = useSlice('log');
  const [read, setRead] = useState<{ readonly redacted: boolean; readonly lines: readonly LogLine[] }>();
  // The other form is read from its beginning.
  const lines = read?.redacted === redacted ? read.lines : none;
  const last = lines.at(-1)?.number ?? 0;
  useEffect(() => {
    if (newest <= last) return;
    let current = true;
    void call('log.read', { after: last, limit: 5000, redacted }).then((result) => {
      if (current && result.ok && result.value.length > 0) {
        setRead({ redacted, lines: [...lines, ...result.value].slice(-5000) });
      }
    });
    return () => {
      current = false;
    };
  }, [newest, last, redacted, lines]);
  return lines.filter(({ number }) => number >= oldest);
}
