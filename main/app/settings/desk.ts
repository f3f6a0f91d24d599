import type { Settings, SettingsChange } from '../../contracts/app-state/settings.ts';
import type { Result } from '../../contracts/failure.ts';
import { failure } from '../../contracts/failure.ts';
import { describeSystemError } from '../../profiles/load.ts';
import type { State } from '../state/state.ts';
import type { SettingsStore } from './store.ts';

/** Changes settings: on the disk first, then in what the window shows, then in effect. */
export class SettingsDesk {
  readonly #store: SettingsStore;
  readonly #state: State;
  readonly #apply: (settings: Settings) => void;

  constructor(store: SettingsStore, state: State, apply: (settings: Settings) => void) {
    this.#store = store;
    this.#state = state;
    this.#apply = apply;
    apply(state.read('settings'));
  }

  change(members: SettingsChange): Result<undefined> {
    const changed = { ...this.#state.read('settings'), ...members };
    try {
      this.#store.write(changed);
    } catch (error) {
      return { ok: false, failure: failure('app.settings', { reason: describeSystemError(error) }) };
    }
    this.#state.write('settings', changed);
    this.#apply(changed);
    return { ok: true, value: undefined };
  }
}
