import { lazy, Suspense, useRef, useState } from 'react';
import { call } from '../../store/client.ts';
import { useNavigation } from '../../store/navigation.ts';
import { useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { Card } from '../../ui/card/card.tsx';
import { Menu } from '../../ui/menu/menu.tsx';
import { Notice } from '../../ui/notice/notice.tsx';
import { Empty, Page } from '../../ui/page/page.tsx';
import { takeFile } from '../importing/take-file.ts';
import { BrokenFiles } from './broken-files.tsx';
import { LinkDialog } from './link-dialog.tsx';
import { ProfileRow } from './profile-row.tsx';
import styles from './profiles.module.css';

const text = strings.profiles;

/** It brings the profile's schema along, which the list does without. */
const ProfileEditor = lazy(async () => ({ default: (await import('./editor/profile-editor.tsx')).ProfileEditor }));

type Editing = { readonly id: string } | 'new' | undefined;

export function ProfilesPage() {
  const [editing, setEditing] = useState<Editing>(() => {
    const { profile } = useNavigation.getState();
    return profile === undefined ? undefined : { id: profile };
  });
  const close = (): void => {
    setEditing(undefined);
  };
  if (editing === undefined) return <ProfileList onEdit={setEditing} />;
  return (
    <Suspense fallback={<Page title={text.title}>{text.editor.loading}</Page>}>
      <ProfileEditor {...(editing === 'new' ? {} : { id: editing.id })} onClose={close} />
    </Suspense>
  );
}

function ProfileList({ onEdit }: { readonly onEdit: (what: Editing) => void }) {
  const { entries, broken } = useSlice('profiles');
  const [said, setSaid] = useState<string>();
  const add = (
    <Button
      kind="primary"
      onClick={() => {
        onEdit('new');
      }}
    >
      {text.add}
    </Button>
  );
  const actions = (
    <>
      <ImportMenu />
      {add}
    </>
  );
  return (
    <Page title={text.title} actions={actions}>
      {said !== undefined && <Notice kind="good" title={said} />}
      {entries.length === 0 ? (
        <Empty title={text.none.title}>{text.none.text}</Empty>
      ) : (
        <Card>
          <ul aria-label={text.list} className={styles.list}>
            {entries.map((entry, place) => (
              <ProfileRow
                key={entry.id}
                entry={entry}
                onEdit={() => {
                  onEdit({ id: entry.id });
                }}
                onSaid={setSaid}
                onMove={(by) => {
                  void call('profiles.reorder', {
                    ids: moved(
                      entries.map(({ id }) => id),
                      place,
                      by,
                    ),
                  });
                }}
                isFirst={place === 0}
                isLast={place === entries.length - 1}
              />
            ))}
          </ul>
        </Card>
      )}
      {broken.length > 0 && <BrokenFiles broken={broken} />}
    </Page>
  );
}

function moved(ids: readonly string[], place: number, by: -1 | 1): string[] {
  const next = [...ids];
  const [id] = next.splice(place, 1);
  if (id !== undefined) next.splice(place + by, 0, id);
  return next;
}

function ImportMenu() {
  const [isLink, setLink] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <>
      <Menu
        trigger={<Button>{text.import}</Button>}
        items={[
          { label: text.fromFile, onPick: () => chooser.current?.click() },
          {
            label: text.fromLink,
            onPick: () => {
              setLink(true);
            },
          },
        ]}
      />
      <input
        ref={chooser}
        type="file"
        accept=".culvert,.json"
        aria-label={text.fromFile}
        hidden
        onChange={(event) => {
          const file = event.target.files?.[0];
          // The same file may be chosen again.
          event.target.value = '';
          if (file !== undefined) void takeFile(file);
        }}
      />
      {isLink && (
        <LinkDialog
          onClose={() => {
            setLink(false);
          }}
        />
      )}
    </>
  );
}
