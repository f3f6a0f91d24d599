/** The names on Electron's wire: calls go one way, slices of the state the other. */
export const channels = { call: 'culvert:call', state: 'culvert:state' } as const;

/** What the preload script puts into the window as `window.culvert`; it checks nothing, the main process does. */
export interface Bridge {
  call(name: string, argument: unknown): Promise<unknown>;
  /** @returns what ends it */
  onState(listener: (slice: string, value: unknown) => void): () => void;
}
