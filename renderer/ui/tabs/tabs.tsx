import { Tabs as Primitive } from 'radix-ui';
import type { ReactNode } from 'react';
import styles from './tabs.module.css';

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly { readonly id: string; readonly title: string; readonly content: ReactNode }[];
}

/** Parts of a page, one in sight. Arrow keys go from one to the next. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <Primitive.Root {...(tabs[0] !== undefined && { defaultValue: tabs[0].id })} className={styles.tabs}>
      <Primitive.List className={styles.list} aria-label={label}>
        {tabs.map(({ id, title }) => (
          <Primitive.Trigger key={id} value={id} className={styles.tab}>
            {title}
          </Primitive.Trigger>
        ))}
      </Primitive.List>
      {tabs.map(({ id, content }) => (
        <Primitive.Content key={id} value={id} className={styles.content}>
          {content}
        </Primitive.Content>
      ))}
    </Primitive.Root>
  );
}
