import { type SyntheticEvent, type ReactNode, useId } from 'react';
import type { Failure } from '../../../main/contracts/failure.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../button/button.tsx';
import { Dialog } from '../dialog/dialog.tsx';
import { Failed } from '../failed/failed.tsx';
import { focusProblem } from './focus-problem.ts';

interface FormDialogProps {
  readonly title: string;
  readonly description?: string;
  readonly action: string;
  readonly failure: Failure | undefined;
  readonly isBusy: boolean;
  /** Not before: neither by the button nor by Enter. */
  readonly isReady?: boolean;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Fields, and one button that takes what they hold; Enter does as well. */
export function FormDialog(props: FormDialogProps) {
  const { title, description, action, failure, isBusy, isReady = true, onSubmit, onClose, children } = props;
  const form = useId();
  const submit = (event: SyntheticEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (!isReady) return;
    onSubmit();
    focusProblem(event.currentTarget);
  };
  return (
    <Dialog
      title={title}
      {...(description !== undefined && { description })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{strings.cancel}</Button>
          <Button kind="primary" type="submit" form={form} disabled={isBusy || !isReady}>
            {action}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} noValidate>
        {children}
        <Failed failure={failure} />
      </form>
    </Dialog>
  );
}
