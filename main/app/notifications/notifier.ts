import type { State } from '../state/state.ts';
import { messageFor } from './messages.ts';
import { notifier } from './show.ts';

/** Tells the user what they would otherwise have to look for; not while the window is before them, nor against the setting. */
export function notifyOf(state: State, isLookedAt: () => boolean, open: () => void): void {
  const watched = () => ({ connection: state.read('connection'), prompts: state.read('prompts') });
  const show = notifier(state, open);
  let before = watched();
  state.watch((slice) => {
    if (slice !== 'connection' && slice !== 'prompts') return;
    const message = messageFor(before, watched());
    before = watched();
    if (message !== undefined && !isLookedAt()) show(message);
  });
}
