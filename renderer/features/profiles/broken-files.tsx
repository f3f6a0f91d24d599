import { useState } from 'react';
import type { ProfilesSlice } from '../../../main/contracts/app-state/profiles.ts';
import { call } from '../../store/client.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { Card } from '../../ui/card/card.tsx';
import { Confirm } from '../../ui/confirm/confirm.tsx';
import styles from './profiles.module.css';

const text = strings.profiles.broken;

type BrokenFile = ProfilesSlice['broken'][number];

/** They are left as they are, until the user says otherwise. */
export function BrokenFiles({ broken }: { readonly broken: readonly BrokenFile[] }) {
  const [removing, setRemoving] = useState<string>();
  return (
    <Card title={text.title(broken.length)}>
      <ul className={styles.list}>
        {broken.map(({ id, file, failure }) => (
          <li key={id} className={styles.broken}>
            <p className="mono selectable">{file}</p>
            <p className="selectable">{failure.cause}</p>
            <p className="muted">{failure.fix}</p>
            <Button
              kind="quiet"
              onClick={() => {
                setRemoving(id);
              }}
            >
              {text.remove}
            </Button>
          </li>
        ))}
      </ul>
      {removing !== undefined && (
        <Confirm
          title={text.removeTitle}
          description={text.removeText}
          action={text.remove}
          onConfirm={() => call('profiles.remove', { id: removing })}
          onClose={() => {
            setRemoving(undefined);
          }}
        />
      )}
    </Card>
  );
}
