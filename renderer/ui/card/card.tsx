import { type ReactNode, useId } from 'react';
import { names } from '../names.ts';
import styles from './card.module.css';

interface CardProps {
  readonly title?: string;
  /** Beside the title: a button, a figure. */
  readonly aside?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Card({ title, aside, className, children }: CardProps) {
  const heading = useId();
  return (
    <section className={names(styles.card, className)} aria-labelledby={title === undefined ? undefined : heading}>
      {title !== undefined && (
        <header className={styles.header}>
          <h2 id={heading}>{title}</h2>
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}
