import { create } from 'zustand';
import type { AppState, SliceName } from '../../main/contracts/app-state/index.ts';
import { call } from './client.ts';

/** The mirror of what the main process pushes; empty until the first push. */
export const useMirror = create<Partial<AppState>>(() => ({}));

/** A slice of the state. To be used below `Ready`, where every slice is there. */
export function useSlice<Name extends SliceName>(name: Name): AppState[Name] {
  return useMirror((state) => {
    const slice = state[name];
    if (slice === undefined) throw new Error(`the state has no ${name} yet`);
    return slice;
  });
}

/** Begins to mirror. Slices come whole, so a missed or repeated one does no harm. */
export function mirrorState(): void {
  window.culvert.onState((slice, value) => {
    useMirror.setState({ [slice]: value });
  });
  void call('window.subscribe');
}
