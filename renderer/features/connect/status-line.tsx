import type { ConnectionSlice } from '../../../main/contracts/app-state/connection.ts';
import type { ProfileEntry } from '../../../main/contracts/app-state/profiles.ts';
import { useNow } from '../../store/now.ts';
import { useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { formatDuration } from '../../ui/format.ts';
import styles from './connect.module.css';

const text = strings.connect;

/** How the connection is, in a word, and what that means for the user's traffic. Read out when it changes. */
export function StatusLine({ profile }: { readonly profile: ProfileEntry }) {
  const connection = useSlice('connection');
  return (
    <div className={styles.status}>
      <p className={styles.state} data-at={connection.at} role="status">
        {stateOf(connection)}
      </p>
      <p className="muted">
        <Detail connection={connection} profile={profile} />
      </p>
    </div>
  );
}

function stateOf(connection: ConnectionSlice): string {
  if (connection.at === 'dialling' && connection.attempt > 1) return text.status.again(connection.attempt);
  if (connection.at === 'waiting') return text.status.again(connection.attempt);
  return text.status[connection.at];
}

function Detail({ connection, profile }: { readonly connection: ConnectionSlice; readonly profile: ProfileEntry }) {
  switch (connection.at) {
    case 'connected':
      return (
        <>
          <Since at={connection.since} /> · {text.statusDetail[profile.mode](connection.target.name)}
        </>
      );
    case 'waiting':
      return <Until at={connection.until} />;
    case 'stopping':
      return text.statusDetail.stopping;
    case 'dialling':
      return connection.target.gateway;
    case 'idle':
    case 'failed':
      return profile.killSwitch ? text.statusDetail.killSwitch : text.statusDetail.idle;
  }
}

function Since({ at }: { readonly at: number }) {
  return <time className={styles.time}>{formatDuration(useNow() - at)}</time>;
}

function Until({ at }: { readonly at: number }) {
  return text.status.waiting(Math.max(0, Math.ceil((at - useNow()) / 1000)));
}
