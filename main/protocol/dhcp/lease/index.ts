export { everyServer, startLease, stepLease } from './lease.ts';
export { leaseDeadlineMs, leaseTransaction, type LeaseState } from './state.ts';
export type { LeaseConfig, LeaseEffect, LeaseInput } from './types.ts';
