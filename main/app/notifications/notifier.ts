import { Notification } from 'electron';
import type { State } from '../state/state.ts';
import { messageFor } from './messages.ts';

/** Tells the user what they would otherwise have to look for; not while the window is before them, nor against the setting. */
export function notifyOf(state: State, isLookedAt: () => boolean, open: () => void): void {
  const watched = () => ({ connection: state.read('connection'), prompts: state.read('prompts') });
  let before = watched();
  let shown: Notification | undefined;
  state.watch((slice) => {
    if (slice !== 'connection' && slice !== 'prompts') return;
    const message = messageFor(before, watched());
    before = watched();
    if (message === undefined || !state.read('settings').notifications || isLookedAt()) return;
    if (!Notification.isSupported()) return;
    // The newest counts: an earlier one says what is no longer so.
    shown?.close();
    shown = new Notification(message);
    shown.on('click', open);
    shown.show();
  });
}
