import type { Settings, SettingsChange } from '../../contracts/app-state/settings.ts';
import type { Result } from '../../contracts/failure.ts';
import { failure } from '../../contracts/failure.ts';
import { describeSystemError } from '../../files/system-error.ts';
import type { State } from '../state/state.ts';
import type { SettingsStore } from './store.ts';

/** What follows from settings. `before`: they were changed, and had been these. @throws on system errors */
type Apply = (settings: Settings, before?: Settings) => void;

/** Changes settings: in effect first, then on the disk, then in what the window shows. */
export class SettingsDesk {
  readonly #store: SettingsStore;
  readonly #state: State;
  readonly #apply: Apply;

  constructor(store: SettingsStore, state: State, apply: Apply) {
    this.#store = store;
    this.#state = state;
    this.#apply = apply;
    apply(state.read('settings'));
  }

  change(members: SettingsChange): Result<undefined> {
    const before = this.#state.read('settings');
    const changed = { ...before, ...members };
    try {
      this.#apply(changed, before);
      this.#store.write(changed);
    } catch (error) {
      return { ok: false, failure: failure('app.settings', { reason: describeSystemError(error) }) };
    }
    this.#state.write('settings', changed);
    return { ok: true, value: undefined };
  }
}
