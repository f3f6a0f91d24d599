import { useState } from 'react';
import type { ValueTaken } from '../../../../main/contracts/ipc/index.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { formatMoment } from '../../../ui/format.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Confirm } from '../../../ui/confirm/confirm.tsx';
import { Failed } from '../../../ui/failed/failed.tsx';
import { useHostValue } from '../use-host-value.ts';

const text = strings.host.versions;

type Version = ValueTaken<'host.versions'>[number];

export function VersionsTab() {
  const { value, failure, reload } = useHostValue('host.versions');
  const [restoring, setRestoring] = useState<number>();
  const oldest = value?.at(-1)?.number;
  const columns = [
    { title: text.number, cell: ({ number }: Version) => number },
    { title: text.saved, cell: ({ savedAt }: Version) => formatMoment(Date.parse(savedAt)) },
    {
      title: text.changes,
      cell: ({ number, changes }: Version) => {
        if (changes === undefined) return number === oldest ? text.first : text.unreadable;
        return changes.length === 0 ? text.same : changes.join(', ');
      },
    },
  ];
  return (
    <Card title={text.title}>
      <Failed failure={failure} />
      {value?.length === 0 && <p className="muted">{text.none}</p>}
      {value !== undefined && value.length > 0 && (
        <Table
          label={text.title}
          columns={columns}
          rows={value}
          keyOf={({ number }) => number}
          actions={({ number, isPresent }) =>
            isPresent ? (
              <span className="muted">{text.present}</span>
            ) : (
              <Button
                aria-label={text.restoreOf(number)}
                onClick={() => {
                  setRestoring(number);
                }}
              >
                {text.restore}
              </Button>
            )
          }
        />
      )}
      {restoring !== undefined && (
        <Confirm
          title={text.confirm(restoring)}
          description={text.confirmText}
          action={text.restore}
          onClose={() => {
            setRestoring(undefined);
            reload();
          }}
          onConfirm={() => call('host.restore', { version: restoring })}
        />
      )}
    </Card>
  );
}
