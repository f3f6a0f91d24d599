import type { Result } from '../../../main/contracts/failure.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../button/button.tsx';
import { Dialog } from '../dialog/dialog.tsx';
import { Failed } from '../failed/failed.tsx';
import { useAction } from '../../store/action.ts';

interface ConfirmProps {
  readonly title: string;
  readonly description: string;
  /** The word of the button that does it. */
  readonly action: string;
  readonly onConfirm: () => Promise<Result<unknown>>;
  readonly onClose: () => void;
}

/** Before what cannot simply be taken back. */
export function Confirm({ title, description, action, onConfirm, onClose }: ConfirmProps) {
  const { failure, isBusy, run } = useAction();
  return (
    <Dialog
      title={title}
      description={description}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{strings.cancel}</Button>
          <Button
            kind="danger"
            disabled={isBusy}
            onClick={() => {
              void run(onConfirm(), onClose);
            }}
          >
            {action}
          </Button>
        </>
      }
    >
      <Failed failure={failure} />
    </Dialog>
  );
}
