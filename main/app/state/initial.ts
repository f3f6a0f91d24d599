import type { AppState } from '../../contracts/app-state/index.ts';
import type { ProgramSlice } from '../../contracts/app-state/program.ts';
import type { Settings } from '../../contracts/app-state/settings.ts';
import { noTraffic } from '../connections/traffic.ts';

export function initialState(program: ProgramSlice, settings: Settings): AppState {
  return {
    program,
    settings,
    profiles: { entries: [], broken: [] },
    certificates: { at: 0, entries: [], damaged: [] },
    importing: { at: 'nothing' },
    connection: { at: 'idle' },
    traffic: noTraffic,
    prompts: [],
    host: { at: 'absent' },
    log: { newest: 0, oldest: 0 },
  };
}
