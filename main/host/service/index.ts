/** Host mode as it runs: `startHost` makes a configuration file a gateway, which is a `RunningHost` until it is over. */
export type { LogLine } from './log.ts';
export type { RunningHost } from './running-host.ts';
export { startHost } from './start-host.ts';
export { ownCertificates } from './configured/certificates.ts';
export { tunnelName } from './configured/network-plan.ts';
export { outboundAddress, surroundings } from './configured/surroundings.ts';
