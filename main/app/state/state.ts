import { appState, type AppState, type SliceName } from '../../contracts/app-state/index.ts';

type Listener = <Name extends SliceName>(slice: Name, value: AppState[Name]) => void;

/** What the window shows: one owner, any number of watchers, each slice replaced as a whole. */
export class State {
  #slices: AppState;
  readonly #listeners = new Set<Listener>();

  constructor(initial: AppState) {
    this.#slices = initial;
  }

  read<Name extends SliceName>(slice: Name): AppState[Name] {
    return this.#slices[slice];
  }

  all(): AppState {
    return this.#slices;
  }

  /** Nobody is told of a value that is the present one. */
  write<Name extends SliceName>(slice: Name, value: AppState[Name]): void {
    if (value === this.#slices[slice]) return;
    // What is not in the contract does not leave this process: a mistake here is found here.
    appState[slice].parse(value);
    this.#slices = { ...this.#slices, [slice]: value };
    for (const listener of this.#listeners) listener(slice, value);
  }

  /** @returns what ends it */
  watch(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Every slice as it is now. */
  tellAll(listener: Listener): void {
    for (const slice of Object.keys(this.#slices) as SliceName[]) listener(slice, this.#slices[slice]);
  }
}
