import { Dialog as Primitive } from 'radix-ui';
import type { ReactNode } from 'react';
import styles from './dialog.module.css';

interface DialogProps {
  readonly title: string;
  /** A sentence or two below the title; read out with it. */
  readonly description?: ReactNode;
  readonly children?: ReactNode;
  /** Buttons, the main one last. */
  readonly actions: ReactNode;
  readonly onClose: () => void;
}

/** A question that has to be answered, or closed, before anything else. Escape closes it; focus stays inside and comes back. */
export function Dialog({ title, description, children, actions, onClose }: DialogProps) {
  const described = description !== undefined;
  return (
    <Primitive.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Primitive.Portal>
        <Primitive.Overlay className={styles.veil} />
        <Primitive.Content
          className={styles.dialog}
          {...(described ? {} : { 'aria-describedby': undefined })}
          // A click beside it is a slip more often than a decision.
          onPointerDownOutside={(event) => {
            event.preventDefault();
          }}
        >
          <Primitive.Title className={styles.title}>{title}</Primitive.Title>
          {described && (
            <Primitive.Description asChild>
              <div className={styles.description}>{description}</div>
            </Primitive.Description>
          )}
          {children}
          <footer className={styles.actions}>{actions}</footer>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
