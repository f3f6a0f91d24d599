import { Notification } from 'electron';
import type { State } from '../state/state.ts';
import type { Message } from './messages.ts';

/** Shows one message at a time: the newest counts, an earlier one says what is no longer so. @returns whether it was shown */
export function notifier(state: State, open: () => void): (message: Message) => boolean {
  let shown: Notification | undefined;
  return (message) => {
    if (!state.read('settings').notifications || !Notification.isSupported()) return false;
    shown?.close();
    shown = new Notification(message);
    shown.on('click', open);
    shown.show();
    return true;
  };
}
