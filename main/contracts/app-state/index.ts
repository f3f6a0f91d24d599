import type { z } from 'zod';
import { certificatesSlice } from './certificates.ts';
import { connectionSlice } from './connection.ts';
import { hostSlice } from './host.ts';
import { logSlice } from './log.ts';
import { importingSlice, profilesSlice } from './profiles.ts';
import { programSlice } from './program.ts';
import { promptsSlice } from './prompts.ts';
import { settings } from './settings.ts';
import { trafficSlice } from './traffic.ts';

/**
 * What the window shows. The main process owns it and pushes a slice, whole, when it has changed; the window mirrors it. What is
 * long (the log, the graph's samples) is read by calls, and its slice says only that there is more.
 */
export const appState = {
  program: programSlice,
  settings,
  profiles: profilesSlice,
  certificates: certificatesSlice,
  importing: importingSlice,
  connection: connectionSlice,
  traffic: trafficSlice,
  prompts: promptsSlice,
  host: hostSlice,
  log: logSlice,
} as const;

export type AppState = { readonly [Slice in keyof typeof appState]: z.output<(typeof appState)[Slice]> };
export type SliceName = keyof AppState;
