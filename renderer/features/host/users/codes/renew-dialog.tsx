import { useState } from 'react';
import { useAction } from '../../../../store/action.ts';
import { call } from '../../../../store/client.ts';
import { strings } from '../../../../strings/index.ts';
import { Button } from '../../../../ui/button/button.tsx';
import { Dialog } from '../../../../ui/dialog/dialog.tsx';
import { Failed } from '../../../../ui/failed/failed.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';

const text = strings.host.users;

/** New recovery codes, once it is sure that those of before may go. */
export function RenewDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const [recovery, setRecovery] = useState<readonly string[]>();
  const { failure, isBusy, run } = useAction();
  if (recovery !== undefined) return <RecoveryCodes name={name} recovery={recovery} onClose={onClose} />;
  const renew = (): void => {
    void run(call('host.renewRecovery', { name }), (renewed) => {
      setRecovery(renewed.recovery);
    });
  };
  return (
    <Dialog
      title={text.renewTitle(name)}
      description={text.renewText}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{strings.cancel}</Button>
          <Button kind="primary" disabled={isBusy} onClick={renew}>
            {text.renewAction}
          </Button>
        </>
      }
    >
      <Failed failure={failure} />
    </Dialog>
  );
}
