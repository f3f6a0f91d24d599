import { type ReactNode, useEffect, useRef } from 'react';
import { names } from '../names.ts';
import styles from './notice.module.css';

interface NoticeProps {
  readonly kind: 'info' | 'good' | 'warning' | 'bad';
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** Something to know, where it matters. A bad one is read out at once, and brought into sight with its buttons. */
export function Notice({ kind, title, children, actions }: NoticeProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (kind === 'bad') place.current?.scrollIntoView({ block: 'nearest' });
  }, [kind, title]);
  return (
    <div ref={place} className={names(styles.notice, styles[kind])} role={kind === 'bad' ? 'alert' : 'status'}>
      <strong>{title}</strong>
      {children !== undefined && <div className="selectable">{children}</div>}
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
