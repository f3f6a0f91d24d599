/** Host mode as it runs: `startHost` makes a configuration file a gateway, which is a `RunningHost` until it is over. */
export type { HostLog, LogLine } from './log.ts';
export type { RunningHost } from './running-host.ts';
export { startHost, type HostOptions, type StartedHost } from './start-host.ts';
export { surroundings } from './configured/surroundings.ts';
