import type { ConnectionSlice } from '../../contracts/app-state/connection.ts';
import { trialId } from '../../contracts/app-state/trial.ts';
import type { State } from '../state/state.ts';
import type { ConnectedMark } from './mark.ts';

/** Shows what the last run left to say, and marks this run while it is connected. */
export function watchForInterruption(mark: ConnectedMark, state: State, log: (text: string) => void): void {
  const earlier = mark.read();
  if (earlier !== undefined) state.write('program', { ...state.read('program'), interrupted: earlier });
  let marked = false;
  const follow = (connection: ConnectionSlice): void => {
    if (connection.at === 'connected' && !marked) {
      const { target, since } = connection;
      // A trial leaves this computer's network alone.
      if (target.profile === trialId) return;
      marked = true;
      mark.write({ profile: target.profile, name: target.name, since });
      forgetInterruption(state);
    } else if (marked && (connection.at === 'idle' || connection.at === 'failed')) {
      // Not before: until then routes and name servers may still be the connection's.
      marked = false;
      mark.remove();
    }
  };
  state.watch((slice) => {
    try {
      if (slice === 'connection') follow(state.read('connection'));
      // The user has read it.
      if (slice === 'program' && !marked && state.read('program').interrupted === undefined) mark.remove();
    } catch (error) {
      log(`a killed connection will not be noticed, or be told of again: ${String(error)}`);
    }
  });
}

export function forgetInterruption(state: State): void {
  const { interrupted, ...program } = state.read('program');
  if (interrupted !== undefined) state.write('program', program);
}
