import { useState } from 'react';
import type { Result } from '../../../main/contracts/failure.ts';
import type { ValueTaken } from '../../../main/contracts/ipc/index.ts';
import { useAction } from '../../store/action.ts';
import { call } from '../../store/client.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { Dialog } from '../../ui/dialog/dialog.tsx';
import { Failed } from '../../ui/failed/failed.tsx';
import { PassphraseDialog } from '../passphrase/passphrase-dialog.tsx';

const text = strings.certificates;

/** The system's dialog for a file, then, where it is locked, its passphrase. */
export function ImportButton({ onSaid }: { readonly onSaid: (said: string) => void }) {
  const [locked, setLocked] = useState<string>();
  const [isFailureSeen, setFailureSeen] = useState(true);
  const { failure, isBusy, run } = useAction();
  const take = (result: Result<ValueTaken<'certificates.choose'>>): typeof result => {
    if (!result.ok) return result;
    if (result.value.at === 'passphrase') setLocked(result.value.file);
    if (result.value.at === 'imported') onSaid(text.imported(result.value.names));
    return result;
  };
  return (
    <>
      <Button
        kind="primary"
        disabled={isBusy}
        onClick={() => {
          setFailureSeen(false);
          void run(call('certificates.choose').then(take));
        }}
      >
        {text.import}
      </Button>
      {failure !== undefined && !isFailureSeen && (
        <Dialog
          title={text.import}
          actions={
            <Button
              kind="primary"
              onClick={() => {
                setFailureSeen(true);
              }}
            >
              {strings.close}
            </Button>
          }
          onClose={() => {
            setFailureSeen(true);
          }}
        >
          <Failed failure={failure} />
        </Dialog>
      )}
      {locked !== undefined && (
        <PassphraseDialog
          title={text.passphrase.title(locked)}
          description={text.passphrase.text}
          action={text.passphrase.action}
          isNew={false}
          onSubmit={async (passphrase) => take(await call('certificates.open', { passphrase }))}
          onClose={() => {
            setLocked(undefined);
            void call('certificates.drop');
          }}
        />
      )}
    </>
  );
}
