export { everyServer, startLease, stepLease } from './lease.ts';
export { leaseDeadlineMs, leaseTransaction, type LeaseState } from './state.ts';
export type { LeaseConfig, LeaseEffect, LeaseFailure, LeaseInput, LeaseLoss } from './types.ts';
