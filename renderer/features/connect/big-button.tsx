import { Power } from 'lucide-react';
import type { ProfileEntry } from '../../../main/contracts/app-state/profiles.ts';
import { call } from '../../store/client.ts';
import { useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import styles from './connect.module.css';

const text = strings.connect;

/** Connect, or the way back from wherever the connection is. */
export function BigButton({ profile }: { readonly profile: ProfileEntry }) {
  const { at } = useSlice('connection');
  const [word, label] = wordsFor(at, profile.name);
  const isOff = at === 'idle' || at === 'failed';
  return (
    <button
      type="button"
      className={styles.big}
      data-at={at}
      aria-label={label}
      disabled={at === 'stopping'}
      onClick={() => {
        if (isOff) void call('connection.connect', { profile: profile.id });
        else void call('connection.disconnect');
      }}
    >
      <span className={styles.ring} aria-hidden />
      <Power aria-hidden className={styles.power} />
      <span>{word}</span>
    </button>
  );
}

function wordsFor(at: string, name: string): [word: string, label: string] {
  switch (at) {
    case 'connected':
    case 'stopping':
      return [text.disconnect, text.disconnectFrom(name)];
    case 'dialling':
    case 'waiting':
      return [text.cancel, text.cancelConnecting(name)];
    default:
      return [text.connect, text.connectTo(name)];
  }
}
