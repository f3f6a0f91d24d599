import type { AppState } from '../../contracts/app-state/index.ts';

export interface Message {
  readonly title: string;
  readonly body: string;
}

type Watched = Pick<AppState, 'connection' | 'prompts'>;

/** What is worth a notification between two states, for a user who does not look at the window. Pure. */
export function messageFor(before: Watched, now: Watched): Message | undefined {
  const asked = now.prompts.find(({ id }) => !before.prompts.some((earlier) => earlier.id === id));
  if (asked !== undefined) {
    return { title: `${asked.connection} needs you`, body: 'Open Culvert to answer what the gateway asks.' };
  }
  const { connection } = now;
  if (connection.at === before.connection.at) return undefined;
  switch (connection.at) {
    case 'connected': {
      const { localAddress } = connection.summary;
      return { title: `Connected to ${connection.target.name}`, body: `Your address is ${localAddress}.` };
    }
    case 'dialling':
    case 'waiting':
      if (before.connection.at !== 'connected') return undefined;
      return { title: `${connection.target.name} was lost`, body: 'Culvert is connecting again.' };
    case 'failed': {
      const { cause, fix } = connection.failure;
      return { title: `Not connected to ${connection.target.name}`, body: `${cause} ${fix}` };
    }
    case 'idle':
    case 'stopping':
      return undefined;
  }
}
