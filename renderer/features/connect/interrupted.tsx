import { call } from '../../store/client.ts';
import { useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { formatMoment } from '../../ui/format.ts';
import { Notice } from '../../ui/notice/notice.tsx';
import { DismissButton } from './dismiss-button.tsx';

const text = strings.connect.interrupted;

/** The last run was killed while it was connected: said once, with the way back. */
export function Interrupted() {
  const { interrupted } = useSlice('program');
  const { at } = useSlice('connection');
  const { entries } = useSlice('profiles');
  if (interrupted === undefined || at !== 'idle') return null;
  const { profile, name, since } = interrupted;
  return (
    <Notice
      kind="warning"
      title={text.title(name, formatMoment(since))}
      actions={
        <>
          {entries.some(({ id }) => id === profile) && (
            <Button
              kind="primary"
              onClick={() => {
                void call('connection.connect', { profile });
              }}
            >
              {text.again}
            </Button>
          )}
          <DismissButton />
        </>
      }
    >
      {text.text}
    </Notice>
  );
}
