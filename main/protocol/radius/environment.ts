import type { Environment } from '../machine.ts';

/** The date is for Event-Timestamp alone; everything else goes by `nowMs`. */
export interface RadiusEnvironment extends Environment {
  readonly unixSeconds: number;
}
