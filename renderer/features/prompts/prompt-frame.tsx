import { type ReactNode, useId } from 'react';
import { useNow } from '../../store/now.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { Dialog } from '../../ui/dialog/dialog.tsx';
import styles from './prompts.module.css';

interface PromptFrameProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly until: number;
  /** The main button's text; without one there is nothing to send. */
  readonly submit?: string;
  readonly ready?: boolean;
  readonly onSubmit?: () => void;
  readonly onCancel: () => void;
  readonly children?: ReactNode;
}

/** What all questions have in common: the time that is left, Enter sends, Escape cancels. */
export function PromptFrame(props: PromptFrameProps) {
  const { title, description, until, submit, ready = true, onSubmit, onCancel, children } = props;
  const form = useId();
  return (
    <Dialog
      title={title}
      {...(description !== undefined && { description })}
      onClose={onCancel}
      actions={
        <>
          <Remaining until={until} />
          <Button onClick={onCancel}>{strings.prompts.cancel}</Button>
          {submit !== undefined && (
            <Button kind="primary" type="submit" form={form} disabled={!ready}>
              {submit}
            </Button>
          )}
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onSubmit?.();
        }}
      >
        {children}
      </form>
    </Dialog>
  );
}

/** Shown when it matters: nobody is hurried by five minutes. */
function Remaining({ until }: { readonly until: number }) {
  const seconds = Math.max(0, Math.ceil((until - useNow()) / 1000));
  return seconds <= 60 ? <span className={styles.remaining}>{strings.prompts.remaining(seconds)}</span> : null;
}
