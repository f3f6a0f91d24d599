import { useEffect, useState } from 'react';
import { call } from '../../store/client.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { Dialog } from '../../ui/dialog/dialog.tsx';
import styles from './report.module.css';

const text = strings.report;

/** Shows what would be sent before anybody sends it. */
export function ReportDialog({ onClose }: { readonly onClose: () => void }) {
  const [report, setReport] = useState('');
  const [said, setSaid] = useState('');
  useEffect(() => {
    void call('report.read').then((result) => {
      if (result.ok) setReport(result.value);
    });
  }, []);
  const actions = (
    <>
      <span role="status" className={styles.said}>
        {said}
      </span>
      <Button onClick={onClose}>{strings.close}</Button>
      <Button
        onClick={() => {
          void call('report.save').then((result) => {
            if (!result.ok) setSaid(`${result.failure.cause} ${result.failure.fix}`);
            else if (result.value) setSaid(text.saved);
          });
        }}
      >
        {text.save}
      </Button>
      <Button
        kind="primary"
        onClick={() => {
          void call('report.copy').then(() => {
            setSaid(text.copied);
          });
        }}
      >
        {text.copy}
      </Button>
    </>
  );
  return (
    <Dialog title={text.title} description={text.text} actions={actions} onClose={onClose}>
      <textarea className={styles.report} aria-label={text.label} readOnly value={report} />
    </Dialog>
  );
}
