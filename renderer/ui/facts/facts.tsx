import type { ReactNode } from 'react';
import styles from './facts.module.css';

/** Names and values, one below the other; values can be copied. What is undefined has no row. */
export function Facts({ rows }: { readonly rows: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {rows
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <div key={name} className={styles.row}>
            <dt>{name}</dt>
            <dd className="selectable">{value}</dd>
          </div>
        ))}
    </dl>
  );
}
