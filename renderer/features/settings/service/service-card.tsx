import { useCallback, useEffect, useState } from 'react';
import type { HelperServiceState } from '../../../../main/contracts/helper-service.ts';
import { useAction } from '../../../store/action.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { Confirm } from '../../../ui/confirm/confirm.tsx';
import { Failed } from '../../../ui/failed/failed.tsx';
import styles from './service.module.css';

const text = strings.settings.service;

/** The service that gives this user helpers: how it is, and the one password that changes it. */
export function ServiceCard() {
  const [state, look] = useServiceState();
  const [isRemoving, setRemoving] = useState(false);
  const { failure, isBusy, run } = useAction();
  if (state === undefined) return null;
  const install = installWord(state);
  return (
    <Card title={text.title}>
      <p role="status">{describe(state)}</p>
      <p className="muted">{isBusy ? text.waiting : text.hint}</p>
      <div className={styles.actions}>
        {install !== undefined && (
          <Button
            disabled={isBusy}
            onClick={() => {
              void run(call('service.install')).then(look);
            }}
          >
            {install}
          </Button>
        )}
        {state.state !== 'absent' && (
          <Button
            disabled={isBusy}
            onClick={() => {
              setRemoving(true);
            }}
          >
            {text.remove}
          </Button>
        )}
      </div>
      <Failed failure={failure} />
      {isRemoving && (
        <Confirm
          title={text.removeTitle}
          description={text.removeText}
          action={text.remove}
          onConfirm={() => call('service.uninstall')}
          onClose={() => {
            setRemoving(false);
            look();
          }}
        />
      )}
    </Card>
  );
}

/** Asked for anew whenever the window comes to the front: others may change it. */
function useServiceState(): [HelperServiceState | undefined, () => void] {
  const [state, setState] = useState<HelperServiceState>();
  const look = useCallback(() => {
    void call('service.state').then((answer) => {
      if (answer.ok) setState(answer.value);
    });
  }, []);
  useEffect(() => {
    look();
    window.addEventListener('focus', look);
    return () => {
      window.removeEventListener('focus', look);
    };
  }, [look]);
  return [state, look];
}

function describe(state: HelperServiceState): string {
  switch (state.state) {
    case 'broken':
      return text.broken(state.reason);
    case 'running':
      return state.allowed ? text.running : text.notAllowed(state.group);
    case 'absent':
    case 'outdated':
    case 'stopped':
      return text[state.state];
  }
}

function installWord(state: HelperServiceState): string | undefined {
  switch (state.state) {
    case 'absent':
      return text.install;
    case 'outdated':
      return text.upgrade;
    case 'stopped':
      return text.start;
    case 'broken':
      return text.installAgain;
    case 'running':
      return state.allowed ? undefined : text.join;
  }
}
