import { useEffect, useRef } from 'react';
import type { ConnectionSlice } from '../../../main/contracts/app-state/connection.ts';
import { phases, type Result } from '../../../main/contracts/failure.ts';
import { useAction } from '../../store/action.ts';
import { call } from '../../store/client.ts';
import { editProfile, goTo } from '../../store/navigation.ts';
import { useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { Failed } from '../../ui/failed/failed.tsx';
import { Notice } from '../../ui/notice/notice.tsx';
import { ReportButton } from '../report/report-button.tsx';
import styles from './connect.module.css';
import { DismissButton } from './dismiss-button.tsx';
import { actionsFor, type FailureAction, fixHere } from './failure-actions.ts';

const text = strings.connect.failure;

/** What failed, why, and what to do, with the buttons that do it. */
export function FailureCard({ connection }: { readonly connection: Extract<ConnectionSlice, { at: 'failed' }> }) {
  const { failure, target } = connection;
  const entry = useSlice('profiles').entries.find(({ id }) => id === target.profile);
  const fixing = useAction();
  const wanted = actionsFor(failure.code).filter((action) => {
    if (action === 'allowOlder') return entry?.security !== 'legacy';
    return action !== 'editProfile' || entry !== undefined;
  });
  // With its buttons, which may be below what the window shows.
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.scrollIntoView({ block: 'nearest' });
  }, [failure]);
  return (
    <>
      <div ref={place}>
        <Notice
          kind={failure.code === 'elevation.refused' ? 'warning' : 'bad'}
          title={text.title(phases[failure.phase].title)}
          actions={
            <>
              {wanted.map((action, index) => (
                <Button
                  key={action}
                  kind={index === 0 ? 'primary' : 'plain'}
                  disabled={fixing.isBusy}
                  onClick={() => {
                    void fixing.run(perform(action, target.profile));
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
              <DismissButton />
            </>
          }
        >
          <p>{failure.cause}</p>
          <p className={styles.fix}>
            <strong>{text.fix}:</strong> {fixHere(failure)}
          </p>
          <p className={styles.code}>
            {text.code} <span className="mono">{failure.code}</span>
          </p>
        </Notice>
      </div>
      <Failed failure={fixing.failure} />
    </>
  );
}

async function perform(action: FailureAction, profile: string): Promise<Result<unknown>> {
  switch (action) {
    case 'retry':
    case 'retype':
    case 'pin':
      return call('connection.connect', { profile });
    case 'allowOlder':
      return call('connection.connect', { profile, allowOlder: true });
    case 'runElevated':
      return call('connection.connect', { profile, elevate: true });
    case 'installService':
    case 'upgradeService':
    case 'joinGroup': {
      const installed = await call('service.install');
      return installed.ok ? call('connection.connect', { profile }) : installed;
    }
    case 'editProfile':
      editProfile(profile);
      return { ok: true, value: undefined };
    case 'openCertificates':
      goTo('certificates');
      return { ok: true, value: undefined };
  }
}
