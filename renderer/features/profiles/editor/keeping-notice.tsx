import { useState } from 'react';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Confirm } from '../../../ui/confirm/confirm.tsx';
import { Notice } from '../../../ui/notice/notice.tsx';
import { PassphraseDialog } from '../../passphrase/passphrase-dialog.tsx';
import type { SecretsState } from './use-secrets.ts';

const text = strings.profiles.secrets;

interface KeepingNoticeProps {
  readonly keeping: SecretsState['keeping'];
  readonly onChanged: () => void;
}

/** Where there is no keychain: what that means, and what can be done. */
export function KeepingNotice({ keeping, onChanged }: KeepingNoticeProps) {
  const [asking, setAsking] = useState<'choose' | 'unlock' | 'lost'>();
  const ask = (what: typeof asking) => () => {
    setAsking(what);
  };
  const close = (): void => {
    setAsking(undefined);
    onChanged();
  };
  return (
    <>
      {keeping.place === 'session' && (
        <Notice
          kind="warning"
          title={text.noKeychain}
          actions={
            <>
              <Button
                onClick={() => {
                  void call('profiles.lookForKeychain').then(onChanged);
                }}
              >
                {text.lookAgain}
              </Button>
              <Button onClick={ask('choose')}>{text.choose}</Button>
            </>
          }
        >
          {keeping.why}
        </Notice>
      )}
      {keeping.place === 'locked' && (
        <Notice
          kind="warning"
          title={text.locked}
          actions={
            <>
              <Button onClick={ask('unlock')}>{text.unlock}</Button>
              <Button kind="quiet" onClick={ask('lost')}>
                {text.lost}
              </Button>
            </>
          }
        >
          {text.lockedText}
        </Notice>
      )}
      {asking === 'choose' && (
        <PassphraseDialog
          title={text.chooseTitle}
          description={text.chooseText}
          action={text.choose}
          isNew
          onSubmit={(passphrase) => call('profiles.choosePassphrase', { passphrase })}
          onClose={close}
        />
      )}
      {asking === 'unlock' && (
        <PassphraseDialog
          title={text.unlockTitle}
          action={text.unlock}
          isNew={false}
          onSubmit={(passphrase) => call('profiles.unlock', { passphrase })}
          onClose={close}
        />
      )}
      {asking === 'lost' && (
        <Confirm
          title={text.lostTitle}
          description={text.lostText}
          action={text.lostAction}
          onConfirm={() => call('profiles.discardSealed')}
          onClose={close}
        />
      )}
    </>
  );
}
