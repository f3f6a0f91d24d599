export { createHost, hostDeadlineMs, stepHost } from './host.ts';
export type { HostState } from './state.ts';
export { defaultLimits, nothingCounted } from './types.ts';
export type * from './types.ts';
