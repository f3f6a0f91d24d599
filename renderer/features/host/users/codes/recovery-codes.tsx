import { call } from '../../../../store/client.ts';
import { useSaving } from '../../../../store/saving.ts';
import { strings } from '../../../../strings/index.ts';
import { Button } from '../../../../ui/button/button.tsx';
import { Dialog } from '../../../../ui/dialog/dialog.tsx';
import { Failed } from '../../../../ui/failed/failed.tsx';
import { Saved } from '../../../../ui/saved/saved.tsx';
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
  const { failure, isBusy, path, save } = useSaving();
  return (
    <Dialog
      title={text.title(name)}
      description={text.text}
      onClose={onClose}
      actions={
        <>
          <Button
            disabled={isBusy}
            onClick={() => {
              save(call('host.saveRecoveryCodes', { name, recovery: [...recovery] }));
            }}
          >
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
      <Saved path={path} />
      <Failed failure={failure} />
    </Dialog>
  );
}
