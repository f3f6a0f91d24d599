import type { HostSession } from '../../../../main/contracts/host-control.ts';
import { call } from '../../../store/client.ts';
import { useNow } from '../../../store/now.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { formatBytes, formatDuration } from '../../../ui/format.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Failed } from '../../../ui/failed/failed.tsx';
import { useHostValue } from '../use-host-value.ts';
import { useAction } from '../../../store/action.ts';

const text = strings.host.sessions;

const columns = [
  { title: text.user, cell: ({ user }: HostSession) => user },
  { title: text.address, cell: ({ address }: HostSession) => <span className="mono">{address}</span> },
  { title: text.from, cell: ({ from }: HostSession) => <span className="mono">{from.address}</span> },
  { title: text.since, cell: ({ since }: HostSession) => <Since since={since} /> },
  { title: text.client, cell: ({ client }: HostSession) => text.clients[client] },
  {
    title: text.traffic,
    cell: ({ receivedBytes, sentBytes }: HostSession) =>
      `${formatBytes(Number(receivedBytes))} / ${formatBytes(Number(sentBytes))}`,
  },
];

function Since({ since }: { readonly since: string }) {
  return <time dateTime={since}>{formatDuration(useNow() - Date.parse(since))}</time>;
}

export function Sessions() {
  const { value = [], failure, reload } = useHostValue('host.sessions');
  const ending = useAction();
  const disconnect = (session: number): void => {
    void ending.run(call('host.disconnect', { session })).then(reload);
  };
  return (
    <Card title={text.title}>
      <Failed failure={failure ?? ending.failure} />
      {value.length === 0 ? (
        <p className="muted">{text.none}</p>
      ) : (
        <Table
          label={text.title}
          columns={columns}
          rows={value}
          keyOf={({ session }) => session}
          actions={({ session, user }) => (
            <Button
              aria-label={text.disconnectOf(user)}
              onClick={() => {
                disconnect(session);
              }}
            >
              {text.disconnect}
            </Button>
          )}
        />
      )}
    </Card>
  );
}
