import { useState } from 'react';
import { useAction } from '../../../../store/action.ts';
import { call } from '../../../../store/client.ts';
import { strings } from '../../../../strings/index.ts';
import { Button } from '../../../../ui/button/button.tsx';
import { Dialog } from '../../../../ui/dialog/dialog.tsx';
import { Failed } from '../../../../ui/failed/failed.tsx';
import { CopyButton } from '../../command.tsx';
import styles from '../../host.module.css';

const text = strings.host.users.recovery;

interface RecoveryCodesProps {
  readonly name: string;
  readonly recovery: readonly string[];
  readonly onClose: () => void;
}

/** Shown this once: to be copied, saved, or written down. */
export function RecoveryCodes({ name, recovery, onClose }: RecoveryCodesProps) {
  const [saved, setSaved] = useState<string>();
  const { failure, isBusy, run } = useAction();
  const save = (): void => {
    const asked = call('host.saveRecoveryCodes', { name, recovery: [...recovery] });
    void run(
      asked.then((result) => {
        if (result.ok) setSaved(result.value);
        return result;
      }),
    );
  };
  return (
    <Dialog
      title={text.title(name)}
      description={text.text}
      onClose={onClose}
      actions={
        <>
          <Button disabled={isBusy} onClick={save}>
            {text.save}
          </Button>
          <Button kind="primary" onClick={onClose}>
            {text.done}
          </Button>
        </>
      }
    >
      <div className={styles.recovery}>
        <ul aria-label={text.list} className="selectable mono">
          {recovery.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <CopyButton label={strings.host.clients.copy(text.all)} value={recovery.join('\n')} />
      </div>
      <p role="status" className="selectable">
        {saved === undefined ? '' : text.saved(saved)}
      </p>
      <Failed failure={failure} />
    </Dialog>
  );
}
