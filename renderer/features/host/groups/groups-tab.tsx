import { useState } from 'react';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { Empty } from '../../../ui/page/page.tsx';
import { Table } from '../../../ui/table/table.tsx';
import { Confirm } from '../../../ui/confirm/confirm.tsx';
import { Failed } from '../../../ui/failed/failed.tsx';
import { useHostValue } from '../use-host-value.ts';
import { GroupDialog } from './group-dialog.tsx';
import type { KnownGroup } from './typed-group.ts';

const text = strings.host.groups;

interface Row {
  readonly name: string;
  readonly group: KnownGroup;
}
type Open = { readonly dialog: 'add' } | { readonly dialog: 'edit' | 'remove'; readonly row: Row };

const columns = [
  { title: text.name, cell: ({ name }: Row) => name },
  { title: text.policy, cell: ({ group }: Row) => summaryOf(group) },
];

export function GroupsTab() {
  const { value, failure, reload } = useHostValue('host.groups');
  const [open, setOpen] = useState<Open>();
  const close = (): void => {
    setOpen(undefined);
    reload();
  };
  const add = (
    <Button
      kind="primary"
      onClick={() => {
        setOpen({ dialog: 'add' });
      }}
    >
      {text.add}
    </Button>
  );
  const rows = (value?.groups ?? []) as readonly Row[];
  return (
    <Card title={text.title} aside={add}>
      <Failed failure={failure} />
      {value !== undefined && rows.length === 0 && <Empty title={text.none.title}>{text.none.text}</Empty>}
      {rows.length > 0 && (
        <>
          <p className="muted">{text.text}</p>
          <Table
            label={text.title}
            columns={columns}
            rows={rows}
            keyOf={({ name }) => name}
            actions={(row) => <RowButtons row={row} onOpen={setOpen} />}
          />
        </>
      )}
      {open?.dialog === 'add' && <GroupDialog pools={value?.pools ?? []} onClose={close} />}
      {open?.dialog === 'edit' && <GroupDialog known={open.row} pools={value?.pools ?? []} onClose={close} />}
      {open?.dialog === 'remove' && (
        <Confirm
          title={`${text.removeOf(open.row.name)}?`}
          description={text.consequence}
          action={text.remove}
          onClose={close}
          onConfirm={() => call('host.removeGroup', { name: open.row.name })}
        />
      )}
    </Card>
  );
}

function RowButtons({ row, onOpen }: { readonly row: Row; readonly onOpen: (open: Open) => void }) {
  return (
    <>
      <Button
        aria-label={text.edit(row.name)}
        onClick={() => {
          onOpen({ dialog: 'edit', row });
        }}
      >
        {text.change}
      </Button>{' '}
      <Button
        kind="quiet"
        aria-label={text.removeOf(row.name)}
        onClick={() => {
          onOpen({ dialog: 'remove', row });
        }}
      >
        {text.remove}
      </Button>
    </>
  );
}

function summaryOf({ tunnel, routes, reach, rate, idleTimeout, sessionTimeout, dns, oneTimeCode }: KnownGroup): string {
  const { summary } = text;
  const said = [
    ...(tunnel === 'full' ? [summary.full] : []),
    ...(tunnel === 'split' ? [summary.split(routes?.join(', ') ?? '–')] : []),
    ...(reach === undefined ? [] : [summary.reach(reach.length)]),
    ...(oneTimeCode === 'required' ? [summary.oneTimeCode] : []),
    ...(rate === undefined ? [] : [summary.rate]),
    ...(idleTimeout === undefined && sessionTimeout === undefined ? [] : [summary.timeouts]),
    ...(dns === undefined ? [] : [summary.dns]),
  ];
  return said.join('; ') || text.nothing;
}
