import type { MenuItemConstructorOptions } from 'electron';
import type { ConnectionSlice } from '../../contracts/app-state/connection.ts';
import type { ProfilesSlice } from '../../contracts/app-state/profiles.ts';

export interface TrayActions {
  readonly open: () => void;
  readonly connect: (profile: string) => void;
  readonly disconnect: () => void;
  readonly quit: () => void;
}

/** So many profiles are in the menu: the window has the others. */
const listedProfiles = 8;

interface TrayMenu {
  readonly status: string;
  readonly items: MenuItemConstructorOptions[];
}

export function trayMenu(
  connection: ConnectionSlice,
  profiles: ProfilesSlice,
  selected: string | undefined,
  actions: TrayActions,
): TrayMenu {
  const status = statusOf(connection);
  const isOff = connection.at === 'idle' || connection.at === 'failed';
  const entry = profiles.entries.find(({ id }) => id === selected) ?? profiles.entries[0];
  const others = profiles.entries.filter(({ id }) => id !== entry?.id).slice(0, listedProfiles);
  const connectItem = ({ id, name }: { readonly id: string; readonly name: string }): MenuItemConstructorOptions => ({
    label: `Connect to ${name}`,
    click: () => {
      actions.connect(id);
    },
  });
  return {
    status: `Culvert: ${status}`,
    items: [
      { label: status, enabled: false },
      ...(isOff ? (entry === undefined ? [] : [connectItem(entry)]) : [endItem(connection, actions)]),
      ...(isOff && others.length > 0 ? [{ label: 'Other profiles', submenu: others.map(connectItem) }] : []),
      { type: 'separator' },
      { label: 'Open Culvert', click: actions.open },
      { type: 'separator' },
      { label: 'Quit', click: actions.quit },
    ],
  };
}

function endItem({ at }: ConnectionSlice, { disconnect }: TrayActions): MenuItemConstructorOptions {
  return {
    label: at === 'connected' ? 'Disconnect' : 'Stop connecting',
    enabled: at !== 'stopping',
    click: disconnect,
  };
}

function statusOf(connection: ConnectionSlice): string {
  switch (connection.at) {
    case 'idle':
      return 'Not connected';
    case 'dialling':
      return `Connecting to ${connection.target.name} …`;
    case 'connected':
      return `Connected to ${connection.target.name}`;
    case 'waiting':
      return `${connection.target.name} was lost; connecting again soon`;
    case 'stopping':
      return 'Disconnecting …';
    case 'failed':
      return `Not connected: ${connection.failure.cause}`.slice(0, 120);
  }
}
