import type { ReactNode } from 'react';
import { names } from '../names.ts';
import styles from './notice.module.css';

interface NoticeProps {
  readonly kind: 'info' | 'good' | 'warning' | 'bad';
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** Something to know, where it matters. A bad one is read out at once. */
export function Notice({ kind, title, children, actions }: NoticeProps) {
  return (
    <div className={names(styles.notice, styles[kind])} role={kind === 'bad' ? 'alert' : 'status'}>
      <strong>{title}</strong>
      {children !== undefined && <div className="selectable">{children}</div>}
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
