import type { ConnectionSlice } from '../../../main/contracts/app-state/connection.ts';
import { phases } from '../../../main/contracts/failure.ts';
import { call } from '../../store/client.ts';
import { goTo } from '../../store/navigation.ts';
import { useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { Notice } from '../../ui/notice/notice.tsx';
import { ReportButton } from '../report/report-button.tsx';
import styles from './connect.module.css';
import { actionsFor, type FailureAction } from './failure-actions.ts';

const text = strings.connect.failure;

/** What failed, why, and what to do, with the buttons that do it. */
export function FailureCard({ connection }: { readonly connection: Extract<ConnectionSlice, { at: 'failed' }> }) {
  const { failure, target } = connection;
  const { entries } = useSlice('profiles');
  const weakest = entries.find(({ id }) => id === target.profile)?.security === 'legacy';
  const wanted = actionsFor(failure.code).filter((action) => action !== 'allowOlder' || !weakest);
  return (
    <Notice
      kind="bad"
      title={text.title(phases[failure.phase].title)}
      actions={
        <>
          {wanted.map((action, index) => (
            <Button
              key={action}
              kind={index === 0 ? 'primary' : 'plain'}
              onClick={() => {
                perform(action, target.profile);
              }}
            >
              {text[action]}
            </Button>
          ))}
          <Button
            onClick={() => {
              goTo('log');
            }}
          >
            {text.log}
          </Button>
          <ReportButton />
          <Button
            kind="quiet"
            onClick={() => {
              void call('connection.dismiss');
            }}
          >
            {text.dismiss}
          </Button>
        </>
      }
    >
      <p>{failure.cause}</p>
      <p className={styles.fix}>
        <strong>{text.fix}:</strong> {failure.fix}
      </p>
      <p className={styles.code}>
        {text.code} <span className="mono">{failure.code}</span>
      </p>
    </Notice>
  );
}

function perform(action: FailureAction, profile: string): void {
  switch (action) {
    case 'retry':
    case 'retype':
      void call('connection.connect', { profile });
      return;
    case 'allowOlder':
      void call('connection.connect', { profile, allowOlder: true });
      return;
  }
}
